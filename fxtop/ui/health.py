"""How the console itself is: how long its ticks take, how far behind it is, and what the terminal takes of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from fxtop.ui.crowd import Crowd
from fxtop.ui.pace import Pace
from fxtop.ui.pauses import Frost, Pauses
from fxtop.ui.peak import Peak
from fxtop.ui.terminal.drain import Drain
from fxtop.ui.terminal.outlet import Outlet
from fxtop.ui.terminal.profile import LinkProfile

RATE_OVER: Final = 5.0
"""Seconds over which what is written is averaged."""
TOLD_BEHIND: Final = 1.0
"""Seconds of being behind from which on it is said on every screen."""


class Health:
    """All that is measured of the console; screens only read it."""

    def __init__(
        self,
        rate: float,
        monotonic: Callable[[], float],
        link: LinkProfile,
        drain: Drain,
        outlet: Callable[[], Outlet | None],
    ) -> None:
        self.pace = Pace(rate, monotonic)
        self.crowd = Crowd()
        self.pauses = Pauses(monotonic)
        self.frost = Frost()
        self.link = link
        self.drain = drain
        self.behind = 0.0
        """Age of the oldest message that wasn't in the picture at the last look, in seconds."""
        self.longest_behind = Peak(monotonic)
        self.show_rate = False
        """Whether the person wants to see what is written, however wide the line is."""
        self._outlet = outlet
        self._monotonic = monotonic
        self._written: deque[tuple[float, int]] = deque()

    @property
    def outlet(self) -> Outlet | None:
        """What the terminal is written to through, if that is known."""
        return self._outlet()

    @property
    def lags(self) -> bool:
        """Whether the picture is so far behind that everybody has to be told."""
        return self.behind > TOLD_BEHIND

    @property
    def written_rate(self) -> float | None:
        """Bytes a second that went to the terminal lately; None where nobody counts them."""
        if len(self._written) < 2:
            return None if self._outlet() is None else 0.0
        (began, before), (ended, after) = self._written[0], self._written[-1]
        return (after - before) / (ended - began) if ended > began else 0.0

    def note_behind(self, seconds: float) -> None:
        """The oldest message that was folded in now was so old."""
        self.behind = seconds
        self.longest_behind.add(seconds)

    def note_written(self) -> None:
        """Count what went to the terminal so far."""
        outlet = self._outlet()
        if outlet is None:
            return
        now = self._monotonic()
        if self._written and outlet.written < self._written[-1][1]:
            self._written.clear()  # after a suspension it begins anew
        self._written.append((now, outlet.written))
        while self._written[0][0] < now - RATE_OVER and len(self._written) > 2:
            self._written.popleft()
