"""One pane's ids, filtered and in order, kept true by looking only at what changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from fxtop.cluster.records import Liveness
from fxtop.views.order import SortKey, sort_key
from fxtop.views.sorted_ids import SortedIds
from fxtop.views.states import row_tone

if TYPE_CHECKING:
    from fxtop.cluster.records import Dirty
    from fxtop.cluster.store import Store
    from fxtop.views.column import Column, Look
    from fxtop.views.filter import Filter
    from fxtop.views.panes import PaneSpec

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")

RECHECK: Final = 1.0
"""Seconds between two looks at all rows, for a filter whose answer changes by time alone (``age>10m``)."""
RECHECKED_A_SECOND: Final = 10_000
"""Rows looked at for that reason, so that a very large pane is asked more seldom instead of all the time."""


class View(Generic[K, R]):
    """What a table shows of a pane, and in which order.

    `apply` costs about as much as there are changed rows; only a person's own act (another filter or order) looks at
    all of them. While the order is held nothing moves, comes or goes, and rows that left the store stay listed as
    `gone`; what a person asks for himself, by `set_filter` and `set_sort`, is done at once even then.
    """

    def __init__(self, pane: PaneSpec[K, R], store: Store, look: Callable[[], Look]) -> None:
        self.pane = pane
        self.store = store
        self.look = look
        self.sort_column = pane.default_sort
        self.descending = pane.descending
        self.filter: Filter[R] | None = None
        self.revision = 0
        """Goes up whenever `ids` becomes another list."""
        self._held = False
        self._narrowed: AbstractSet[K] | None = None
        self._rows: Mapping[K, R] = {}
        self._listed: SortedIds[K] = SortedIds()
        self._waiting: set[K] = set()
        self._gone: set[K] = set()
        self._refill()

    @property
    def held(self) -> bool:
        """Whether the order stands still."""
        return self._held

    @property
    def ids(self) -> Sequence[K]:
        """The ids that are shown, in order."""
        return self._listed.ids

    @property
    def total(self) -> int:
        """Rows that there are, shown or not."""
        return len(self._rows)

    @property
    def pending(self) -> int:
        """How many rows would come, go or move if the order weren't held."""
        return len(self._waiting)

    @property
    def arriving(self) -> int:
        """How many rows wait to be listed while the order is held."""
        return sum(id_ not in self._listed for id_ in self._waiting)

    @property
    def gone(self) -> AbstractSet[K]:
        """Ids that are still listed, because the order is held, of rows that are no more."""
        return self._gone

    def index(self, row_id: K) -> int | None:
        """Where a row stands in `ids`, or None."""
        return self._listed.index(row_id)

    def row(self, row_id: K) -> R | None:
        """The row, or None when it is gone."""
        return self._rows.get(row_id)

    def rev(self, row_id: K) -> Hashable:
        """A value that differs whenever the row's own fields may differ."""
        row = self._rows.get(row_id)
        return None if row is None else self.pane.rev(row)

    def liveness(self, row_id: K) -> Liveness:
        """How fresh the row is; one that is gone has left."""
        row = self._rows.get(row_id)
        return Liveness.LEFT if row is None else row_tone(row)

    def apply(self, dirty: Dirty) -> None:
        """Take in what changed in the store."""
        touched: AbstractSet[K]
        if self.pane.changed is not None:
            touched = self.pane.changed(dirty)
        else:
            before, self._rows = self._rows, self.pane.rows(self.store)
            touched = before.keys() | self._rows.keys()
        self._take(touched, self._changes(touched, self._rows if self._due() else ()))

    def set_filter(self, filter_: Filter[R] | None) -> None:
        """Show only rows that match; None shows all."""
        self.filter = filter_
        self._reconsider()

    def set_sort(self, column: Column[R], descending: bool) -> None:
        """Put the rows in another order."""
        self.sort_column, self.descending = column, descending
        self._refill()

    def narrow(self, ids: AbstractSet[K] | None) -> None:
        """Show only rows among ``ids``; None widens again. Cheap to repeat with a set that differs in a few ids."""
        before, self._narrowed = self._narrowed, ids
        if before is not None and ids is not None:
            self._take(set(), self._changes((), before ^ ids))
        elif before is not ids:
            self._reconsider()

    def hold(self, on: bool) -> None:
        """Keep the order as it is painted, or let it follow the store again."""
        self._held = on
        if not on:
            self._list(self._changes(self._settled(), ()))

    def _changes(self, touched: Iterable[K], others: Iterable[K]) -> dict[K, SortKey | None]:
        """What to list anew, and (None) what no longer.

        Args:
            touched: rows that may be any other than before.
            others: rows that are the same, but may be admitted or not.
        """
        look = self.look()
        changes: dict[K, SortKey | None] = {}
        for id_ in others:
            admitted = self._admits(id_, look)
            if admitted is not (id_ in self._listed):
                changes[id_] = self._key(id_, look) if admitted else None
        for id_ in touched:
            key = self._key(id_, look) if self._admits(id_, look) else None
            if key != self._listed.key(id_):
                changes[id_] = key
        return changes

    def _take(self, touched: AbstractSet[K], changes: dict[K, SortKey | None]) -> None:
        """List the changes, or let them wait while the order is held."""
        if not self._held:
            self._list(changes)
            return
        self._waiting = (self._waiting - touched) | changes.keys()
        self._gone = {id_ for id_ in self._gone | changes.keys() if id_ in self._listed and id_ not in self._rows}

    def _list(self, changes: dict[K, SortKey | None]) -> None:
        if changes and self._listed.update(changes):
            self.revision += 1

    def _settled(self) -> set[K]:
        """What waited, which from now on no longer does."""
        waiting, self._waiting, self._gone = self._waiting, set(), set()
        return waiting

    def _reconsider(self) -> None:
        """Ask of all rows whether they are admitted; their order stands."""
        self._rows = self.pane.rows(self.store)
        self._checked = self.look().monotonic
        self._list(self._changes(self._settled(), self._rows))

    def _refill(self) -> None:
        """Make a new order of all rows."""
        self._rows = self.pane.rows(self.store)
        self._settled()
        self._epoch = look = self.look()
        self._checked = look.monotonic
        keys = {id_: self._key(id_, look) for id_ in self._rows if self._admits(id_, look)}
        if self._listed.refill(keys):
            self.revision += 1

    def _admits(self, id_: K, look: Look) -> bool:
        """Whether a row is to be listed at all."""
        row = self._rows.get(id_)
        if row is None or (self._narrowed is not None and id_ not in self._narrowed):
            return False
        if self.pane.hides is not None and self.pane.hides(row):
            return False
        return self.filter is None or self.filter.matches(row, self.store, look)

    def _key(self, id_: K, look: Look) -> SortKey:
        """The key that a row belongs under now."""
        # Values that grow with time all grow alike: taken at one moment for all rows they keep their order.
        at = self._epoch if self.sort_column.ages else look
        row = self._rows[id_]
        return sort_key(id_, row, self.sort_column, descending=self.descending, store=self.store, look=at)

    def _due(self) -> bool:
        """Whether time alone may have changed what the filter says."""
        if self.filter is None or not self.filter.ages:
            return False
        now = self.look().monotonic
        if now - self._checked < max(RECHECK, len(self._rows) / RECHECKED_A_SECOND):
            return False
        self._checked = now
        return True
