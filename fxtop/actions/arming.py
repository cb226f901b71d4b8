"""Whether anything may be sent at all: read-only from the start, armed for minutes at a time."""

from __future__ import annotations

from fxtop.actions.errors import Refused
from fxtop.clock import Clock

READ_ONLY = "it is read-only by its settings"
AT_START = "it has not been armed yet"


class Arming:
    """The switch between looking and acting.

    Time is measured on the monotonic clock and on the wall clock, and the one that is over first counts: a monotonic
    clock stands still while a laptop sleeps, and a wall clock can be set back.
    """

    def __init__(self, clock: Clock, minutes: float = 10.0, read_only: bool = False) -> None:
        if not minutes > 0:  # also refuses NaN
            raise ValueError(f"control can't be armed for {minutes} minutes: give a number above 0")
        self._clock = clock
        self._seconds = minutes * 60
        self._minutes = minutes
        self._fixed = read_only
        self._armed_at: tuple[float, float] | None = None
        """Monotonic and wall seconds."""
        self._why = READ_ONLY if read_only else AT_START

    @property
    def fixed(self) -> bool:
        """Whether it is read-only for good and can't be armed."""
        return self._fixed

    @property
    def armed(self) -> bool:
        """Whether requests that change something may leave now."""
        return self.remaining > 0

    @property
    def remaining(self) -> float:
        """Seconds until it disarms by itself; 0 while it is disarmed."""
        if self._armed_at is None:
            return 0.0
        monotonic, wall = self._armed_at
        left = self._seconds - max(self._clock.monotonic() - monotonic, self._clock.now() - wall)
        if left > 0:
            return left
        self._end(f"its {self._minutes:g} min are over")  # for good: a clock that is set back must not arm it again
        return 0.0

    @property
    def since(self) -> float | None:
        """Monotonic seconds at which it was armed; None while it is disarmed."""
        return self._armed_at[0] if self._armed_at is not None and self.armed else None

    @property
    def why(self) -> str:
        """Why it is disarmed, as the end of a sentence; empty while it is armed."""
        return "" if self.armed else self._why

    def arm(self) -> None:
        """Allow sending from now for the configured minutes; once more while armed begins them anew.

        Raises:
            Refused: with the code ``read_only`` where the settings forbid it.
        """
        if self._fixed:
            raise Refused(
                "read_only", f"Control can't be armed: {READ_ONLY} (--read-only, or read_only in its config)."
            )
        self._armed_at = (self._clock.monotonic(), self._clock.now())

    def disarm(self, why: str) -> None:
        """Forbid sending. ``why`` ends the sentence «control is disarmed: …»; the first reason stands."""
        if self.armed:
            self._end(why)

    def _end(self, why: str) -> None:
        self._armed_at, self._why = None, why
