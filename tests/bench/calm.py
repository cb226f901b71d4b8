"""Measuring on a machine that others use too: what was measured while they slowed it down can be put aside.

The judge is a loop that is always the same, in this process and not in the program that is measured. Without patience
all is taken as it comes.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

LOOPS: Final = 10_000_000
TURNS: Final = 500_000
SLOWED: Final = 1.25
"""How many times as long as at its best the loop takes on a machine that counts as slowed down."""
PAUSE: Final = 0.1
"""Seconds between two looks at whether it still is."""


def yardstick(turns: int = LOOPS) -> float:
    """Milliseconds of CPU that ten million turns of an empty loop take, going by so many."""
    began = time.process_time()
    for _ in range(turns):
        pass
    return (time.process_time() - began) * 1000 * LOOPS / turns


class Calm:
    """How patient a run is, and what it put aside."""

    def __init__(self, patience: float = 0.0) -> None:
        """``patience`` is for how many seconds each figure is measured on for calm repeats."""
        self.patience = patience
        self.aside = 0
        """Repeats that don't count."""
        self.filled = 0
        """Repeats that count although others slowed the machine down, for want of better ones."""
        self._best = yardstick(TURNS)

    def now(self) -> bool:
        """Whether the machine runs at its own speed, as far as that was seen."""
        took = yardstick(TURNS)
        self._best = min(self._best, took)
        return took <= SLOWED * self._best

    def comes(self) -> bool:
        """Wait for a calm moment, as long as patience goes; False where there was none."""
        return self._comes(time.monotonic() + self.patience)

    def kept(
        self,
        what: str,
        times: int,
        measure: Callable[[], T],
        told_as: Callable[[Sequence[float]], float] = statistics.median,
    ) -> list[T]:
        """So many results of ``measure``, each with a calm machine before and after it, as far as patience goes.

        What came of it is told on standard error, ``told_as`` their median or what else sums them up.
        """
        kept: list[T] = []
        aside: list[T] = []
        until = time.monotonic() + self.patience
        while len(kept) < times and self._comes(until):
            result = measure()
            (kept if self.now() else aside).append(result)
        lacking = times - len(kept)
        aside += [measure() for _ in range(lacking - len(aside))]
        self.aside += len(aside) - lacking
        self.filled += lacking if self.patience else 0
        found = kept + aside[len(aside) - lacking :]
        told = f"{times} times, {len(aside)} not calm" if self.patience else f"{times} times"
        print(f"{what}: {_summed_up(found, told_as)} ({told})", file=sys.stderr, flush=True)  # noqa: T201  # narration
        return found

    def _comes(self, until: float) -> bool:
        """Wait for a calm moment; False where there is none up to then."""
        while time.monotonic() < until:
            if self.now():
                return True
            time.sleep(PAUSE)
        return False


def _summed_up(found: Sequence[object], told_as: Callable[[Sequence[float]], float]) -> str:
    rows = [each if isinstance(each, tuple) else (each,) for each in found]
    return " / ".join(f"{told_as(values):,.6g}" for values in zip(*rows, strict=True))
