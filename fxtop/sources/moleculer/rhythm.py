"""How often a broker beats. It doesn't say so: its interval is learned from the gaps."""

from __future__ import annotations

from collections import deque
from statistics import median_low
from typing import Final

USUAL: Final = 10.0
"""Seconds between heartbeats of a broker that nobody configured (Moleculer 0.14 and 0.15)."""
SHORTEST: Final = 0.2
LONGEST: Final = 300.0
GAPS_KEPT: Final = 5


class Rhythm:
    """The last gaps between heartbeats of one broker."""

    __slots__ = ("_gaps", "_last")

    def __init__(self) -> None:
        self._gaps: deque[float] = deque(maxlen=GAPS_KEPT)
        self._last: float | None = None

    def beat(self, at: float) -> None:
        """Take a heartbeat at monotonic ``at``."""
        if self._last is not None:
            self._gaps.append(at - self._last)
        self._last = at

    def pause(self) -> None:
        """The broker, or the connection, was away: the next gap says nothing of its interval."""
        self._last = None

    @property
    def interval(self) -> float:
        """Seconds between heartbeats; a lost one among several doesn't change it."""
        return min(max(median_low(self._gaps), SHORTEST), LONGEST) if self._gaps else USUAL

    @property
    def learned(self) -> bool:
        """Whether the interval was measured, and isn't the usual one."""
        return bool(self._gaps)
