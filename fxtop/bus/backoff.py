"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from typing import Final

JITTER: Final = 0.5
"""The share of a delay that is left to chance, so that a cluster's clients don't come back all at once."""


class Backoff:
    """Delays that double from ``first`` to ``last`` seconds, each with jitter."""

    def __init__(self, first: float, last: float, rng: random.Random) -> None:
        self._first = first
        self._last = last
        self._rng = rng
        self._failures = 0

    def next(self, at_least: float = 0.0) -> float:
        """Seconds to wait after one more failure."""
        grown = min(self._last, self._first * 2.0 ** min(self._failures, 30))
        self._failures += 1
        return max(at_least, grown) * (1 - JITTER * self._rng.random())

    def reset(self) -> None:
        """It works again."""
        self._failures = 0
