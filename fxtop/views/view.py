"""One pane's ids, filtered and in order, kept true by looking only at what changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
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
        before = self._rows
        touched: set[K] = set()
        if self.pane.changed is not None:
            touched |= self.pane.changed(dirty)
        else:
            self._rows = self.pane.rows(self.store)
            touched |= before.keys() | self._rows.keys()
        if self._due():
            touched |= self._rows.keys()
        self._touch(touched)

    def set_filter(self, filter_: Filter[R] | None) -> None:
        """Show only rows that match; None shows all."""
        self.filter = filter_
        self._refill()

    def set_sort(self, column: Column[R], descending: bool) -> None:
        """Put the rows in another order."""
        self.sort_column, self.descending = column, descending
        self._refill()

    def narrow(self, ids: AbstractSet[K] | None) -> None:
        """Show only rows among ``ids``; None widens again. Cheap to repeat with a set that differs in a few ids."""
        before, self._narrowed = self._narrowed, ids
        if before is None or ids is None:
            if before is not ids:
                self._refill()
        else:
            self._touch(before ^ ids)

    def hold(self, on: bool) -> None:
        """Keep the order as it is painted, or let it follow the store again."""
        self._held = on
        if not on:
            waiting, self._waiting, self._gone = self._waiting, set(), set()
            self._touch(waiting)

    def _touch(self, ids: AbstractSet[K]) -> None:
        """Look again at these rows, and list them where they belong now or note that they would be."""
        look = self.look()
        changed: dict[K, SortKey | None] = {}
        for id_ in ids:
            key = self._key(id_, look)
            if key != self._listed.key(id_):
                changed[id_] = key
        if self._held:
            self._wait(ids, changed)
        elif changed and self._listed.update(changed):
            self.revision += 1

    def _wait(self, ids: AbstractSet[K], changed: Mapping[K, SortKey | None]) -> None:
        self._waiting = (self._waiting - ids) | changed.keys()
        self._gone = {id_ for id_ in self._gone | changed.keys() if id_ in self._listed and id_ not in self._rows}

    def _refill(self) -> None:
        """Look at all rows."""
        self._rows = self.pane.rows(self.store)
        self._epoch = look = self.look()
        self._checked = look.monotonic
        self._waiting, self._gone = set(), set()
        keyed = ((id_, key) for id_ in self._rows if (key := self._key(id_, look)) is not None)
        if self._listed.refill(keyed):
            self.revision += 1

    def _key(self, id_: K, look: Look) -> SortKey | None:
        """The key that a row belongs under now, or None where it isn't to be listed."""
        row = self._rows.get(id_)
        if row is None or (self._narrowed is not None and id_ not in self._narrowed):
            return None
        if self.filter is not None and not self.filter.matches(row, self.store, look):
            return None
        # Values that grow with time all grow alike: taken at one moment for all rows they keep their order.
        at = self._epoch if self.sort_column.ages else look
        return sort_key(id_, row, self.sort_column, descending=self.descending, store=self.store, look=at)

    def _due(self) -> bool:
        """Whether time alone may have changed what the filter says."""
        now = self.look().monotonic
        if self.filter is None or not self.filter.ages or now - self._checked < RECHECK:
            return False
        self._checked = now
        return True
