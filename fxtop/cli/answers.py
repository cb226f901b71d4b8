"""How long a command waits for the agents' answers to its question, and what it knows to be missing at the end.

How many will answer isn't known, so no rule is sure. But whoever is slow shows it: in the pauses between answers, and
in heartbeats of nodes that have not answered yet. A node speaks every 5 s by itself, so where many answers are still to
come some of those nodes are heard in every tenth of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from fxtop.actions.words import listed
from fxtop.cluster.records import Liveness

if TYPE_CHECKING:
    from fxtop.cluster.records import NodeRow

LIMIT: Final = 30.0
"""Seconds after which nobody is waited for, even where answers still come in."""
PAUSES: Final = 3.0
"""How many times the longest pause so far is waited for another answer."""
LONGEST_QUIET: Final = 3.0
"""Seconds that are waited so at most."""


class Answers:
    """The answers to one question as they come in. All moments are the monotonic clock's."""

    def __init__(self, asked: float, *, spread: float, first: float, quiet: float) -> None:
        """A question that every agent had at ``asked``.

        Args:
            asked: When the server had passed it on.
            spread: Seconds within which the agents were asked to answer.
            first: Seconds for the first answer, and for those of nodes that are heard otherwise.
            quiet: Seconds without an answer after which all are in; more than ``spread``.
        """
        self._asked = asked
        self._spread = asked + spread
        self._first = first
        self._quiet = quiet
        self._latest: float | None = None

    def came(self, at: float, now: float) -> None:
        """Note answers: the first of them came in ``at``, and by ``now`` all were taken in.

        Only pauses count in which we listened, after the time over which the agents spread their answers.
        """
        since = self._spread if self._latest is None else max(self._spread, self._latest)
        self._quiet = max(self._quiet, min(LONGEST_QUIET, PAUSES * (at - since)))
        self._latest = now

    def left(self, now: float, behind: Callable[[], bool]) -> float:
        """Seconds to wait for the next answer; 0 or less when it is over.

        Args:
            now: This moment.
            behind: Tells whether nodes are heard that have not answered.
        """
        if self._latest is None:
            left = self._asked + self._first - now
        else:
            left = self._latest + self._quiet - now
            if left <= 0 and behind():
                left = self._latest + max(self._first, self._quiet) - now
        return min(left, self._asked + LIMIT - now)

    def cut_off(self, now: float) -> bool:
        """Whether the time is over, and answers were still coming in."""
        return now >= self._asked + LIMIT and self._latest is not None and now < self._latest + self._quiet


def unanswered(nodes: Sequence[NodeRow], *, sessions: bool) -> list[NodeRow]:
    """Those whose heartbeat was heard and whose answer was not.

    Args:
        nodes: All that are known.
        sessions: Whether their sessions were asked for too; an agent tells them last.
    """
    return [row for row in nodes if row.beat and row.liveness is not Liveness.LEFT and not _told(row, sessions)]


def _told(row: NodeRow, sessions: bool) -> bool:
    counted = row.beat.sessions.total if row.beat else 0
    return row.facts is not None and (bool(row.sessions) or not (sessions and counted))


def still_coming(nodes: int) -> str:
    """What to say where answers were still coming when the time was over."""
    return (
        f"{_counted(nodes)} answered so far, and more were still answering after {LIMIT:g} "
        "s: others are missing here. Ask again when the bus is less busy."
    )


def not_answering(silent: Sequence[NodeRow], nodes: int) -> str:
    """What to say of nodes that are heard and did not answer."""
    names = listed(sorted(row.id for row in silent))
    return (
        f"{len(silent):,} of {_counted(nodes)} are heard but have not answered ({names}): what is known of them "
        "is not all, and nodes that are not heard may be missing too. Ask again, or look after their agents."
    )


def interrupted(why: str) -> str:
    """What to say where the connection was lost meanwhile."""
    what = "The connection was lost while the nodes were answering, so some may be missing here: ask again."
    return f"{what} {why}".rstrip()


def dropped(messages: int) -> str:
    """What to say where messages could not be kept until they were taken in."""
    return f"More came than could be taken in: {messages:,} messages were dropped, so something may be missing here."


def _counted(nodes: int) -> str:
    return f"{nodes:,} {'node' if nodes == 1 else 'nodes'}"
