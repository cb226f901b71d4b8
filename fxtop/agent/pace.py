"""A beat that doesn't drift."""

from __future__ import annotations

import asyncio
import math

from fxtop.clock import Clock


class Pace:
    """Due moments ``period`` seconds apart on the monotonic clock, however long the work between them takes.

    Of moments that were missed only the last one is made up for. ``first`` is the time until the first one: agents that
    start together are spread by it.
    """

    def __init__(self, period: float, clock: Clock, first: float | None = None) -> None:
        self._period = period
        self._clock = clock
        self._due = clock.monotonic() + (period if first is None else first)

    def step(self) -> float:
        """Seconds until the next due moment, 0 where it is over; the one after it is next."""
        now = self._clock.monotonic()
        missed = math.floor(max(0.0, now - self._due) / self._period)
        due = self._due + missed * self._period
        self._due = due + self._period
        return max(0.0, due - now)

    async def wait(self) -> None:
        """Return at the next due moment."""
        await asyncio.sleep(self.step())
