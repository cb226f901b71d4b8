"""Which rows are marked."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Marks(Generic[K]):
    """A set of marked ids, and the last one that was set by hand: a range starts there.

    Marks are of ids and not of lines, so they survive sorting and filtering; a mark whose row no longer shows under
    the filter still counts.
    """

    def __init__(self) -> None:
        self._ids: set[K] = set()
        self._origin: K | None = None
        self._hidden: tuple[int, int] | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, row_id: object) -> bool:
        return row_id in self._ids

    def __iter__(self) -> Iterator[K]:
        return iter(self._ids)

    def hidden(self, index: Callable[[K], int | None], revision: int) -> int:
        """How many marked rows the order of that ``revision`` doesn't show; asked each tick, so counted but once."""
        if self._hidden is None or self._hidden[0] != revision:
            self._hidden = (revision, sum(index(row_id) is None for row_id in self._ids))
        return self._hidden[1]

    def toggle(self, row_id: K) -> None:
        """Mark or unmark one row."""
        self._hidden = None
        self._ids ^= {row_id}
        self._origin = row_id

    def extend(self, row_id: K, ids: Sequence[K], index: Callable[[K], int | None]) -> None:
        """Mark all rows from the last one marked by hand to ``row_id``, in the order of ``ids``."""
        self._hidden = None
        end = index(row_id)
        start = None if self._origin is None else index(self._origin)
        if end is None:
            return
        first, last = sorted((end if start is None else start, end))
        self._ids.update(ids[first : last + 1])
        self._origin = row_id

    def add(self, ids: Iterable[K]) -> None:
        """Mark all of ``ids``."""
        self._hidden = None
        self._ids.update(ids)

    def invert(self, ids: Iterable[K]) -> None:
        """Mark those of ``ids`` that aren't, and unmark those that are."""
        self._hidden = None
        self._ids ^= set(ids)

    def clear(self) -> None:
        """Unmark all."""
        self._hidden = None
        self._ids.clear()
        self._origin = None

    def keep(self, lives: Callable[[K], bool]) -> bool:
        """Drop the marks of rows that no longer live; whether any was dropped."""
        gone = {row_id for row_id in self._ids if not lives(row_id)}
        self._ids -= gone
        self._hidden = None
        return bool(gone)
