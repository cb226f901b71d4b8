"""A long list of ids in the order of their keys, changed in a few places at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterator, KeysView, Mapping, Sequence
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING, Final, Generic, TypeVar, overload

if TYPE_CHECKING:
    from fxtop.views.order import SortKey

K = TypeVar("K", bound=Hashable)

FEW: Final = 8
"""One change in so many ids is made where it belongs; more are made by sorting all anew."""
CHUNK: Final = 512
"""Keys that are kept together. A change touches one chunk, so that its cost hardly grows with the list."""


class SortedIds(Generic[K]):
    """Ids by key. Keys are unique, since each ends in its id; only ids that were put in come out again.

    The keys lie in chunks: in a single list of 100,000 each of 500 changes would move half of it, and copying it would
    touch every one of its keys.
    """

    def __init__(self) -> None:
        self._chunks: list[list[SortKey]] = []
        self._last: list[SortKey] = []
        """The last key of each chunk."""
        self._keys: dict[K, SortKey] = {}
        self._starts: list[int] | None = None
        """The place of the first key of each chunk, once somebody asked."""

    def __contains__(self, id_: object) -> bool:
        return id_ in self._keys

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[SortKey]:
        return chain.from_iterable(self._chunks)

    @property
    def ids(self) -> Sequence[K]:
        """In order, as it is at each moment.

        Made anew for whoever asks: kept here it would close a cycle, and a list that nobody needs any more would stay
        until the garbage collector comes, which looks at nothing that is frozen.
        """
        return _Ids(self)

    @property
    def unordered(self) -> KeysView[K]:
        """The ids as a set."""
        return self._keys.keys()

    def key(self, id_: K) -> SortKey | None:
        """The key that an id is listed under, or None."""
        return self._keys.get(id_)

    def index(self, id_: K) -> int | None:
        """Where an id stands, or None."""
        key = self._keys.get(id_)
        if key is None:
            return None
        chunk, place = self._find(key)
        return self.starts[chunk] + place

    @property
    def starts(self) -> list[int]:
        """The place of the first key of each chunk."""
        if self._starts is None:
            self._starts = [0, *accumulate(map(len, self._chunks))]
        return self._starts

    def slice(self, start: int, count: int) -> list[SortKey]:
        """At most ``count`` keys from a place on."""
        if start >= len(self._keys):
            return []
        chunk = bisect_left(self.starts, start + 1) - 1
        rest = chain.from_iterable(islice(self._chunks, chunk, None))
        place = start - self.starts[chunk]
        return list(islice(rest, place, place + count))

    def after(self, key: SortKey | None, count: int) -> list[SortKey]:
        """At most ``count`` keys that come after ``key``, or the first ones."""
        if not self._chunks or key is None:
            return self.slice(0, count)
        chunk, place = self._find(key)
        found = self.slice(self.starts[chunk] + place, count + 1)
        return found[1:] if found[:1] == [key] else found[:count]

    def copy(self) -> SortedIds[K]:
        """The same ids under the same keys, to be changed by itself."""
        copied: SortedIds[K] = SortedIds()
        copied._chunks = [chunk.copy() for chunk in self._chunks]
        copied._last = self._last.copy()
        copied._keys = self._keys.copy()
        return copied

    def refill(self, order: list[SortKey]) -> None:
        """Begin anew with these, which are in order."""
        self._keys = {key[-1]: key for key in order}
        self._fill(order)

    def extend(self, keys: list[SortKey]) -> None:
        """List these too, which are in order and come behind all others."""
        self._keys.update((key[-1], key) for key in keys)
        if self._chunks and len(self._chunks[-1]) < CHUNK:
            keys = self._chunks.pop() + keys
            self._last.pop()
        self._extend(keys)

    def update(self, changed: Mapping[K, SortKey | None]) -> bool:
        """List these ids under new keys, or not at all for None; whether an id came, went, or stands elsewhere."""
        if self._comes_last(changed):
            self.extend([key for key in changed.values() if key is not None])
            return True
        if len(changed) * FEW < len(self._keys):
            return sum([self._relocate(id_, key) for id_, key in changed.items()]) > 0
        return self._merge(changed)

    def _comes_last(self, changed: Mapping[K, SortKey | None]) -> bool:
        """Whether all of these are new and come in behind all others, in order."""
        last = self._last[-1] if self._last else None
        for id_, key in changed.items():
            if key is None or id_ in self._keys or (last is not None and key < last):
                return False
            last = key
        return bool(changed)

    def _relocate(self, id_: K, key: SortKey | None) -> bool:
        """Put one id where it belongs; whether that is another place than before."""
        before = self._keys.pop(id_, None)
        if key is not None:
            self._keys[id_] = key
        if before is None:
            return key is not None and self._insert(key)
        chunk, place = self._find(before)
        if key is not None and self._fits(chunk, place, key):
            self._chunks[chunk][place] = key
            self._last[chunk] = self._chunks[chunk][-1]
            return False
        self._remove(chunk, place)
        return key is None or self._insert(key)

    def _fits(self, chunk: int, place: int, key: SortKey) -> bool:
        """Whether ``key`` comes between the neighbours of a place."""
        keys = self._chunks[chunk]
        before = keys[place - 1 : place] if place else self._last[max(0, chunk - 1) : chunk]
        behind = keys[place + 1 : place + 2] or [following[0] for following in self._chunks[chunk + 1 : chunk + 2]]
        return all(one < key for one in before) and all(key < one for one in behind)

    def _insert(self, key: SortKey) -> bool:
        self._starts = None
        if not self._chunks:
            self._extend([key])
            return True
        chunk, place = self._find(key)
        keys = self._chunks[chunk]
        keys.insert(place, key)
        if len(keys) > 2 * CHUNK:
            self._chunks[chunk : chunk + 1] = keys[:CHUNK], keys[CHUNK:]
            self._last.insert(chunk, keys[CHUNK - 1])
        else:
            self._last[chunk] = keys[-1]
        return True

    def _remove(self, chunk: int, place: int) -> None:
        self._starts = None
        keys = self._chunks[chunk]
        del keys[place]
        if keys:
            self._last[chunk] = keys[-1]
        else:
            del self._chunks[chunk], self._last[chunk]

    def _merge(self, changed: Mapping[K, SortKey | None]) -> bool:
        """Make many changes; two lists that are in order each are sorted in one pass."""
        before = list(self.ids)
        order = [key for key in self if key[-1] not in changed]
        order += sorted(key for key in changed.values() if key is not None)
        order.sort()
        self._keys = {key[-1]: key for key in order}
        self._fill(order)
        return before != list(self._keys)

    def _fill(self, order: list[SortKey]) -> None:
        self._chunks, self._last = [], []
        self._extend(order)

    def _extend(self, order: list[SortKey]) -> None:
        self._starts = None
        chunks = [order[at : at + CHUNK] for at in range(0, len(order), CHUNK)]
        self._chunks += chunks
        self._last += [chunk[-1] for chunk in chunks]

    def _find(self, key: SortKey) -> tuple[int, int]:
        """The chunk in which a key is or belongs, and its place there; there must be a chunk."""
        chunk = min(bisect_left(self._last, key), len(self._last) - 1)
        return chunk, bisect_left(self._chunks[chunk], key)


class _Ids(Sequence[K]):
    """The ids of a list, as it is at each moment."""

    __slots__ = ("_listed",)

    def __init__(self, listed: SortedIds[K]) -> None:
        self._listed = listed

    def __len__(self) -> int:
        return len(self._listed)

    def __iter__(self) -> Iterator[K]:
        return (key[-1] for key in self._listed)

    @overload
    def __getitem__(self, index: int) -> K: ...
    @overload
    def __getitem__(self, index: slice) -> list[K]: ...
    def __getitem__(self, index: int | slice) -> K | list[K]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step != 1:
                return list(self)[index]
            return [key[-1] for key in self._listed.slice(start, max(0, stop - start))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(index)
        id_: K = self._listed.slice(place, 1)[0][-1]
        return id_
