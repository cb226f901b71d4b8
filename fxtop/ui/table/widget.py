"""The table widget: a person moves the cursor, marks and sorts; the source's owner tells it what changed."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Generic, TypeVar

from textual import events

from fxtop.ui.table.flash import FLASH_SECONDS
from fxtop.ui.table.lines import TableLines
from fxtop.ui.table.messages import CursorLost, MarksChanged, RowHighlighted, RowSelected, SortChanged
from fxtop.ui.table.source import TableSource
from fxtop.views.column import Column

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class FxTable(TableLines[K, R], Generic[K, R], can_focus=True, inherit_bindings=False):
    """A live table of any number of rows.

    The rows live in a `TableSource`. Whoever changes them calls `sync` with the ids that changed, once a tick; the
    table then has those lines painted that look different, and no other. It has no key bindings of its own: it offers
    actions, and the keymap binds them.
    """

    DEFAULT_CSS = """
    FxTable {
        background: $fx-background;
        color: $fx-text;
        scrollbar-color: $fx-scrollbar;
        scrollbar-color-hover: $fx-scrollbar;
        scrollbar-color-active: $fx-accent;
        scrollbar-background: $fx-background;
        scrollbar-background-hover: $fx-background;
        scrollbar-background-active: $fx-background;
    }
    """

    def __init__(
        self,
        source: TableSource[K, R],
        columns: Sequence[Column[R]],
        *,
        sort: str = "",
        descending: bool = False,
        flash_seconds: float = FLASH_SECONDS,
        id: str | None = None,  # noqa: A002  # Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(
            source, columns, sort=sort, descending=descending, flash_seconds=flash_seconds, id=id, classes=classes
        )
        self._revision: int | None = None
        self._top_id: K | None = None
        self._lost: K | None = None

    # What the screen asks

    @property
    def cursor_id(self) -> K | None:
        """The row under the cursor."""
        return self.cursor.id

    @property
    def targets(self) -> tuple[K, ...]:
        """The rows that an action is about: the marked ones in the order shown, else the one under the cursor.

        When the row under the cursor has just left and the next one isn't painted yet, it is still the one that left:
        that is what the person saw when the key was pressed.
        """
        if not len(self.marks):
            row_id = self.cursor.id if self._lost is None else self._lost
            return () if row_id is None else (row_id,)
        places = ((self.source.index(row_id), row_id) for row_id in self.marks)
        placed = sorted(
            ((len(self.source.ids) if at is None else at, row_id) for at, row_id in places), key=lambda p: p[0]
        )
        return tuple(row_id for _, row_id in placed)

    @property
    def suffix(self) -> str:
        """What belongs behind the title: marks, and whether the order is held; empty when there is neither."""
        parts = []
        if count := len(self.marks):
            hidden = self.marks.hidden(self.source.index, self.source.revision)
            parts.append(f"{count} marked" + (f" ({hidden} not shown)" if hidden else ""))
        if self.source.held:
            pending = self.source.pending
            parts.append(f"order held, {pending} to move" if pending else "order held")
        return ", ".join(parts)

    @property
    def wide(self) -> bool:
        """Whether the wide columns show too."""
        return self._wide

    @wide.setter
    def wide(self, wide: bool) -> None:
        if wide != self._wide:
            self._wide = wide
            self._rearrange()

    @property
    def visible_columns(self) -> frozenset[str] | None:
        """Ids of the columns chosen by hand; None shows the usual ones."""
        return self._chosen

    @visible_columns.setter
    def visible_columns(self, chosen: Iterable[str] | None) -> None:
        wanted = None if chosen is None else frozenset(chosen)
        if wanted != self._chosen:
            self._chosen = wanted
            self._rearrange()

    # What the owner of the rows says

    def sync(self, dirty: AbstractSet[K] = frozenset()) -> None:
        """Take in what changed: ``dirty`` rows, the order, or only the time."""
        self._rows.stale(dirty)
        self._follow_order()
        self.cursor.know(dirty)
        if self.is_on_screen:
            self.repaint_changed()

    def sort_by(self, column_id: str, *, descending: bool | None = None) -> None:
        """Show ``column_id`` as the sorted one and ask for that order.

        Without a direction, the sorted column turns round and another takes the direction it likes.
        """
        column = next(column for column in self.columns if column.id == column_id)
        if descending is None:
            descending = not self.sort_descending if column_id == self.sort_column else column.descending
        self.show_sort(column_id, descending=descending)
        self.post_message(SortChanged(self, column_id, descending))

    def show_sort(self, column_id: str, *, descending: bool) -> None:
        """Show by which column the rows are sorted, without asking for it."""
        self.sort_column, self.sort_descending = column_id, descending
        self.repaint_changed()

    def go_to(self, row_id: K) -> bool:
        """Put the cursor on a row; False when it isn't among those shown."""
        self._follow_order()
        index = self.source.index(row_id)
        if index is None:
            return False
        self._move(index)
        return True

    # What a person does

    def action_cursor_up(self) -> None:
        """Move up a row."""
        self._step(-1)

    def action_cursor_down(self) -> None:
        """Move down a row."""
        self._step(1)

    def action_page_up(self) -> None:
        """Move up a screen, less one row to see where it was."""
        self._step(-max(1, self.page - 1))

    def action_page_down(self) -> None:
        """Move down a screen, less one row."""
        self._step(max(1, self.page - 1))

    def action_first(self) -> None:
        """Go to the first row."""
        self._follow_order()
        self._move(0)

    def action_last(self) -> None:
        """Go to the last row."""
        self._follow_order()
        self._move(len(self.source.ids) - 1)

    def action_columns_left(self) -> None:
        """Scroll sideways to the column before."""
        self.shift(self.column_layout.previous_stop(self.scroll_offset.x))

    def action_columns_right(self) -> None:
        """Scroll sideways to the next column."""
        self.shift(self.column_layout.next_stop(self.scroll_offset.x))

    def action_select(self) -> None:
        """Open the row under the cursor."""
        if self.cursor.id is not None:
            self.post_message(RowSelected(self, self.cursor.id))

    def action_mark(self) -> None:
        """Mark the row under the cursor, or unmark it, and go on to the next."""
        if self.cursor.id is not None:
            self.marks.toggle(self.cursor.id)
            self._marked()
            self._step(1)

    def action_mark_range(self) -> None:
        """Mark all rows from the last one marked to the cursor."""
        if self.cursor.id is not None:
            self.marks.extend(self.cursor.id, self.source.ids, self.source.index)
            self._marked()

    def action_mark_all(self) -> None:
        """Mark all rows that the filter lets through."""
        self.marks.add(self.source.ids)
        self._marked()

    def action_mark_invert(self) -> None:
        """Mark what isn't marked and unmark what is, among the rows that the filter lets through."""
        self.marks.invert(self.source.ids)
        self._marked()

    def action_mark_clear(self) -> None:
        """Unmark all."""
        self.marks.clear()
        self._marked()

    # What Textual tells

    def on_mount(self) -> None:
        """Start with the rows there are."""
        if self.source.look().ascii:
            self.draw_plain_scrollbar()
        self._follow_order()
        self.cursor.know(self.source.ids)

    def on_show(self) -> None:
        """While hidden nothing was painted, so all is."""
        self.refresh()

    def on_hide(self) -> None:
        """What changes from now on is not seen to change."""
        self.forget_painted()

    def on_resize(self) -> None:
        """Fit the columns to the new width and keep the cursor in sight."""
        if self.cursor.placed:
            self.reveal(self.cursor.index)
        self._note_top()

    def on_focus(self) -> None:
        """Show the cursor as the one that acts."""
        self._repaint_cursor()

    def on_blur(self) -> None:
        """Show the cursor as one that rests."""
        self._repaint_cursor()

    def on_click(self, event: events.Click) -> None:
        """Sort by a title, put the cursor on a row, open it at the second click."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        if offset.y < self.HEADER:
            column = self.column_layout.column_at(offset.x, self.scroll_offset.x)
            if column is not None:
                self.sort_by(column.id)
        elif (index := self.top + offset.y - self.HEADER) < len(self.source.ids):
            self._move(index)
            if event.chain > 1:
                self.action_select()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Remember which row is at the top: it stays there when the order changes."""
        super().watch_scroll_y(old_value, new_value)
        self._note_top()

    def line_painted(self, y: int) -> None:
        """Once the cursor's line is painted, keys are about the row that it shows."""
        if self._lost is not None and (not self.source.ids or y == self._screen_line(self.cursor.index)):
            self._lost = None

    # How

    def _step(self, rows: int) -> None:
        self._follow_order()
        self._move(self.cursor.index + rows)

    def _move(self, index: int) -> None:
        before = self.cursor.index
        top = self.top
        self._lost = None
        moved = self.cursor.place(index, self.source.ids)
        self.reveal(self.cursor.index)
        if moved:
            if self.top == top:
                self.repaint_lines((self._screen_line(before), self._screen_line(self.cursor.index)))
            self.post_message(RowHighlighted(self, self.cursor.id))

    def _follow_order(self) -> None:
        """Take over a new order: cursor and view stay with their rows as far as both can."""
        source = self.source
        if source.revision == self._revision:
            return
        self._revision = source.revision
        cursor, top, before = self.cursor, self.top, self.cursor.id
        line = cursor.index - top
        in_sight = cursor.placed and self.is_visible(cursor.index)
        lost = cursor.follow(source)
        self.resize_lines(len(source.ids), self.column_layout.reach)
        if top > 0:
            self.jump(cursor.index - line if in_sight else self._anchored_top(top))
        if in_sight:
            self.reveal(cursor.index)
        self._note_top()
        self._tell(before, lost)
        if not source.held and self.marks.keep(lambda row_id: source.row(row_id) is not None):
            self.post_message(MarksChanged(self, len(self.marks)))

    def _anchored_top(self, top: int) -> int:
        at = None if self._top_id is None else self.source.index(self._top_id)
        return top if at is None else at

    def _tell(self, before: K | None, lost: K | None) -> None:
        if lost is not None:
            self._lost = lost
            self.post_message(CursorLost(self, lost, self.cursor.id))
        if self.cursor.id != before:
            self.post_message(RowHighlighted(self, self.cursor.id))

    def _note_top(self) -> None:
        ids = self.source.ids
        self._top_id = ids[self.top] if self.top < len(ids) else None

    def _screen_line(self, index: int) -> int:
        return index - self.top + self.HEADER

    def _repaint_cursor(self) -> None:
        self.repaint_lines([self._screen_line(self.cursor.index)])

    def _marked(self) -> None:
        self.repaint_changed()
        self.post_message(MarksChanged(self, len(self.marks)))

    def _rearrange(self) -> None:
        """Show other columns."""
        self._lay_out()
        self.refresh()
