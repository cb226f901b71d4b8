"""The last step before a line is drawn: what this terminal, or this person, doesn't want is taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter, NoColor

from fxtop.views.fit import width_of

_LOOKALIKES: Final = {
    "-": "─━–▃▄",
    "|": "│┃▊▎▏▕",
    "+": "╭╮╰╯┌┐└┘┏┓┗┛├┤┬┴┼✓",
    "_": "▁▂",
    "=": "▅▆",
    "#": "▇█▔",
    "[": "▐",
    "]": "▌",
    "~": "…",
    "*": "●•",
    ".": "·",
    ">": "→›",
    "<": "←‹",
    "^": "↑▲",
    "v": "↓▼",
    "x": "×",
    "X": "✗",
    "o": "○",
}
_TO_ASCII: Final = str.maketrans({glyph: plain for plain, glyphs in _LOOKALIKES.items() for glyph in glyphs})


class AsciiOnly(LineFilter):
    """Leaves nothing but ASCII, whoever drew it; everything keeps its width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The line in ASCII."""
        return [
            segment if segment.text.isascii() else Segment(_plain(segment.text), segment.style, segment.control)
            for segment in segments
        ]


def last_filters(*, no_color: bool, ascii_only: bool, usual: Sequence[LineFilter]) -> list[LineFilter]:
    """What to put lines through: Textual's ``usual`` filters, unless no colour at all is wanted, and ours."""
    kept: list[LineFilter] = [NoColor()] if no_color else list(usual)
    return [*kept, AsciiOnly()] if ascii_only else kept


def _plain(text: str) -> str:
    return "".join(c if c.isascii() else "?" * width_of(c) for c in text.translate(_TO_ASCII))
