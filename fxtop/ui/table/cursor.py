"""The cursor stands on a row, not on a line."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import Final, Generic, TypeVar

from fxtop.ui.table.source import TableSource

K = TypeVar("K", bound=Hashable)

DISCOVERED: Final = 240
"""Ticks with changes, two minutes' worth at the usual pace, after which what comes is no discovery any more."""


class Cursor(Generic[K]):
    """The row that is acted on, by id, and the index it stands at.

    Until the person moves it for the first time, or a cluster has surely been discovered, it also gives way to new
    rows: it stays at the top instead of being carried down by each row that sorts in above it.
    """

    def __init__(self) -> None:
        self.id: K | None = None
        self.index = 0
        self.placed = False
        """Whether the person has put it somewhere."""
        self._known: set[K] | None = set()
        self._told = 0

    def place(self, index: int, ids: Sequence[K]) -> bool:
        """Put it on the row at ``index`` or the nearest there is; whether it stands on another row now."""
        self.placed, self._known = True, None
        return self._stand(index, ids)

    def follow(self, source: TableSource[K, object]) -> K | None:
        """Stay on the row when the order changed, or at the index when the row left.

        Returns:
            The id of the row that left, if it did.
        """
        ids = source.ids
        at = None if self.id is None else source.index(self.id)
        lost = None
        if at is None:
            lost = self.id
            at = self.index
        elif self._gives_way(ids, at):
            at = 0
        self._stand(at, ids)
        return lost

    def know(self, ids: Collection[K]) -> None:
        """Take ``ids`` for rows that were there before whatever comes now; new rows are those never named here."""
        if self._known is None or not ids:
            return
        self._told += 1
        if self._told > DISCOVERED:  # to know them all for ever would be megabytes
            self._known = None
        else:
            self._known.update(ids)

    def _gives_way(self, ids: Sequence[K], at: int) -> bool:
        known = self._known
        return known is not None and self.index == 0 and at > 0 and all(row_id not in known for row_id in ids[:at])

    def _stand(self, index: int, ids: Sequence[K]) -> bool:
        before = self.id
        self.index = max(0, min(index, len(ids) - 1))
        self.id = ids[self.index] if ids else None
        return self.id != before
