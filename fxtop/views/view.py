"""One pane's ids, filtered and in order, kept true by looking only at what changed."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from fxtop.cluster.records import Liveness
from fxtop.views.asking import Asking
from fxtop.views.buckets import Buckets
from fxtop.views.order import SortKey, key_of, sort_key, sort_value
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

SLICE: Final = 1_000
"""Rows that are asked in one go: two or three milliseconds, as a key may have to wait for several of them."""
FIRST: Final = 200
"""Rows that are asked in one go while somebody waits for the first of them: a screen may be full any time."""
AT_ONCE: Final = 4_000
"""Rows asked at once by a filter that finds less than a screen: then whoever waits is shown what there is, and the old
list only while there is nothing."""

RECHECK: Final = 1.0
"""Seconds between two looks at all rows, for a filter whose answer changes by time alone (``age>10m``)."""
RECHECKED_A_SECOND: Final = 10_000
"""Rows looked at for that reason, so that a very large pane is asked more seldom instead of all the time."""


class View(Generic[K, R]):
    """What a table shows of a pane, and in which order.

    `apply` costs about as much as there are changed rows; only a person's own act (another filter or order) looks at
    all of them, and a filter can do so bit by bit. While the order is held nothing moves, comes or goes, and rows that
    left the store stay listed as `gone`; what a person asks for himself, by `set_filter` and `set_sort`, is done at
    once even then.
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
        self._covered: AbstractSet[K] | None = None
        """Outside of these no row is known; None is all rows."""
        self._unasked = False
        """Whether rows have come in sight again that must be asked whether they are to be listed."""
        self._rows: Mapping[K, R] = {}
        self._all: SortedIds[K] = SortedIds()
        """Every row that is not hidden; `_listed` is the very same as long as nothing is left out or held."""
        self._listed = self._all
        self._asking: Asking[K] | None = None
        self._waiting: set[K] = set()
        self._gone: set[K] = set()
        self._late: set[K] | None = None
        """What changed since a new order was begun, while one is made."""
        self.set_sort(pane.default_sort, pane.descending)

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

    @property
    def uncovering(self) -> bool:
        """Whether all rows are to be known again and aren't yet."""
        return self._unasked

    @property
    def asking(self) -> bool:
        """Whether rows have still to be asked whether the filter lets them through; `go_on` does."""
        return self._asking is not None

    def among(self, ids: AbstractSet[K]) -> AbstractSet[K]:
        """Those of ``ids`` that it has anything to do with."""
        return ids if self._covered is None else (ids & self._covered) | (ids & self._all.unordered)

    def apply(self, dirty: Dirty) -> None:
        """Take in what changed in the store."""
        touched: AbstractSet[K]
        if self.pane.changed is not None:
            touched = self.among(self.pane.changed(dirty))
        else:
            before, self._rows = self._rows, self.pane.rows(self.store)
            touched = before.keys() | self._rows.keys()
        if self._late is not None:
            self._late |= touched
        if self._unasked:
            return  # part of the rows would pass for all of them
        look = self.look()
        column, picked = self.sort_column, self.pane.moved
        lasting = (column.lasting or column.constant) and self.pane.hides is None and self._covered is None
        asked = picked(dirty) if lasting and picked is not None else touched
        moved = self._all.update(self._other_keys(asked, look))
        if self._listed is self._all:
            self.revision += moved
        if self._target is not self._all:
            self._take(touched, self._changes({*touched, *self._all.unordered} if self._due() else touched, look))

    def set_filter(self, filter_: Filter[R] | None, *, enough: int | None = None, beyond: K | None = None) -> None:
        """Show only rows that match; None shows all.

        Args:
            filter_: what to match.
            enough: return as soon as so many rows are listed that a screen can be filled; the rest is for `go_on`.
            beyond: a row that is to have been asked too before that.
        """
        self.filter = filter_
        self._relist(enough, beyond)

    def go_on(self, most: int | None = None) -> bool:
        """Ask some more rows, at ``most`` so many. The old list stands until there is something of the new one.

        Returns:
            Whether somebody may see that: rows came that a screen still had room for, or all are asked now.
        """
        asking = self._asking
        if asking is None:
            return False
        roomy = not asking.enough_found
        look = self.look()
        keys = {key[-1]: key for key in asking.take(most or SLICE) if self._admits(key[-1], look)}
        grown = asking.found.update(keys)
        if self._listed is asking.found:
            self.revision += grown
        elif asking.shows:
            self._show(asking.found)
        if asking.done:
            self._asking = None
        return asking.done or (roomy and grown and asking.shows)

    def set_sort(self, column: Column[R], descending: bool) -> None:
        """Put the rows in another order."""
        for _ in self.reorder(column, descending):
            pass

    def reorder(self, column: Column[R], descending: bool) -> Iterator[None]:
        """The same in portions: what is shown stands until the last, and may change meanwhile.

        An order that is not asked for to its end is dropped by asking for another.
        """
        # Values that grow with time all grow alike: taken at one moment for all rows they keep their order.
        epoch = self.look()
        late: set[K] = set()
        self._late = late
        self._rows = self.pane.rows(self.store)
        ids = list(self._rows if self._covered is None else self._covered)

        def keyed(some: Iterable[K]) -> list[SortKey]:
            keys = (self._key_under(id_, column, descending, epoch) for id_ in some)
            return [key for key in keys if key is not None]

        buckets = Buckets(keyed(ids[:: -(-len(ids) // SLICE) or 1]))
        for start in range(0, len(ids), SLICE):
            buckets.add(keyed(ids[start : start + SLICE]))
            yield
        order: SortedIds[K] = SortedIds()
        for keys in buckets.sorted():
            order.extend(keys)
            yield
        while self._asking is not None:
            self.go_on()
            yield
        self.sort_column, self.descending, self._epoch = column, descending, epoch
        self._late = None
        self._take_order(order, late)

    def narrow(self, ids: AbstractSet[K] | None) -> None:
        """Show only rows among ``ids``; None widens again. Cheap to repeat with a set that differs in a few ids."""
        before, self._narrowed = self._narrowed, ids
        if before is not None and ids is not None:
            self._take(set(), self._changes(before ^ ids, self.look()))
        elif before is not ids:
            self._relist()

    def cover(self, ids: AbstractSet[K]) -> None:
        """Know no rows but these from now on, in the place of any narrowing, and spend nothing on the others.

        The set may change by itself, as long as the store marks as changed what comes and goes.
        """
        self._covered, self._narrowed, self._late = ids, None, None
        self._unasked = False
        look = self.look()
        self._all = SortedIds()
        self._all.refill(sorted(key for id_ in ids if (key := self._key(id_, look)) is not None))
        self._relist(AT_ONCE)

    def uncover(self, narrowed: AbstractSet[K] | None = None) -> Iterator[None]:
        """Know all rows again, and show those among ``narrowed``; in portions, as `reorder`."""
        self._covered, self._narrowed, self._unasked = None, narrowed, True
        return self.reorder(self.sort_column, self.descending)

    def hold(self, on: bool) -> None:
        """Keep the order as it is painted, or let it follow the store again."""
        if on and not self._held and self._listed is self._all:
            self._listed = self._all.copy()
        self._held = on
        if on:
            return
        waiting = self._settled()
        if self._restricted:
            self._list(self._changes(waiting, self.look()))
        else:
            self._show(self._all)

    @property
    def _restricted(self) -> bool:
        return self.filter is not None or self._narrowed is not None

    def _changes(self, ids: Iterable[K], look: Look) -> dict[K, SortKey | None]:
        """Which of these ids to list under another key than now, and (None) which no longer."""
        listed = self._target
        changes: dict[K, SortKey | None] = {}
        for id_ in ids:
            key = self._all.key(id_) if self._admits(id_, look) else None
            if key != listed.key(id_):
                changes[id_] = key
        return changes

    @property
    def _target(self) -> SortedIds[K]:
        """What is kept true: the list that is shown, or the one that is about to take its place."""
        return self._listed if self._asking is None else self._asking.found

    def _take(self, touched: AbstractSet[K], changes: dict[K, SortKey | None]) -> None:
        """List the changes, or let them wait while the order is held."""
        if not self._held:
            self._list(changes)
            return
        self._waiting = (self._waiting - touched) | changes.keys()
        self._gone = {id_ for id_ in self._gone | changes.keys() if id_ in self._listed and id_ not in self._rows}

    def _list(self, changes: dict[K, SortKey | None]) -> None:
        target = self._target
        if changes and target.update(changes) and target is self._listed:
            self.revision += 1

    def _show(self, listed: SortedIds[K]) -> None:
        """Make this the list that is shown."""
        if listed is not self._listed:
            self._listed = listed
            self.revision += 1

    def _settled(self) -> set[K]:
        """What waited, which from now on no longer does."""
        waiting, self._waiting, self._gone = self._waiting, set(), set()
        return waiting

    def _relist(self, enough: int | None = None, beyond: K | None = None) -> None:
        """Ask the rows anew whether they are admitted; their order stands."""
        self._settled()
        self._checked = self.look().monotonic
        self._asking = None
        if not self._restricted:
            self._show(self._all.copy() if self._held else self._all)
            return
        if self._narrowed is not None:
            listed: SortedIds[K] = SortedIds()
            self._show(listed)
            self._list(self._changes(self._narrowed, self.look()))
            return
        self._asking = Asking(self._all, enough, beyond, AT_ONCE)
        portion = SLICE if enough is None else FIRST
        while self._asking is not None and not self._asking.takes_long:
            self.go_on(portion)

    def _take_order(self, order: SortedIds[K], late: set[K]) -> None:
        """List all rows in this order, and by newer keys those that changed while it was made."""
        look = self.look()
        waiting, before = self._settled(), self._listed
        order.update({id_: self._key(id_, look) for id_ in late})
        self._all = order
        if self._unasked:
            self._unasked = False
            self.revision += 1
            self._relist(AT_ONCE)
            return
        if self._restricted:
            self._listed = SortedIds()
            self._listed.refill([key for key in order if key[-1] in before])
            self._listed.update(self._changes(waiting | late, look))
        else:
            self._listed = self._all.copy() if self._held else self._all
        self.revision += len(before) != len(self._listed) or any(
            old[-1] != new[-1] for old, new in zip(before, self._listed, strict=True)
        )

    def _admits(self, id_: K, look: Look) -> bool:
        """Whether a row is to be listed; one that left the store since the last `apply` isn't."""
        row = self._rows.get(id_)
        if row is None or id_ not in self._all or (self._narrowed is not None and id_ not in self._narrowed):
            return False
        return self.filter is None or self.filter.matches(row, self.store, look)

    def _other_keys(self, ids: Iterable[K], look: Look) -> dict[K, SortKey | None]:
        """Which of these ids belong under another key than before, or (None) under none.

        Of nearly all rows that change the value that they are sorted by doesn't, so that is looked at first.
        """
        column, descending, store, at = self.sort_column, self.descending, self.store, self._moment(look)
        others: dict[K, SortKey | None] = {}
        if column.constant and self.pane.hides is None and self._covered is None:
            rows, listed = self._rows, self._all
            ids = [id_ for id_ in ids if id_ not in rows or id_ not in listed]
        for id_ in ids:
            before, row = self._all.key(id_), self._to_list(id_)
            if row is None:
                if before is not None:
                    others[id_] = None
                continue
            value = sort_value(row, column, descending=descending, store=store, look=at)
            if before is None or before[0] != value:
                others[id_] = key_of(id_, value)
        return others

    def _moment(self, look: Look) -> Look:
        """The moment at which the values are taken that rows are sorted by."""
        return self._epoch if self.sort_column.ages else look

    def _to_list(self, id_: K) -> R | None:
        """The row, where there is one that is known here and not put away."""
        row = self._rows.get(id_)
        if row is None or (self._covered is not None and id_ not in self._covered):
            return None
        return None if self.pane.hides is not None and self.pane.hides(row) else row

    def _key(self, id_: K, look: Look) -> SortKey | None:
        """The key that a row belongs under now; None where there is no such row, or none to be seen."""
        return self._key_under(id_, self.sort_column, self.descending, self._moment(look))

    def _key_under(self, id_: K, column: Column[R], descending: bool, look: Look) -> SortKey | None:
        row = self._to_list(id_)
        if row is None:
            return None
        return sort_key(id_, row, column, descending=descending, store=self.store, look=look)

    def _due(self) -> bool:
        """Whether time alone may have changed what the filter says."""
        if self.filter is None or not self.filter.ages:
            return False
        now = self.look().monotonic
        if now - self._checked < max(RECHECK, len(self._all) / RECHECKED_A_SECOND):
            return False
        self._checked = now
        return True
