"""Time, as a thing that is passed in.

Ages and time limits are measured on ``monotonic``; ``now`` is only shown, signed or stored. Tests pass a clock that
stands still.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the rest of the house may ask about time."""

    def monotonic(self) -> float:
        """Seconds on a clock that never jumps; only differences mean something."""
        ...

    def now(self) -> float:
        """Unix seconds by this host's clock, which may be wrong or be set."""
        ...


class SystemClock:
    """The host's own clocks, with no call in between: each message that comes in asks for the moment."""

    monotonic = staticmethod(time.monotonic)
    now = staticmethod(time.time)


def utc(seconds: float) -> datetime:
    """Unix ``seconds`` as an aware UTC moment."""
    return datetime.fromtimestamp(seconds, tz=UTC)
