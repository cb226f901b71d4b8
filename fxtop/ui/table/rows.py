"""Formatted rows: the costly half of a line, kept until the row, the columns or the time say otherwise."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from typing import Final, Generic, TypeVar

import msgspec
from textual.strip import Strip

from fxtop.cluster.records import Liveness
from fxtop.ui.table.fit import Fitted, fitted, plain
from fxtop.ui.table.layout import ColumnLayout
from fxtop.ui.table.source import TableSource
from fxtop.views.column import Look, Tone

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")

COARSE: Final = 60
"""Seconds for which what looks at the clock stays true, but for ages: dates, days until something expires."""
CAPACITY: Final = 200
"""Rows kept formatted, at 4 KB each with their strips: some screens, so that paging back and forth formats nothing."""


class FormattedRow(msgspec.Struct):
    """A row's cells as text, and the strips that were made of them."""

    key: tuple[Hashable, ...] | None
    """What they were made from; None asks for them to be made again."""
    texts: tuple[str, ...]
    cells: tuple[tuple[Fitted, Tone], ...]
    liveness: Liveness
    second: int = 0
    """The one in which the ages were written."""
    gone: bool = False
    strips: dict[Hashable, Strip] = msgspec.field(default_factory=dict)

    def looks_like(self, other: FormattedRow) -> bool:
        """Whether the same strips serve for both."""
        return (
            self.cells == other.cells
            and self.texts == other.texts
            and self.liveness is other.liveness
            and self.gone is other.gone
        )


class RowCache(Generic[K, R]):
    """Formats rows on demand and remembers the last few hundred."""

    def __init__(self, source: TableSource[K, R]) -> None:
        self._source = source
        self._rows: OrderedDict[K, FormattedRow] = OrderedDict()
        self._capacity = CAPACITY
        self.formatted = 0
        """Rows formatted so far; for tests and self-measurement."""

    def make_room(self, lines: int) -> None:
        """Hold at least a few screens of ``lines``."""
        self._capacity = max(CAPACITY, 4 * lines)

    def clear(self) -> None:
        """Forget all, as after a change of columns."""
        self._rows.clear()

    def drop_strips(self) -> None:
        """Forget what styles went into; the texts stay."""
        for row in self._rows.values():
            row.strips.clear()

    def stale(self, dirty: AbstractSet[K]) -> None:
        """Make the rows in ``dirty`` be formatted again, even if their revision is the same (a joined row changed)."""
        for row_id, row in self._rows.items():
            if row_id in dirty:
                row.key = None

    def get(self, row_id: K, layout: ColumnLayout, look: Look) -> tuple[FormattedRow, frozenset[str]]:
        """The row as it is now, and the ids of the columns whose text differs from when it was last formatted."""
        source = self._source
        old = self._rows.get(row_id)
        if old is not None:
            self._rows.move_to_end(row_id)
        row = source.row(row_id)
        if row is None:
            return self._departed(row_id, old, layout, look), frozenset()
        liveness = source.liveness(row_id)
        second = int(look.monotonic)
        key = (source.rev(row_id), liveness, second // COARSE, look.ascii, look.tz, look.domain)
        if old is not None and old.key == key:
            if old.second == second or not layout.aging:
                return old, frozenset()
            new = self._aged(row, old, layout, look)
        else:
            new = self._format(row, key, liveness, layout, look)
        if old is not None and old.looks_like(new):
            old.key, old.second = key, second
            return old, frozenset()
        self._keep(row_id, new)
        return new, _changed(old, new, layout)

    def _keep(self, row_id: K, row: FormattedRow) -> None:
        self._rows[row_id] = row
        if len(self._rows) > self._capacity:
            self._rows.popitem(last=False)

    def _format(
        self, row: R, key: tuple[Hashable, ...], liveness: Liveness, layout: ColumnLayout, look: Look
    ) -> FormattedRow:
        self.formatted += 1
        both = [self._cell(row, at, layout, look) for at in range(len(layout.columns))]
        texts, cells = zip(*both, strict=True)
        return FormattedRow(key, texts, cells, liveness, int(look.monotonic))

    def _aged(self, row: R, old: FormattedRow, layout: ColumnLayout, look: Look) -> FormattedRow:
        """The same row some seconds older."""
        texts, cells = list(old.texts), list(old.cells)
        for at in layout.aging:
            texts[at], cells[at] = self._cell(row, at, layout, look)
        return FormattedRow(old.key, tuple(texts), tuple(cells), old.liveness, int(look.monotonic))

    def _cell(self, row: R, at: int, layout: ColumnLayout, look: Look) -> tuple[str, tuple[Fitted, Tone]]:
        """The text of the column ``at`` a place, and as it is painted."""
        column = layout.columns[at]
        cell = column.cell(row, self._source.store, look)
        text = plain(cell.text, ascii_only=look.ascii)
        return text, (fitted(text, layout.widths[at], right=column.right, ascii_only=look.ascii), cell.tone)

    def _departed(self, row_id: K, old: FormattedRow | None, layout: ColumnLayout, look: Look) -> FormattedRow:
        """A row that a held order still names: as it was last seen, or just its id."""
        if old is None:
            old = _named(str(row_id), layout, look)
            self._keep(row_id, old)
        if not old.gone:
            old.gone, old.key, old.liveness = True, None, Liveness.LEFT
            old.strips.clear()
        return old


def _named(name: str, layout: ColumnLayout, look: Look) -> FormattedRow:
    """A row of which nothing is left but its name."""
    text = plain(name, ascii_only=look.ascii)
    texts = (text, *("" for _ in layout.columns[1:]))
    cells = tuple(
        (fitted(text, width, ascii_only=look.ascii), Tone.NORMAL)
        for text, width in zip(texts, layout.widths, strict=True)
    )
    return FormattedRow(None, texts, cells, Liveness.LEFT)


def _changed(old: FormattedRow | None, new: FormattedRow, layout: ColumnLayout) -> frozenset[str]:
    if old is None or old.gone:
        return frozenset()
    pairs = zip(layout.columns, old.texts, new.texts, strict=True)
    return frozenset(column.id for column, before, after in pairs if before != after and not column.volatile)
