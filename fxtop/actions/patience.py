"""When to stop believing that a request is still being worked on. It is then unknown, never failed: late truth wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from fxtop.actions.targets import GONE
from fxtop.cluster.records import JobRow, JobState
from fxtop.protocol.ids import NodeId
from fxtop.views.format import plural, spoken_duration

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

SILENCE: Final = 120.0
"""Seconds without a word of progress after which nobody knows; a termination's grace comes on top."""

DRAIN_ENDED: Final = 30.0
"""Seconds that a drain's last word may be behind the heartbeat that says that the node takes sessions again."""


class GivenUp(NamedTuple):
    """Why the outcome of a request is no longer expected."""

    code: str
    sentence: str


def given_up(job: JobRow, grace: float, store: Store) -> GivenUp | None:
    """Why nobody can say any more what becomes of an accepted ``job``, or None while there is hope.

    ``grace`` is what a termination gives the sessions, in seconds.
    """
    if job.state not in (JobState.ACCEPTED, JobState.RUNNING) or _waits(job, store):
        return None
    if store.hearing.silence_counts():
        return _by_silence(job, grace, store)
    return None  # it is we who can't hear; when we can again, its receiver is asked


def _by_silence(job: JobRow, grace: float, store: Store) -> GivenUp | None:
    node = store.nodes.get(NodeId(job.target))
    if node is not None and node.liveness in GONE:
        heard = spoken_duration(store.age(node))
        return GivenUp("lost", f"{node.id} was last heard {heard} ago; {_progress(job)}, and the rest is not known")
    silent = store.age(job)
    if job.verb == "drain":
        active = node is not None and node.beat is not None and node.beat.state == "active"
        if active and silent > DRAIN_ENDED:
            return GivenUp("ended", f"{job.target} takes new sessions again, and its drain ended without a word")
        return None  # it may last for days, and the node's heartbeats say that it does
    if silent <= SILENCE + grace:
        return None
    heard = spoken_duration(silent)
    return GivenUp("silent", f"nothing was heard of it for {heard}; {_progress(job)}, and the rest is not known")


def _waits(job: JobRow, store: Store) -> bool:
    """Whether it waits for a second person, which it does on its agent's disk, whatever happens to the agent."""
    return job.waits is not None and store.clock.now() < job.waits.until


def _progress(job: JobRow) -> str:
    if not job.total:
        return "it was accepted"
    return f"{job.done} of {plural(job.total, 'item')} were done by then"
