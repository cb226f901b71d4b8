"""The recent past of figures, for sparklines.

Figures that are read together are kept together: a heartbeat is one write, whatever it tells.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Final

POINTS: Final = 120
"""Readings kept: ten minutes of heartbeats at the usual 5 s."""

LARGEST: Final = 65504.0
"""What half precision holds; larger readings are kept as this."""

_TOO_LARGE: Final = (OverflowError, struct.error)
"""What packing raises for a float, and for an int, that is larger than `LARGEST`."""


@cache
def _layout(figures: int) -> struct.Struct:
    return struct.Struct(f"{figures}e")


class History:
    """The last readings of some figures, in half precision: three digits, which is more than a sparkline shows.

    Memory is taken as readings come in. Ten thousand nodes with four figures each take about 10 MB.
    """

    __slots__ = ("_data", "_layout", "_next", "figures", "points", "since", "until")

    def __init__(self, figures: int, points: int = POINTS) -> None:
        self.figures = figures
        """How many are read together."""
        self.points = points
        self.since: float | None = None
        """Monotonic seconds of the first reading ever."""
        self.until: float | None = None
        """Monotonic seconds of the last reading."""
        self._layout = _layout(figures)
        self._data = bytearray()
        self._next = 0
        """The place of the next reading; the oldest one's, once the history is full."""

    def __len__(self) -> int:
        return len(self._data) // self._layout.size

    def push(self, t: float, *values: float) -> None:
        """Add a reading taken at monotonic ``t``; a second one of the same moment takes the place of the first."""
        place, data, layout = self._next, self._data, self._layout
        if t == self.until:
            place = (place or self.points) - 1
        else:
            if self.since is None:
                self.since = t
            self.until = t
            self._next = place + 1 if place + 1 < self.points else 0
        at = place * layout.size
        try:
            if at < len(data):
                layout.pack_into(data, at, *values)
            else:
                data += layout.pack(*values)
        except _TOO_LARGE:
            data[at : at + layout.size] = layout.pack(*map(_finite, values))

    def push_four(self, t: float, first: float, second: float, third: float, fourth: float) -> None:
        """The same for four figures by themselves: a call with any number of them takes nearly twice as long."""
        place, data, layout = self._next, self._data, self._layout
        if t == self.until or self.since is None or place + 1 >= self.points:
            self.push(t, first, second, third, fourth)
            return
        try:
            if place * layout.size < len(data):
                layout.pack_into(data, place * layout.size, first, second, third, fourth)
            else:
                data += layout.pack(first, second, third, fourth)
        except _TOO_LARGE:
            self.push(t, first, second, third, fourth)
            return
        self.until, self._next = t, place + 1

    def values(self, figure: int) -> list[float]:
        """All readings of one figure, oldest first."""
        readings = [_finite(reading[figure]) for reading in self._layout.iter_unpack(self._data)]
        oldest = self._next if len(readings) == self.points else 0
        return readings[oldest:] + readings[:oldest]

    def last(self, figure: int) -> float | None:
        """The newest reading of one figure."""
        values = self.values(figure)
        return values[-1] if values else None

    def ring(self, figure: int) -> Ring | None:
        """One figure by itself; None where it isn't kept."""
        return Ring(history=self, figure=figure) if figure < self.figures else None


class Ring:
    """One figure of a history; made by itself, it is the only figure of its own."""

    __slots__ = ("_figure", "_history")

    def __init__(self, points: int = POINTS, *, history: History | None = None, figure: int = 0) -> None:
        self._history = History(1, points) if history is None else history
        self._figure = figure

    def __len__(self) -> int:
        return len(self._history)

    @property
    def since(self) -> float | None:
        """Monotonic seconds of the first reading ever."""
        return self._history.since

    @property
    def until(self) -> float | None:
        """Monotonic seconds of the last reading."""
        return self._history.until

    @property
    def last(self) -> float | None:
        """The newest reading."""
        return self._history.last(self._figure)

    def push(self, t: float, value: float) -> None:
        """Add a reading, of a ring that was made by itself."""
        self._history.push(t, value)

    def values(self) -> list[float]:
        """All readings, oldest first."""
        return self._history.values(self._figure)


def _finite(value: float) -> float:
    """``value``, or what half precision holds that is nearest to it."""
    return max(-LARGEST, min(LARGEST, value))
