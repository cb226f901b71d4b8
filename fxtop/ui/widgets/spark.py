"""A history in one line: what it is, its course, and the value that its height stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from fxtop.views.charts import sparkline
from fxtop.views.fit import fit, plain_ascii


class Spark(Widget):
    """A sparkline with its label on the left and its scale on the right, in one line of any width.

    The newest value is at the right end. Where there is no value (not a number) there is a gap.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"spark--label", "spark--chart", "spark--scale"}

    DEFAULT_CSS = """
    Spark {
        height: 1;
        width: 1fr;

        & > .spark--label { color: $fx-muted; text-style: $fx-muted-style; }
        & > .spark--chart { color: $fx-chart; }
        & > .spark--scale { color: $fx-text; }
    }
    """

    def __init__(
        self,
        label: str,
        *,
        label_width: int = 10,
        scale_width: int = 16,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002  # Textual's own name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._label = plain_ascii(label) if ascii_only else label
        self._label_width = label_width
        self._scale_width = scale_width
        self._ascii = ascii_only
        self._values: tuple[float, ...] = ()
        self._top: float | None = None
        self._scale = ""

    def show(self, values: Sequence[float], scale: str, top: float | None = None) -> None:
        """Show a history; nothing is painted when it is the one already shown.

        Args:
            values: Oldest first; more than fit are cut at the old end.
            scale: What stands at the right, as ``42 % of 64``.
            top: The value of full height; None takes the largest of those shown.
        """
        shown = (tuple(values), plain_ascii(scale) if self._ascii else scale, top)
        if shown != (self._values, self._scale, self._top):
            self._values, self._scale, self._top = shown
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The one line there is; the chart takes what label and scale leave, and those give way where it is narrow."""
        width = self.size.width
        if y:
            return Strip.blank(width, self.rich_style)
        label = min(self._label_width, width // 3)
        scale = min(self._scale_width, width // 3)
        chart = max(0, width - label - scale - 2)
        parts = [
            (fit(self._label, label, ascii=self._ascii), "spark--label"),
            (" " + sparkline(self._values, chart, top=self._top, ascii=self._ascii) + " ", "spark--chart"),
            (fit(self._scale, scale, ascii=self._ascii), "spark--scale"),
        ]
        return Strip([Segment(text, self._style(name)) for text, name in parts]).crop_extend(0, width, self.rich_style)

    def _style(self, component: str) -> Style:
        return self.rich_style + self.get_component_rich_style(component, partial=True)
