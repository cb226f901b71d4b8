"""Lines that scroll, under a header that doesn't: where they are on the screen, and how many there are."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBarRender

from fxtop.ui.table.scrollbar import KeptScrollBar, PlainBars

THUMB_STEPS: Final = len(ScrollBarRender.VERTICAL_BARS)


class LineViewport(ScrollView):
    """A scroll view of lines, whose number can change without a layout of the screen."""

    HEADER: ClassVar[int] = 0
    """Lines at the top that stay."""

    DEFAULT_CSS = """
    LineViewport {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
    }
    """

    ALLOW_SELECT = False

    def on_mount(self) -> None:
        """Have the scrollbar kept. Textual makes it, of its own class: there is no other way to have another one."""
        self.vertical_scrollbar.__class__ = KeptScrollBar

    def draw_plain_scrollbar(self) -> None:
        """Draw the scrollbar with what a terminal has that only shows ASCII."""
        self.vertical_scrollbar.renderer = PlainBars  # type: ignore[misc]  # Textual means it to be set so

    @property
    def line_width(self) -> int:
        """Cells of a line, without the scrollbar."""
        return max(0, self.size.width - self.scrollbar_size_vertical)

    @property
    def page(self) -> int:
        """Lines that fit under the header."""
        return max(0, self.size.height - self.HEADER)

    @property
    def top(self) -> int:
        """Index of the first line under the header."""
        return int(self.scroll_offset.y)

    def is_visible(self, index: int) -> bool:
        """Whether the line at ``index`` is on the screen."""
        return self.top <= index < self.top + self.page

    def resize_lines(self, count: int, width: int) -> None:
        """Set how much there is to scroll over.

        Assigning ``virtual_size`` would lay out the whole screen again; the widget's own place doesn't depend on it.
        """
        size = Size(width, count + self.HEADER)
        if size == self.virtual_size:
            return
        self.set_reactive(LineViewport.virtual_size, size)
        self.vertical_scrollbar.window_virtual_size = size.height
        self.vertical_scrollbar.position = self.scroll_y
        if self.scroll_offset.y > self.max_scroll_y:
            self.jump(self.max_scroll_y)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Have the lines painted again, and the scrollbar only where its thumb moves: seldom, in a long table."""
        bar = self.vertical_scrollbar
        if self._thumb(new_value) != self._thumb(bar.position):
            bar.position = new_value
        if round(old_value) != round(new_value):
            self.refresh(self.size.region)

    def _thumb(self, position: float) -> int:
        """How far down the thumb is drawn, in the eighths of a cell that a scrollbar can show."""
        size, whole = self.size.height, self.virtual_size.height
        thumb = max(1.0, size * size / max(1, whole))
        return int((size - thumb) * position / max(1, whole - size) * THUMB_STEPS)

    def jump(self, top: int) -> None:
        """Scroll at once so that the line at ``top`` is the first, as far as there are lines."""
        self.scroll_to(y=max(0, min(top, self.max_scroll_y)), animate=False, force=True)

    def shift(self, scroll: int) -> None:
        """Scroll sideways at once."""
        self.scroll_to(x=max(0, scroll), animate=False, force=True)

    def reveal(self, index: int) -> None:
        """Scroll as little as brings the line at ``index`` on the screen."""
        if index < self.top:
            self.jump(index)
        elif index >= self.top + self.page:
            self.jump(index - max(1, self.page) + 1)
