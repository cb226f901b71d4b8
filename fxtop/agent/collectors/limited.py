"""A collector with a time limit of its own."""

from __future__ import annotations

import asyncio

from fxtop.agent.collectors.port import CollectError, Collector, Reading, WatchedClass


class Limited:
    """Gives up a reading of ``collector`` after ``limit`` seconds."""

    def __init__(self, collector: Collector, limit: float) -> None:
        self._collector = collector
        self._limit = limit

    @property
    def kind(self) -> WatchedClass:
        """As the collector's."""
        return self._collector.kind

    @property
    def interval(self) -> float:
        """As the collector's."""
        return self._collector.interval

    async def read(self) -> Reading | tuple[Reading, ...]:
        """Read it now. Raises CollectError."""
        try:
            async with asyncio.timeout(self._limit):
                return await self._collector.read()
        except TimeoutError:
            raise CollectError(f"It took longer than {self._limit:g} s.") from None
