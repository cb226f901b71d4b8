"""Keeping the garbage collector from making a key wait, and measuring how long it does.

A full collection looks at everything that lives, and what lives here (modules, widgets, rows) nearly all lives on. So
what there is gets frozen: the collector never looks at it again, while counting references frees rows as before. That
is done after the imports, and whenever very many rows or keys were made, before the collector looks at them once: 50 ms
for those of 100,000. Nothing is collected for it, so it costs nothing.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any, Final

from fxtop.ui.peak import Peak

THRESHOLDS: Final = (2_000, 50, 50)
"""A young collection after so many objects more, in a few hundred microseconds, or some milliseconds of a join's rows;
the next two after so many of those. Python's own 700, 10, 10 has the middle ones ten times as often for nothing: almost
all dies young or never."""
LEAST_ROWS: Final = 1_000
"""Fewer more aren't worth freezing."""


def spare_new() -> None:
    """Have the collector not look at what was just made: part of something large that is there to stay."""
    gc.freeze()


class Pauses:
    """Measures the collector's pauses from `begin` to `end`."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._began = 0.0
        self._usual = gc.get_threshold()
        self.longest = Peak(monotonic)
        """In seconds."""
        self.full = 0
        """Collections of everything that isn't frozen."""

    def begin(self) -> None:
        """Measure, and have the collector look at less and less often."""
        gc.callbacks.append(self._note)
        self._usual = gc.get_threshold()
        gc.set_threshold(*THRESHOLDS)
        gc.freeze()

    def end(self) -> None:
        """Measure no more, and let the collector look as often as before.

        What was frozen stays so, and what came since is too: the program ends now, and for a last look at all that
        there was whoever pressed the key would wait half a second.
        """
        if self._note in gc.callbacks:
            gc.callbacks.remove(self._note)
            gc.set_threshold(*self._usual)
            gc.freeze()

    def _note(self, phase: str, info: dict[str, Any]) -> None:
        now = self._monotonic()
        if phase == "start":
            self._began = now
            return
        self.longest.add(now - self._began)
        self.full += info["generation"] == 2


class Frost:
    """Freezes what lives whenever there are a good many rows more than there ever were."""

    def __init__(self) -> None:
        self._rows = 0

    def settle(self, rows: int) -> None:
        """There are so many ``rows`` now."""
        if rows >= self._rows + LEAST_ROWS:
            self._rows = rows
            spare_new()
