"""How the requests of a command ended, in words, as data, and as an exit code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Final, Protocol

from fxtop.cli.exits import Exit
from fxtop.cluster.records import JobState
from fxtop.protocol.consent import CODE as SECOND_PERSON
from fxtop.views.column import Look
from fxtop.views.format import moment

if TYPE_CHECKING:
    from fxtop.cluster.records import JobRow


class Answered(Protocol):
    """A job, or what a receiver says to a dry run."""

    @property
    def state(self) -> JobState:
        """Where it stands."""
        ...

    @property
    def code(self) -> str:
        """Why, in a word."""
        ...


MOST_FAILURES: Final = 20
"""Of one job, that are told one by one."""
_UNDER_WAY: Final = frozenset((JobState.REQUESTED, JobState.ACCEPTED, JobState.RUNNING))
_REFUSED: Final = frozenset((JobState.REFUSED, JobState.UNSUPPORTED))


def awaits_approval(answer: Answered) -> bool:
    """Whether nothing is done before a second person approves it."""
    return answer.code == SECOND_PERSON and answer.state in _UNDER_WAY


def exit_code(answers: Sequence[Answered], *, waited: bool) -> Exit:
    """One code for all: 0 only when each went well, a refusal only when each was refused.

    Where the end was ``waited`` for, a job that has none yet is one of which nothing is known.
    """
    states = {answer.state for answer in answers}
    if answers and all(answer.code == "bus_down" for answer in answers):
        return Exit.NO_BUS
    if states and states <= _REFUSED:
        return Exit.REFUSED
    if states & (_REFUSED | {JobState.FAILED, JobState.PARTIAL}):
        return Exit.FAILED
    if any(map(awaits_approval, answers)):
        return Exit.WAITS
    if JobState.UNKNOWN in states or (waited and states & _UNDER_WAY):
        return Exit.NO_EVIDENCE
    return Exit.DONE


def progress(job: JobRow, tz: tzinfo = UTC) -> str:
    """A job in a line, with times in the zone ``tz``."""
    if job.waits is not None and not job.state.ended:
        until = moment(job.waits.until, Look(tz=tz))
        return f"{job.target}: {job.verb} waits for a second person until {until}: fxtop approve {job.id}"
    count = f" {job.done}/{job.total}" if job.total else ""
    detail = f": {job.detail}" if job.detail else ""
    return f"{job.target}: {job.verb} {job.state}{count}{detail}"


def failures(job: JobRow) -> Iterator[str]:
    """What of a job failed and why, a line each."""
    failed = [item for item in job.items if item.status == "failed"]
    for item in failed[:MOST_FAILURES]:
        yield f"{job.target}: {item.id}: {item.detail or 'failed, and it is not said why'}"
    if len(failed) > MOST_FAILURES:
        yield f"{job.target}: {len(failed) - MOST_FAILURES} more failed; -o json lists all."
