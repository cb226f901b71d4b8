"""How often the screen is brought up to date: as often as was asked for, less where that takes too long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fxtop.ui.peak import Peak

SLOWEST: Final = 2.0
"""Seconds between two ticks, beyond which nothing makes them rarer; a thin line has them that far apart at once."""
OVERRUN: Final = 0.4
"""Share of the time between two ticks that one may take."""
EASE: Final = 0.15
"""Share of the shorter time that ticks must stay under before there are more of them again."""
OVERRUNS: Final = 3
EASY_ONES: Final = 10
"""Ticks in a row that must agree before the pace changes: one alone may have met with a busy machine."""
EARLY: Final = 0.2
"""Share of the beat by which a tick may come early rather than a whole beat late."""


class Pace:
    """Says at each beat of a clock whether a tick is due, and learns from how long the ticks take. In seconds."""

    def __init__(self, rate: float, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self.beat = 1 / rate
        """Between two beats: the shortest time between two ticks."""
        self.thin = False
        """Whether the line to the terminal wants few ticks."""
        self._factor = 1
        self._streak = 0
        self._last: float | None = None
        self._beaten: float | None = None
        self.took = 0.0
        """By the last tick."""
        self.longest = Peak(monotonic)
        self.late = Peak(monotonic)
        """By which beats came too late, because something else kept the program."""

    @property
    def period(self) -> float:
        """Between two ticks."""
        return max(self.beat * self._factor, SLOWEST if self.thin else 0.0)

    @property
    def slowed(self) -> bool:
        """Whether there are fewer ticks because they take too long."""
        return self._factor > 1

    @property
    def slowest(self) -> bool:
        """Whether there are as few ticks as there may be, because they take too long."""
        return self.slowed and self.beat * self._factor * 2 > SLOWEST

    def due(self) -> bool:
        """Whether to tick at this beat."""
        now = self._monotonic()
        if self._beaten is not None:
            self.late.add(max(0.0, now - self._beaten - self.beat))
        self._beaten = now
        if self._last is not None and now - self._last < self.period - EARLY * self.beat:
            return False
        self._last = now
        return True

    def ticked(self, took: float) -> bool:
        """A tick took so long; whether the pace changed for it."""
        self.took = took
        self.longest.add(took)
        if took > OVERRUN * self.beat * self._factor:
            self._streak = max(1, self._streak + 1)
        elif took < EASE * self.beat * self._factor / 2:
            self._streak = min(-1, self._streak - 1)
        else:
            self._streak = 0
        before = self._factor
        if self._streak >= OVERRUNS and self.beat * self._factor * 2 <= SLOWEST:
            self._factor *= 2
        elif self._streak <= -EASY_ONES and self._factor > 1:
            self._factor //= 2
        if self._factor != before:
            self._streak = 0
        return self._factor != before
