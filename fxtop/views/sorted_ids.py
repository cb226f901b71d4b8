"""A long list of ids in the order of their keys, changed in a few places at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from fxtop.views.order import SortKey

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SortedIds(Generic[K]):
    """Ids by key. Keys are unique, since each ends in its id.

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

    def refill(self, keyed: Iterable[tuple[K, SortKey]]) -> bool:
        """Begin anew with these ids; whether `ids` became another list."""
        self._keys = dict(keyed)
        pairs = sorted((key, id_) for id_, key in self._keys.items())
        self._order = [key for key, _ in pairs]
        return self._show([id_ for _, id_ in pairs])

    def update(self, changed: Mapping[K, SortKey | None]) -> bool:
        """List these ids under new keys, or not at all for None; whether `ids` became another list."""
        leaving = sorted(bisect_left(self._order, self._keys[id_]) for id_ in changed if id_ in self._keys)
        coming = sorted((key, id_) for id_, key in changed.items() if key is not None)
        for id_, key in changed.items():
            if key is None:
                self._keys.pop(id_, None)
            else:
                self._keys[id_] = key
        order, ids = without(self._order, leaving), without(self.ids, leaving)
        places = [bisect_left(order, key) for key, _ in coming]
        self._order = with_inserted(order, places, [key for key, _ in coming])
        return self._show(with_inserted(ids, places, [id_ for _, id_ in coming]))

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
