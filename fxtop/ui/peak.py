"""The largest of what was measured lately."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

LATELY: Final = 60.0
"""Seconds."""


class Peak:
    """The largest value of the last ``seconds``; keeps only values that no later one exceeds."""

    def __init__(self, monotonic: Callable[[], float], seconds: float = LATELY) -> None:
        self._monotonic = monotonic
        self._seconds = seconds
        self._values: deque[tuple[float, float]] = deque()

    def add(self, value: float) -> None:
        """Take in a value of now."""
        values = self._values
        while values and values[-1][1] <= value:
            values.pop()
        values.append((self._monotonic(), value))

    @property
    def value(self) -> float:
        """The largest, or 0 where there was none."""
        oldest = self._monotonic() - self._seconds
        while self._values and self._values[0][0] < oldest:
            self._values.popleft()
        return self._values[0][1] if self._values else 0.0
