"""The scrollbar beside the lines: Textual's own, but that it is drawn only when its thumb moves, and at once."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

from fxtop.ui.widgets.kept import KeptLines


class PlainBars(ScrollBarRender):
    """A scrollbar without block glyphs, for terminals that only show ASCII."""

    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8


class QuickScrollBar(ScrollBar):
    """A vertical scrollbar that goes without what Textual does for borders, paddings and links at each line."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Its lines; each is one segment of what `ScrollBar.render` asks to be drawn."""
        drawn = self.render()
        if not (isinstance(drawn, ScrollBarRender) and isinstance(drawn.style, Style)):
            return super().render_lines(crop)
        width, height = self.size
        ground, thumb = drawn.style.bgcolor, drawn.style.color
        if ground is None or thumb is None or not self.vertical:
            return super().render_lines(crop)
        bar = drawn.render_bar(
            size=height,
            virtual_size=drawn.virtual_size,
            window_size=drawn.window_size,
            position=drawn.position,
            thickness=width,
            back_color=ground,
            bar_color=thumb,
        )
        segments = Segment.apply_style(bar.segments, self.rich_style)
        strips = [Strip([segment], width) for segment in segments][crop.y : crop.bottom]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        return [strip.crop(*crop.column_span) for strip in strips]


class KeptScrollBar(KeptLines, QuickScrollBar):
    """The same, kept while it doesn't change, though Textual asks for it with every line that is painted beside it."""
