"""Sessions that wait long to be started.

How long a session waited before it was first heard is told by its own node's clock alone, so that skew does no harm.
"""

from __future__ import annotations

import heapq
from typing import Final

from fxtop.cluster import notices
from fxtop.cluster.records import SessionKey
from fxtop.cluster.tables import Tables

LONG: Final = 300.0
"""Seconds of waiting that are worth a word."""
LONGEST: Final = 1e9
"""Seconds; what a sender's clock may claim at most."""
SLACK: Final = 1_000
"""Deadlines of sessions that are not pending any more, beyond which they are swept out."""


class Waits:
    """Since when sessions are pending, and which of them are so for long."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._heap: list[tuple[float, SessionKey]] = []
        self._since: dict[SessionKey, float] = {}
        self.long: dict[SessionKey, float] = {}
        """Sessions that wait for more than `LONG`, with the monotonic moment at which they began to."""
        self.rev = 0
        """Differs whenever ``long`` does."""

    def pending(self, key: SessionKey, at: float, waited: float) -> None:
        """A session was heard to be pending at monotonic ``at``, having ``waited`` so many seconds already."""
        if key not in self._since:
            since = self._since[key] = at - min(max(0.0, waited), LONGEST)
            heapq.heappush(self._heap, (since + LONG, key))
            if len(self._heap) > 2 * len(self._since) + SLACK:
                self._heap = [(since + LONG, key) for key, since in self._since.items() if key not in self.long]
                heapq.heapify(self._heap)

    def over(self, key: SessionKey) -> None:
        """A session is not pending, or not there, any more."""
        if self._since.pop(key, None) is not None and self.long.pop(key, None) is not None:
            self.rev += 1
            notices.waited_long(self._tables, key)

    def waited(self, key: SessionKey, now: float) -> float | None:
        """Seconds that a session has been pending at monotonic ``now``; None where it is not."""
        since = self._since.get(key)
        return now - since if since is not None else None

    def advance(self, now: float) -> None:
        """Notice who waits for long by now, and tell."""
        while self._heap and self._heap[0][0] <= now:
            due, key = heapq.heappop(self._heap)
            if self._since.get(key, due) + LONG == due and key not in self.long:
                self.long[key] = self._since[key]
                self.rev += 1
                notices.waits_long(self._tables, key, LONG)
