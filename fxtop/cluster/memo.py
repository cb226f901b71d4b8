"""Answers that are kept for as long as what they were made from is the same."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memo(Generic[T]):
    """The last answer to each question."""

    def __init__(self) -> None:
        self._kept: dict[Hashable, tuple[Hashable, T]] = {}

    def get(self, question: Hashable, made_from: Hashable, make: Callable[[], T]) -> T:
        """The answer to ``question``, made anew where ``made_from`` is another than the last time."""
        kept = self._kept.get(question)
        if kept is None or kept[0] != made_from:
            kept = self._kept[question] = made_from, make()
        return kept[1]
