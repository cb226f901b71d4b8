"""Sorting very many keys in small steps: each goes into its bucket, and each bucket is sorted by itself."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fxtop.views.order import SortKey

PER_BUCKET: Final = 10
"""Keys of the sample between two bounds; fewer would leave it to chance how full the buckets are."""


class Buckets:
    """Holds keys between bounds, so that all of a bucket come before all of the next."""

    def __init__(self, sample: Iterable[SortKey]) -> None:
        """Take the bounds from a ``sample`` that is spread evenly over all keys."""
        self._bounds = sorted(sample)[PER_BUCKET::PER_BUCKET]
        self._keys: list[list[SortKey]] = [[] for _ in range(len(self._bounds) + 1)]

    def add(self, keys: Sequence[SortKey]) -> None:
        """Put these where they belong."""
        for key in keys:
            self._keys[bisect_left(self._bounds, key)].append(key)

    def sorted(self) -> Iterator[list[SortKey]]:
        """One bucket after the other, in order."""
        for keys in self._keys:
            keys.sort()
            yield keys
