"""A clock that moves only when a test says so."""

from __future__ import annotations


class StillClock:
    """Monotonic and wall time, moved together or each by itself."""

    def __init__(self, now: float = 1_760_000_000.0) -> None:
        self.wall = now
        self.mono = 5_000.0

    def monotonic(self) -> float:
        return self.mono

    def now(self) -> float:
        return self.wall

    def pass_time(self, seconds: float) -> None:
        self.mono += seconds
        self.wall += seconds
