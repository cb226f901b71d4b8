"""Figures three lines high, in box characters or, where only ASCII shows, as on a pocket calculator."""

from __future__ import annotations

from typing import Final

from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from fxtop.views.fit import clip, plain_ascii, width_of

HEIGHT: Final = 3

_CHARACTERS: Final = "0123456789/-:. "
_UNICODE: Final = (
    "╭─╮ ╷ ╶─╮╶─╮╷ ╷╭─╴╭─╴╶─┐╭─╮╭─╮  ╱         ",
    "│ │ │ ┌─┘ ─┤╰─┤╰─╮├─╮  │├─┤╰─┤ ╱ ╶─╴ :    ",
    "╰─╯ ╵ ╰─╴╶─╯  ╵╶─╯╰─╯  ╵╰─╯╶─╯╱       .   ",
)
_ASCII: Final = (
    " _     _  _     _  _  _  _  _   /         ",
    "| |  | _| _||_||_ |_   ||_||_| /  -- :    ",
    "|_|  ||_  _|  | _||_|  ||_| _|/        .  ",
)


def _glyphs(lines: tuple[str, str, str]) -> dict[str, tuple[str, ...]]:
    padded = [line.ljust(3 * len(_CHARACTERS)) for line in lines]
    return {c: tuple(line[3 * i : 3 * i + 3] for line in padded) for i, c in enumerate(_CHARACTERS)}


UNICODE_GLYPHS: Final = _glyphs(_UNICODE)
ASCII_GLYPHS: Final = _glyphs(_ASCII)


def big(text: str, *, ascii_only: bool) -> list[str] | None:
    """``text`` as lines, or None when one of its characters has no large form."""
    glyphs = ASCII_GLYPHS if ascii_only else UNICODE_GLYPHS
    if any(character not in glyphs for character in text):
        return None
    columns = [glyphs[character] for character in text]
    return ["".join(column[line] for column in columns).rstrip() for line in range(HEIGHT)]


class BigDigits(Widget):
    """A figure in large characters. Its size is its style's, whatever it shows, so that a tick never moves anything."""

    DEFAULT_CSS = "BigDigits { height: 3; width: 1fr; }"

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self._ascii = ascii_only
        self._value = ""

    @property
    def value(self) -> str:
        """What is shown."""
        return self._value

    def show(self, value: str) -> None:
        """Show ``value``."""
        value = plain_ascii(value) if self._ascii else value
        if value != self._value:
            self._value = value
            self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Three lines."""
        return HEIGHT

    def render_line(self, y: int) -> Strip:
        """A line of the figure; what doesn't fit is written small rather than cut into another number."""
        width, style = self.size.width, self.rich_style
        lines = big(self._value, ascii_only=self._ascii)
        if lines is None or max(width_of(line) for line in lines) > width:
            lines = ["", clip(self._value, width, ascii=self._ascii), ""]
        text = lines[y] if y < HEIGHT else ""
        return Strip([Segment(text, style)]).crop_extend(0, width, style)
