"""Reading counters that only ever go up, until whoever keeps them starts anew."""

from __future__ import annotations


class Growth:
    """How much a counter grew since it was first read, across resets.

    What was there at the first reading is not ours; what stands after a reset came since.
    """

    __slots__ = ("_last", "total")

    def __init__(self) -> None:
        self._last: int | None = None
        self.total = 0

    def read(self, value: int) -> int:
        """Take a reading; gives back what is new since the one before."""
        last, self._last = self._last, value
        if last is None:
            return 0
        new = value - last if value >= last else value
        self.total += new
        return new


class Meter:
    """The rates of several counters that one source reads at the same moment.

    Time is the receiver's monotonic clock. Readings that arrive sooner after another than ``least`` seconds (they were
    held up on the way) would give wild rates and are left out.
    """

    __slots__ = ("_at", "_counters", "rates")

    def __init__(self) -> None:
        self._at = 0.0
        self._counters: tuple[int, ...] | None = None
        self.rates: tuple[float, ...] | None = None
        """Per second, in the order of the counters; None before the second reading and after a reset."""

    def read(self, at: float, counters: tuple[int, ...], least: float) -> None:
        """Take a reading of all counters at monotonic ``at``."""
        before, elapsed = self._counters, at - self._at
        if before is None or any(new < old for new, old in zip(counters, before, strict=True)):
            self.rates = None
        elif elapsed < least or elapsed <= 0:
            return
        else:
            self.rates = tuple((new - old) / elapsed for new, old in zip(counters, before, strict=True))
        self._at, self._counters = at, counters
