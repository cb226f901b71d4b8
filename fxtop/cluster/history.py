"""The recent past of one figure, for sparklines."""

from __future__ import annotations

from array import array
from typing import Final

POINTS: Final = 120
"""Readings kept: ten minutes of heartbeats at the usual 5 s."""
LARGEST: Final = 3.4e38
"""What single precision holds; a reading that is larger is kept as infinite, and read as this."""


class Ring:
    """The last readings of one figure, oldest first, in single precision.

    Nothing is allocated before the first reading; ten thousand nodes with four figures each take about 20 MB.
    """

    __slots__ = ("_next", "_values", "points", "since", "until")

    def __init__(self, points: int = POINTS) -> None:
        self.points = points
        self.since: float | None = None
        """Monotonic seconds of the first reading ever."""
        self.until: float | None = None
        """Monotonic seconds of the last reading."""
        self._values: array[float] | None = None
        self._next = 0

    def __len__(self) -> int:
        return len(self._values) if self._values is not None else 0

    def push(self, t: float, value: float) -> None:
        """Add a reading taken at monotonic ``t``; a second one of the same moment takes the place of the first."""
        values = self._values
        if values is None:
            self._values = array("f", (value,))
            self.since = self.until = t
        elif t == self.until:
            values[self._next - 1] = value
        elif len(values) < self.points:
            self.until = t
            values.append(value)
        else:
            self.until = t
            oldest = self._next
            values[oldest] = value
            self._next = oldest + 1 if oldest + 1 < self.points else 0

    def values(self) -> list[float]:
        """All readings, oldest first."""
        if self._values is None:
            return []
        return [_finite(value) for value in (*self._values[self._next :], *self._values[: self._next])]

    @property
    def last(self) -> float | None:
        """The newest reading."""
        return _finite(self._values[self._next - 1]) if self._values is not None else None


def _finite(value: float) -> float:
    """``value``, or what single precision holds at most where it was too large for that."""
    return max(-LARGEST, min(LARGEST, value))
