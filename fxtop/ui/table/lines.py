"""The lines of a table: what each looks like now, what was last painted there, and which therefore need painting."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, ClassVar, Final, Generic, NamedTuple, Self, TypeVar

from textual.geometry import Region
from textual.strip import Strip
from textual.timer import Timer

from fxtop.ui.table.cursor import Cursor
from fxtop.ui.table.flash import FLASH_SECONDS, Flashes
from fxtop.ui.table.layout import ColumnLayout, lay_out, shown
from fxtop.ui.table.marks import Marks
from fxtop.ui.table.paint import Glyphs, glyphs_for, paint_header, paint_notice, paint_row, window, with_edges
from fxtop.ui.table.palette import LineState, Palette
from fxtop.ui.table.rows import RowCache
from fxtop.ui.table.source import TableSource
from fxtop.ui.table.viewport import LineViewport
from fxtop.views.column import Column, Look

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")

SHORTEST_TIMER: Final = 0.1
"""Seconds; fades that end closer together than this end together."""


class Frame(NamedTuple):
    """All that the lines of one painting have in common."""

    look: Look
    palette: Palette
    layout: ColumnLayout
    glyphs: Glyphs
    ids: Sequence[Any]
    """Of the rows that have a line, from the top."""
    empty: bool
    """Whether there is no row at all."""
    scroll: int
    width: int
    height: int
    cursor: str
    """The component class of the cursor."""


class TableLines(LineViewport, Generic[K, R], inherit_bindings=False):
    """Paints rows of a source in columns, with cursor, marks and flashes over them."""

    HEADER: ClassVar[int] = 1

    def __init__(
        self,
        source: TableSource[K, R],
        columns: Sequence[Column[R]],
        *,
        sort: str,
        descending: bool,
        flash_seconds: float = FLASH_SECONDS,
        id: str | None = None,  # noqa: A002  # Textual's own name for it
        classes: str | None = None,
    ) -> None:
        self._painted: dict[int, Strip] = {}
        """What stands on the screen, but for the lines that are to be painted again."""
        super().__init__(id=id, classes=classes)
        self.source = source
        self.columns = tuple(columns)
        self.sort_column = sort
        self.sort_descending = descending
        self.refreshed_lines = 0
        """Lines asked to be painted again one by one; for tests and self-measurement."""
        self.cursor: Cursor[K] = Cursor()
        self.marks: Marks[K] = Marks()
        self._wide = False
        self._chosen: frozenset[str] | None = None
        self._empty_text = ""
        self._rows: RowCache[K, R] = RowCache(source)
        self._flashes: Flashes[K] = Flashes(flash_seconds)
        self._fading: Timer | None = None
        self._palette: Palette | None = None
        self._restyled = True
        self._column_layout = lay_out(self._shown(), 0)
        self._header: tuple[tuple[object, ...], Strip] | None = None
        self._notice: tuple[tuple[object, ...], list[Strip]] | None = None
        self._painted_size = (0, 0)
        self._painted_ids: dict[int, K] = {}

    @property
    def formatted_rows(self) -> int:
        """Rows formatted since the start; for tests and self-measurement."""
        return self._rows.formatted

    @property
    def column_layout(self) -> ColumnLayout:
        """The columns as they stand in the present width."""
        if self._column_layout.viewport != self.line_width:
            self._lay_out()
        return self._column_layout

    @property
    def flash_seconds(self) -> float:
        """How long changed cells stay emphasised."""
        return self._flashes.seconds

    @flash_seconds.setter
    def flash_seconds(self, seconds: float) -> None:
        self._flashes.seconds = seconds

    @property
    def empty_text(self) -> str:
        """What is said, centred, while there is no row."""
        return self._empty_text

    @empty_text.setter
    def empty_text(self, text: str) -> None:
        if text != self._empty_text:
            self._empty_text = text
            self.repaint_changed()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some lines of the screen, as Textual asks for them: all at each painting, whichever need it.

        Nothing is drawn around a table or over it (the pane around it has the border), so what Textual does for
        borders, paddings and opacities at each line is left out; and a row's line is the same strip wherever it stands.
        """
        frame = self._new_frame()
        if self._painted_size != (frame.width, frame.height):
            self._painted_size = (frame.width, frame.height)
            self._painted.clear()
        background = self.background_colors[1]
        strips = [self._served(y, frame) for y in crop.line_range]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """The line at ``y`` of the screen as it looks now; that doesn't count as painted."""
        return self._line(y, self._new_frame())

    def line_painted(self, y: int) -> None:
        """The line at ``y`` was just painted again. Subclasses do what follows from it."""

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Have some lines painted again, or all."""
        if repaint:
            for y in [y for region in regions for y in region.line_range] if regions else list(self._painted):
                self._painted.pop(y, None)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def repaint_changed(self) -> None:
        """Have those lines painted again that look different from what was last painted there."""
        if not self._painted:
            return
        frame = self._new_frame()
        changed = []
        for y in range(frame.height):
            before = self._painted.get(y)
            now = self._line(y, frame)
            if before is not None and now is not before and now != before:
                changed.append(y)
        self.repaint_lines(changed)

    def forget_painted(self) -> None:
        """Nothing of the table is on the screen any more."""
        self._painted.clear()
        self._painted_ids.clear()
        self._flashes.clear()

    def repaint_lines(self, lines: Iterable[int]) -> None:
        """Have these lines of the screen painted again, as far as there are any."""
        height, width = self.size.height, self.line_width
        regions = [Region(0, y, width, 1) for y in lines if 0 <= y < height]
        if regions:
            self.refreshed_lines += len(regions)
            self.refresh(*regions)

    def notify_style_update(self) -> None:
        """Styles are read again at the next paint; strips stay if they turn out the same."""
        super().notify_style_update()
        self._restyled = True

    def _new_frame(self) -> Frame:
        look = self.source.look()
        ids, height = self.source.ids, self.size.height
        scroll, top = self.scroll_offset
        return Frame(
            look=look,
            palette=self._styles(),
            layout=self.column_layout,
            glyphs=glyphs_for(ascii_only=look.ascii),
            ids=ids[int(top) : int(top) + max(0, height - self.HEADER)],
            empty=not ids,
            scroll=int(scroll),
            width=self.line_width,
            height=height,
            cursor="cursor" if self.has_focus else "cursor-blur",
        )

    def _served(self, y: int, frame: Frame) -> Strip:
        strip = self._painted.get(y)
        if strip is None:
            strip = self._painted[y] = self._line(y, frame)
            self.line_painted(y)
        return strip

    def _line(self, y: int, frame: Frame) -> Strip:
        if y < self.HEADER:
            return self._header_line(frame)
        index = y - self.HEADER
        if frame.empty:
            return self._notice_lines(frame)[index]
        if index >= len(frame.ids):
            self._painted_ids.pop(y, None)
            return Strip.blank(frame.width, frame.palette.base)
        return self._row_line(y, frame.ids[index], frame)

    def _row_line(self, y: int, row_id: K, frame: Frame) -> Strip:
        row, changed = self._rows.get(row_id, frame.layout, frame.look)
        if changed and row_id in self._painted_ids.values():
            self._light(row_id, changed, frame.look)
        self._painted_ids[y] = row_id
        flashing = self._flashes.of(row_id)
        line = LineState(row.liveness, frame.cursor if row_id == self.cursor.id else "", row_id in self.marks)
        key = (line, flashing)
        strip = row.strips.get(key)
        if strip is None:
            strip = row.strips[key] = paint_row(row, line, flashing, frame.layout, frame.palette, frame.glyphs)
        return window(strip, frame.layout, frame.scroll, frame.width)

    def _header_line(self, frame: Frame) -> Strip:
        ascii_only = frame.look.ascii
        sort = (self.sort_column, self.sort_descending)
        key = (frame.layout, frame.palette, sort, frame.scroll, frame.width, ascii_only)
        if self._header is None or self._header[0] != key:
            whole = paint_header(frame.layout, *sort, frame.palette, ascii_only=ascii_only)
            cut = window(whole, frame.layout, frame.scroll, frame.width)
            self._header = (key, with_edges(cut, frame.layout, frame.scroll, frame.palette, frame.glyphs))
        return self._header[1]

    def _notice_lines(self, frame: Frame) -> list[Strip]:
        self._painted_ids.clear()
        width, height, ascii_only = frame.width, frame.height - self.HEADER, frame.look.ascii
        key = (self._empty_text, width, height, frame.palette, ascii_only)
        if self._notice is None or self._notice[0] != key:
            self._notice = (key, paint_notice(self._empty_text, width, height, frame.palette, ascii_only=ascii_only))
        return self._notice[1]

    def _styles(self) -> Palette:
        if self._palette is None or self._restyled:
            palette = Palette.of(self)
            if palette != self._palette:
                self._palette = palette
                self._rows.drop_strips()
            self._restyled = False
        return self._palette

    def _light(self, row_id: K, columns: frozenset[str], look: Look) -> None:
        self._flashes.light(row_id, columns, look.monotonic)
        if self._fading is None and self._flashes:
            self._await_fade(look)

    def _await_fade(self, look: Look) -> None:
        self._fading = self.set_timer(max(SHORTEST_TIMER, self._flashes.remaining(look.monotonic)), self.fade)

    def fade(self) -> None:
        """End the emphasis of what changed too long ago, and come back when more is due."""
        self._fading = None
        look = self.source.look()
        self._flashes.fade(look.monotonic)
        self.repaint_changed()
        if self._flashes and self._fading is None:
            self._await_fade(look)

    def _shown(self) -> tuple[Column[R], ...]:
        return shown(self.columns, wide=self._wide, chosen=self._chosen)

    def _lay_out(self) -> None:
        """Work out the columns anew; formatted rows don't fit any more."""
        self._column_layout = layout = lay_out(self._shown(), self.line_width)
        self._rows.clear()
        self._rows.make_room(self.size.height)
        self._flashes.clear()
        self.resize_lines(len(self.source.ids), layout.reach)
        if self.scroll_offset.x > layout.overflow:
            self.shift(layout.overflow)
