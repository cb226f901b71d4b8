"""A long list of ids in the order of their keys, changed in a few places at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from fxtop.views.order import SortKey

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

FEW: Final = 16
"""One change in so many ids is looked for; more are found by going through all."""


class SortedIds(Generic[K]):
    """Ids by key. Keys are unique, since each ends in its id; only ids that were put in come out again.

    A change costs a search for each id concerned and one copy of the list in blocks: at 100,000 ids of which 500 moved
    that is a tenth of sorting a list that is nearly in order.
    """

    def __init__(self) -> None:
        self.ids: list[K] = []
        """In order; another list whenever the order is another, and never changed in place."""
        self._order: list[SortKey] = []
        self._keys: dict[K, SortKey] = {}

    def __contains__(self, id_: object) -> bool:
        return id_ in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def key(self, id_: K) -> SortKey | None:
        """The key that an id is listed under, or None."""
        return self._keys.get(id_)

    def index(self, id_: K) -> int | None:
        """Where an id stands, or None."""
        key = self._keys.get(id_)
        return None if key is None else bisect_left(self._order, key)

    def refill(self, keys: dict[K, SortKey]) -> bool:
        """Begin anew with these; whether `ids` became another list."""
        self._keys = keys
        self._order = sorted(keys.values())
        return self._show([key[-1] for key in self._order])

    def update(self, changed: Mapping[K, SortKey | None]) -> bool:
        """List these ids under new keys, or not at all for None; whether `ids` became another list."""
        coming = sorted(key for key in changed.values() if key is not None)
        few = len(changed) * FEW < len(self._order)
        ids = self._splice(changed, coming) if few else self._merge(changed, coming)
        for id_, key in changed.items():
            if key is None:
                self._keys.pop(id_, None)
            else:
                self._keys[id_] = key
        return self._show(ids)

    def _splice(self, changed: Iterable[K], coming: list[SortKey]) -> list[K]:
        """The ids after a few changes, each of which is looked for."""
        leaving = sorted(bisect_left(self._order, self._keys[id_]) for id_ in changed if id_ in self._keys)
        kept = without(self._order, leaving)
        places = [bisect_left(kept, key) for key in coming]
        self._order = with_inserted(kept, places, coming)
        return with_inserted(without(self.ids, leaving), places, [key[-1] for key in coming])

    def _merge(self, changed: Mapping[K, object], coming: list[SortKey]) -> list[K]:
        """The ids after many changes; two lists that are in order each are sorted in one pass."""
        order = [key for key in self._order if key[-1] not in changed]
        order += coming
        order.sort()
        self._order = order
        return [key[-1] for key in order]

    def _show(self, ids: list[K]) -> bool:
        if ids == self.ids:
            return False
        self.ids = ids
        return True


def without(items: list[T], positions: Sequence[int]) -> list[T]:
    """``items`` without those at ``positions``, which ascend."""
    kept: list[T] = []
    start = 0
    for position in positions:
        kept += items[start:position]
        start = position + 1
    kept += items[start:]
    return kept


def with_inserted(items: list[T], positions: Sequence[int], new: Sequence[T]) -> list[T]:
    """``items`` with each of ``new`` before the item that stands at the position beside it; positions ascend."""
    merged: list[T] = []
    start = 0
    for position, item in zip(positions, new, strict=True):
        merged += items[start:position]
        merged.append(item)
        start = position
    merged += items[start:]
    return merged
