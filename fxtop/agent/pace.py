"""A beat that doesn't drift."""

from __future__ import annotations

import asyncio
import math

from fxtop.clock import Clock


class Pace:
    """Due moments ``period`` seconds apart on the monotonic clock, however long the work between them takes.

    Moments that were missed are skipped, not made up for. ``first`` is the time until the first one: agents that start
    together are spread by it.
    """

    def __init__(self, period: float, clock: Clock, first: float | None = None) -> None:
        self._period = period
        self._clock = clock
        self._due = clock.monotonic() + (period if first is None else first)

    def step(self) -> float:
        """Move on to the next due moment that is not over; seconds until then."""
        ahead = self._due - self._clock.monotonic()
        if ahead < 0:
            ahead += math.ceil(-ahead / self._period) * self._period
        self._due = self._clock.monotonic() + ahead + self._period
        return ahead

    async def wait(self) -> None:
        """Return at the next due moment."""
        await asyncio.sleep(self.step())
