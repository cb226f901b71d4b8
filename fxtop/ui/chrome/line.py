"""A line of styled text with a left and a right end; the building block of everything around the panes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from textual.content import Content

from fxtop.ui.widgets.kept import KeptLines
from fxtop.views.column import Cell, Tone


class Span(NamedTuple):
    """Text with a style, as ``$fx-warn bold``. The text is shown as it is: it is never read as markup."""

    text: str
    style: str = ""


TONES: Final = {
    Tone.NORMAL: "",
    Tone.MUTED: "$fx-muted",
    Tone.OK: "$fx-ok",
    Tone.WARN: "$fx-warn",
    Tone.CRIT: "$fx-crit bold",
    Tone.ACCENT: "$fx-accent",
}
"""How a tone is written outside tables."""


def toned(cell: Cell) -> Span:
    """A cell of a view as a span."""
    return Span(cell.text, TONES[cell.tone])


class Line(KeptLines):
    """One line. What doesn't fit is cut from the left part, so that the right end is always there."""

    DEFAULT_CSS = """
    Line { height: 1; width: 1fr; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id, classes=classes)
        self._left: tuple[Span, ...] = ()
        self._right: tuple[Span, ...] = ()

    def show(self, left: Sequence[Span], right: Sequence[Span] = ()) -> None:
        """Show these spans; nothing is painted when they are the ones already shown."""
        shown = (tuple(left), tuple(right))
        if shown != (self._left, self._right):
            self._left, self._right = shown
            self.refresh()

    @property
    def text(self) -> str:
        """The whole text, as tests and screen readers want it."""
        return "".join(span.text for span in (*self._left, *self._right))

    def render(self) -> Content:
        """The line for the present width."""
        width = self.content_size.width
        right = _content(self._right)
        room = max(0, width - right.cell_length - (1 if self._right else 0))
        left = _content(self._left).truncate(room, ellipsis=True)
        return Content.assemble(left, " " * max(0, width - left.cell_length - right.cell_length), right)


def _content(spans: Sequence[Span]) -> Content:
    return Content.assemble(*((span.text, span.style) if span.style else span.text for span in spans))
