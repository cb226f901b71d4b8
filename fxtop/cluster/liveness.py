"""How long a sender may be silent: late after 2 of its own intervals, stale after 3, lost after 6.

`Watch` keeps one deadline a row, so that passing time costs what changes and not what is there.
"""

from __future__ import annotations

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

BUCKET: Final = 0.25
"""Seconds that a bucket's deadlines lie apart at most. Those of the present one are looked at until they are met."""

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
    """The deadlines of one kind of rows, in buckets of those that are close together.

    A deadline is never later than the true one, and is moved only when it is met: hearing a row costs nothing here.
    """

    def __init__(self, rows: Mapping[K, R], interval_of: Callable[[R], float | None]) -> None:
        self._rows = rows
        self._interval_of = interval_of
        self._buckets: dict[int, dict[K, None]] = {}
        """By the number of the bucket, in the order in which the deadlines were set."""
        self._due: dict[K, int] = {}
        """The bucket in which a row's deadline is."""

    def expect(self, key: K) -> None:
        """Begin to watch a row, or watch it more closely because its interval became shorter."""
        row = self._rows[key]
        bucket = _bucket(row.heard + LATE_AFTER * self._interval(row))
        known = self._due.get(key)
        if known is None:
            self._schedule(key, bucket)
        elif bucket < known:
            later = self._buckets[known]
            del later[key]
            if not later:
                del self._buckets[known]
            self._schedule(key, bucket)

    def overdue(self, now: float) -> list[tuple[K, Liveness]]:
        """Rows whose liveness is another one at monotonic ``now``, with it. The caller writes it into them."""
        changed: list[tuple[K, Liveness]] = []
        present, rows, schedule, live = _bucket(now), self._rows, self._schedule, Liveness.LIVE
        for bucket in sorted([bucket for bucket in self._buckets if bucket <= present]):
            for key in self._buckets.pop(bucket):
                row = rows.get(key)
                if row is not None and row.liveness is live:  # and heard since, as nearly all are
                    deadline = row.heard + LATE_AFTER * self._interval(row)
                    if now < deadline:
                        schedule(key, int(deadline / BUCKET))
                        continue
                del self._due[key]
                liveness = self._look_at(key, row, now)
                if liveness is not None:
                    changed.append((key, liveness))
        return changed

    def _look_at(self, key: K, row: R | None, now: float) -> Liveness | None:
        """What has become of a row whose deadline is met, if anything; and go on watching it."""
        if row is None or row.liveness is Liveness.LEFT:
            return None
        liveness, after = judge(row.heard, self._interval(row), now)
        if after is not None:
            self._schedule(key, _bucket(after))
        return None if liveness is row.liveness else liveness

    def _schedule(self, key: K, bucket: int) -> None:
        self._due[key] = bucket
        there = self._buckets.get(bucket)
        if there is None:
            there = self._buckets[bucket] = {}
        there[key] = None

    def _interval(self, row: R) -> float:
        return self._interval_of(row) or DEFAULT_INTERVAL


def _bucket(moment: float) -> int:
    """The bucket of a deadline at monotonic ``moment``."""
    return int(moment / BUCKET)


def is_heard(liveness: Liveness) -> bool:
    """Whether what was said last may be taken for the present state."""
    return liveness is Liveness.LIVE or liveness is Liveness.LATE
