"""The seconds between confirming an action on many targets and sending it, in which it can still be stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from fxtop.actions.model import Refused
from fxtop.clock import Clock

LOOK: Final = 0.1
"""Seconds between two looks at the time."""

CANCELLED: Final = "cancelled"
"""The code of what was stopped in time."""


class CancelWindow:
    """Passes by itself, or is cancelled. Made for one sending.

    Args:
        seconds: how long it is.
        clock: measures it.
        tell: called with the seconds that are left, at its begin, every now and then, and with 0 when it is over.
    """

    def __init__(self, seconds: float, clock: Clock, tell: Callable[[float], None] = lambda _: None) -> None:
        self.seconds = seconds
        self._clock = clock
        self._tell = tell
        self._stopped = asyncio.Event()
        self._why = ""
        self.over = seconds <= 0
        """Whether it has passed, so that something may have been sent."""

    def cancel(self, why: str) -> None:
        """Stop what waits; ``why`` ends the sentence «Nothing was sent: …». Too late it does nothing."""
        self._why = self._why or why
        self._stopped.set()

    async def pass_by(self) -> None:
        """Return when it is over.

        Raises:
            Refused: with the code ``cancelled``, where it was cancelled before.
        """
        end = self._clock.monotonic() + self.seconds
        while not self._stopped.is_set() and (left := end - self._clock.monotonic()) > 0:
            self._tell(left)
            try:
                async with asyncio.timeout(min(left, LOOK)):
                    await self._stopped.wait()
            except TimeoutError:
                continue
        if self._stopped.is_set():
            raise Refused(CANCELLED, f"Nothing was sent: {self._why}.")
        self.over = True
        self._tell(0.0)
