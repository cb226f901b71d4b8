"""Which columns are shown, how wide, and where: worked out from their declarations and the width, never from data."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from itertools import accumulate, takewhile
from typing import Any, Final

import msgspec

from fxtop.views.column import Column

GUTTER: Final = 1
"""Cells at the left edge of each line, for the sign of cursor and mark."""

GAP: Final = 1
"""Blank cells after each column."""

ROOM_FOR_THE_REST: Final = 12
"""Fixed columns stay fixed only while this many cells are left for the others."""


class ColumnLayout(msgspec.Struct, frozen=True, dict=True):
    """The columns of a table of a given width, as painted."""

    columns: tuple[Column[Any], ...]
    widths: tuple[int, ...]
    viewport: int
    fixed: int
    """So many leading columns stay when the table scrolls sideways."""

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each column starts in the unscrolled line, in cells; and, last, where the line ends."""
        return tuple(accumulate((width + GAP for width in self.widths), initial=GUTTER))

    @property
    def total(self) -> int:
        """Cells of a whole line."""
        return self.starts[-1]

    @property
    def fixed_width(self) -> int:
        """Cells at the left that don't scroll."""
        return self.starts[self.fixed] if self.fixed else GUTTER

    @property
    def overflow(self) -> int:
        """Cells that don't fit the viewport."""
        return max(0, self.total - GAP - self.viewport)

    @property
    def reach(self) -> int:
        """Cells to scroll over."""
        return self.viewport + self.overflow

    @cached_property
    def aging(self) -> tuple[int, ...]:
        """The places of the columns that differ with each second, whether the row changes or not."""
        return tuple(at for at, column in enumerate(self.columns) if column.ages)

    def column_at(self, x: int, scroll: int) -> Column[Any] | None:
        """The column painted at cell ``x`` of a line that is scrolled sideways by ``scroll``."""
        at = x if x < self.fixed_width else x + scroll
        for column, start, width in zip(self.columns, self.starts, self.widths, strict=False):
            if start <= at < start + width + GAP:
                return column
        return None

    def next_stop(self, scroll: int) -> int:
        """The scroll that puts the next hidden column edge at the left, one column on from ``scroll``."""
        stops = [start - self.fixed_width for start in self.starts[self.fixed : -1]]
        return min(next((stop for stop in stops if stop > scroll), self.overflow), self.overflow)

    def previous_stop(self, scroll: int) -> int:
        """The same one column back."""
        stops = [start - self.fixed_width for start in self.starts[self.fixed : -1]]
        return max((stop for stop in stops if stop < scroll), default=0)


def shown(columns: Sequence[Column[Any]], *, wide: bool, chosen: Collection[str] | None) -> tuple[Column[Any], ...]:
    """The columns to show: those ``chosen`` by id, else all in wide mode, else those that aren't wide."""
    if chosen is not None:
        picked = tuple(column for column in columns if column.id in chosen)
        return picked or tuple(columns[:1])
    return tuple(column for column in columns if wide or not column.wide)


def lay_out(columns: Sequence[Column[Any]], viewport: int) -> ColumnLayout:
    """Give each of ``columns`` its width in a line of ``viewport`` cells.

    Every column gets its own width; what is left over goes to those that take more, by weight, up to their most.
    """
    widths = [column.width for column in columns]
    spare = viewport - GUTTER - sum(widths) - GAP * max(0, len(widths) - 1)
    _share_out(columns, widths, spare)
    fixed = len(tuple(takewhile(lambda column: column.fixed, columns)))
    fixed_width = GUTTER + sum(widths[:fixed]) + GAP * fixed
    if fixed_width + ROOM_FOR_THE_REST > viewport:
        fixed = 0
    return ColumnLayout(tuple(columns), tuple(widths), viewport, fixed)


def _share_out(columns: Sequence[Column[Any]], widths: list[int], spare: int) -> None:
    """Widen ``widths`` in place: by weight first, the cells that rounding leaves over one by one from the left."""
    while spare > 0:
        hungry = [i for i, column in enumerate(columns) if column.weight and widths[i] < column.max_width]
        if not hungry:
            return
        weights = sum(columns[i].weight for i in hungry)
        before = spare
        for i in hungry:
            share = before * columns[i].weight // weights
            take = min(max(share, 1), columns[i].max_width - widths[i], spare)
            widths[i] += take
            spare -= take
