"""How long a sender may be silent: late after 2 of its own intervals, stale after 3, lost after 6.

`Watch` keeps one deadline a row in a heap, so that passing time costs what changes and not what is there.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from typing import Final, Generic, TypeVar

from fxtop.cluster.records import Liveness, Row

LATE_AFTER: Final = 2
STALE_AFTER: Final = 3
LOST_AFTER: Final = 6
DEFAULT_INTERVAL: Final = 60.0
"""Seconds expected between messages of a sender whose heartbeat, and so its interval, was not heard yet.

The slowest thing that every node repeats is its session snapshot, every 60 s (protocol 2).
"""

SLACK: Final = 1_000
"""Deadlines that don't hold any more, beyond which they are swept out."""

K = TypeVar("K", bound=str)
R = TypeVar("R", bound=Row)


def judge(heard: float, interval: float, now: float) -> tuple[Liveness, float | None]:
    """The liveness at monotonic ``now``, and the moment at which it changes next if nothing is heard."""
    if now < heard + LATE_AFTER * interval:
        return Liveness.LIVE, heard + LATE_AFTER * interval
    if now < heard + STALE_AFTER * interval:
        return Liveness.LATE, heard + STALE_AFTER * interval
    if now < heard + LOST_AFTER * interval:
        return Liveness.STALE, heard + LOST_AFTER * interval
    return Liveness.LOST, None


class Watch(Generic[K, R]):
    """The deadlines of one kind of rows.

    A deadline is never later than the true one, and is moved only when it is met: hearing a row costs nothing here.
    """

    def __init__(self, rows: Mapping[K, R], interval_of: Callable[[R], float | None]) -> None:
        self._rows = rows
        self._interval_of = interval_of
        self._heap: list[tuple[float, K]] = []
        self._due: dict[K, float] = {}

    def expect(self, key: K) -> None:
        """Begin to watch a row, or watch it more closely because its interval became shorter."""
        row = self._rows[key]
        due = row.heard + LATE_AFTER * self._interval(row)
        if due < self._due.get(key, float("inf")):
            self._schedule(key, due)

    def overdue(self, now: float) -> list[tuple[K, Liveness]]:
        """Rows whose liveness is another one at monotonic ``now``, with it. The caller writes it into them."""
        changed = []
        while self._heap and self._heap[0][0] <= now:
            due, key = heapq.heappop(self._heap)
            if self._due.get(key) != due:
                continue
            del self._due[key]
            row = self._rows.get(key)
            if row is None or row.liveness is Liveness.LEFT:
                continue
            liveness, after = judge(row.heard, self._interval(row), now)
            if after is not None:
                self._schedule(key, after)
            if liveness is not row.liveness:
                changed.append((key, liveness))
        return changed

    def _schedule(self, key: K, due: float) -> None:
        self._due[key] = due
        heapq.heappush(self._heap, (due, key))
        if len(self._heap) > 2 * len(self._due) + SLACK:
            self._heap = [(due, key) for key, due in self._due.items()]
            heapq.heapify(self._heap)

    def _interval(self, row: R) -> float:
        return self._interval_of(row) or DEFAULT_INTERVAL


def is_heard(liveness: Liveness) -> bool:
    """Whether what was said last may be taken for the present state."""
    return liveness is Liveness.LIVE or liveness is Liveness.LATE
