"""Whether the line to the terminal is thin, as the person says or as it turns out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fxtop.config.link import Link
from fxtop.ui.terminal.drain import Sample
from fxtop.views.format import size

SLOW_RATE: Final = 8_000.0
"""Bytes a second; a screen in full colours has up to 12,000 of them to write when all its rows move."""
FAST_RATE: Final = 24_000.0
SLOW_SECONDS: Final = 0.25
"""That a frame is late before its rate counts: less may be chance."""
LATE_SECONDS: Final = 1.5
"""That no frame may be late, however large it is."""
SLOW_IN_A_ROW: Final = 2
"""A terminal that stood still is late once; a thin line is again at the next frame."""
PROVED: Final = 30.0
"""Seconds of quick frames after which a line that was thin counts as fast; doubled each time it proves wrong."""
MOST_PROVED: Final = 480.0
CHANCE_SECONDS: Final = 0.1
ASKED_FOR: Final = "it was asked for"


class LinkProfile:
    """Decides by samples, with hysteresis; ``changed`` is called after each change."""

    def __init__(self, link: Link, monotonic: Callable[[], float], changed: Callable[[], None]) -> None:
        self._monotonic = monotonic
        self._changed = changed
        self._slow_ones = 0
        self._quick_since: float | None = None
        self._proof = PROVED
        self._link = link
        self.thin = link is Link.SLOW
        """Whether as little as possible is to be written."""
        self.why = ASKED_FOR if self.thin else ""
        """The reason for it, as half a sentence; empty while it isn't thin."""

    @property
    def link(self) -> Link:
        """What the person said of the line."""
        return self._link

    def choose(self, link: Link) -> None:
        """Take the person's word for it, or with AUTO measure from now on."""
        self._link = link
        self._slow_ones, self._quick_since, self._proof = 0, None, PROVED
        self._turn(thin=link is Link.SLOW, why=ASKED_FOR if link is Link.SLOW else "")

    def take(self, sample: Sample) -> None:
        """Take in a measurement."""
        if self._link is not Link.AUTO:
            return
        if self.thin:
            self._prove(sample)
        elif not _is_slow(sample):
            self._slow_ones = 0
        else:
            self._slow_ones += 1
            if self._slow_ones >= SLOW_IN_A_ROW:
                self._quick_since = None
                self._turn(thin=True, why=f"the terminal takes {size(sample.rate)}/s, {sample.seconds:.1f} s a frame")

    def _prove(self, sample: Sample) -> None:
        """Leave the thin profile once the line was quick for long enough."""
        now = self._monotonic()
        if sample.seconds > CHANCE_SECONDS + sample.size / FAST_RATE:
            self._quick_since = None
        elif self._quick_since is None:
            self._quick_since = now
        elif now - self._quick_since >= self._proof:
            self._slow_ones = 0
            self._proof = min(MOST_PROVED, 2 * self._proof)
            self._turn(thin=False, why="")

    def _turn(self, *, thin: bool, why: str) -> None:
        was, self.thin, self.why = self.thin, thin, why
        if was != thin:
            self._changed()


def _is_slow(sample: Sample) -> bool:
    return sample.seconds > LATE_SECONDS or (sample.seconds > SLOW_SECONDS and sample.rate < SLOW_RATE)
