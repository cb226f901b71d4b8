"""Waking those who wait."""

from __future__ import annotations

import asyncio


class Signal:
    """Each `notify` wakes everybody who waits at that moment; nobody who comes later."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def notify(self) -> None:
        """Wake all who wait."""
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, within: float | None = None) -> bool:
        """Return True at the next `notify`, False after ``within`` seconds; None waits for ever."""
        try:
            async with asyncio.timeout(within):
                await self._next.wait()
        except TimeoutError:
            return False
        return True
