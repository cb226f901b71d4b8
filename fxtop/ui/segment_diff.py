"""Comparing what is to be drawn with what was last written, piece by piece.

Nothing here knows where the pieces come from; `fxtop.ui.output` gets them out of Textual.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

RESET: Final = "\x1b[0m"

_STYLES_KEPT: Final = 4096
_SHORTEST_COMMON: Final = 4
"""Cells; a common start shorter than a cursor movement isn't worth one where the cursor stands there already."""


class Written(NamedTuple):
    """A piece of text as it stands on the screen."""

    text: str
    style: Style | None
    width: int


class Placed(NamedTuple):
    """A strip to be drawn at a place; what would reach ``end`` or beyond isn't drawn."""

    y: int
    x: int
    end: int
    strip: Strip


class ScreenMemory:
    """What stands on the terminal, as far as it is known: pieces of text by line and column."""

    def __init__(self) -> None:
        self._lines: list[dict[int, Written]] = []
        self._owners: list[list[int]] = []
        self._size = (0, 0)

    def forget(self) -> None:
        """Know nothing, so that all that is drawn next is written."""
        self._size = (0, 0)

    def fit(self, width: int, height: int) -> None:
        """Be of this size; another size than before means that nothing is known."""
        if (width, height) != self._size:
            self._size = (width, height)
            self._lines = [{} for _ in range(height)]
            self._owners = [[-1] * width for _ in range(height)]

    @property
    def width(self) -> int:
        """Cells of a line."""
        return self._size[0]

    @property
    def height(self) -> int:
        """Lines."""
        return self._size[1]

    def at(self, y: int, x: int) -> Written | None:
        """The piece of text that starts at a place, if it stands there whole."""
        return self._lines[y].get(x)

    def put(self, y: int, x: int, written: Written) -> None:
        """Remember a piece of text, and that those it covers, even in part, no longer stand there whole."""
        line, owners = self._lines[y], self._owners[y]
        end = min(x + written.width, len(owners))
        for owner in set(owners[x:end]):
            line.pop(owner, None)
        owners[x:end] = [x] * (end - x)
        line[x] = written


class Pen:
    """Collects what is to be written, and knows where the cursor and what the style is by then."""

    def __init__(self, colors: ColorSystem, codes: dict[Style, str], code: str | None) -> None:
        """``code`` is the style that it finds; None where that isn't known."""
        self._colors = colors
        self._codes = codes
        self._parts: list[str] = []
        self.code = code
        """The style that it leaves, as the numbers of an SGR sequence; empty after a reset."""
        self._at: tuple[int, int] | None = None

    def write(self, y: int, x: int, text: str, style: Style | None) -> None:
        """Write ``text`` at a place."""
        if self._at != (y, x):
            self._parts.append(f"\x1b[{y + 1};{x + 1}H")
        if style is not None and style.link:
            self._write_link(text, style)
        else:
            self._set(self._code_of(style))
            self._parts.append(text)
        # How far anything but ASCII moves the cursor is the terminal's own opinion.
        self._at = (y, x + len(text)) if text.isascii() else None

    def stands(self, y: int, x: int) -> bool:
        """Whether the cursor is known to be at a place."""
        return self._at == (y, x)

    def reset(self) -> None:
        """Leave the style reset."""
        self._set("")

    @property
    def text(self) -> str:
        """All that was written."""
        return "".join(self._parts)

    def _set(self, code: str) -> None:
        if code == self.code:
            return
        if not code:
            self._parts.append(RESET)
        else:
            self._parts.append(f"\x1b[{code}m" if self.code == "" else f"\x1b[0;{code}m")
        self.code = code

    def _write_link(self, text: str, style: Style) -> None:
        self._set("")
        self._parts.append(Strip.render_style(style, text, self._colors))

    def _code_of(self, style: Style | None) -> str:
        if style is None:
            return ""
        code = self._codes.get(style)
        if code is None:
            if len(self._codes) >= _STYLES_KEPT:
                self._codes.clear()
            code = self._codes[style] = Strip.render_ansi(style, self._colors)
        return code


class SegmentDiff:
    """Turns drawings of the whole screen or of parts of it into what has to be written."""

    def __init__(self) -> None:
        self._memory = ScreenMemory()
        self._codes: dict[Style, str] = {}
        self._colors: ColorSystem | None = None
        self._code: str | None = ""
        self.keeps_style = False
        """Whether the style of what is written last stays set, for most of what changes has the same. Whoever writes
        any other text to the terminal resets it first, and says so with `forget`."""

    @property
    def styled(self) -> bool:
        """Whether a style may be set by now."""
        return self._code != ""

    def forget(self) -> None:
        """Write all of what is drawn next, whatever style is set."""
        self._memory.forget()
        self._code = None

    def render(self, pieces: Iterable[Placed], width: int, height: int, colors: ColorSystem) -> str:
        """The characters that draw ``pieces`` on a terminal of this size on which stands what was drawn before."""
        if colors is not self._colors:
            self._colors = colors
            self._codes.clear()
            self._memory.forget()
        self._memory.fit(width, height)
        pen = Pen(colors, self._codes, self._code)
        for placed in pieces:
            self._draw(placed, pen)
        if not self.keeps_style:
            pen.reset()
        self._code = pen.code
        return pen.text

    def _draw(self, placed: Placed, pen: Pen) -> None:
        memory = self._memory
        y, x, end, strip = placed
        end = min(end, memory.width)
        if not 0 <= y < memory.height:
            return
        for text, style, control in _cropped(strip, end - x):
            width = len(text) if text.isascii() else cell_len(text)
            if control or not width:
                continue
            before = memory.at(y, x)
            if before is None or before.text != text or (before.style is not style and before.style != style):
                skipped, changed = _difference(before, text, style, _SHORTEST_COMMON if pen.stands(y, x) else 1)
                pen.write(y, x + skipped, changed, style)
                memory.put(y, x, Written(text, style, width))
            x += width


def _cropped(strip: Strip, width: int) -> Strip:
    return strip if strip.cell_length <= width else strip.crop(0, max(0, width))


def _difference(before: Written | None, text: str, style: Style | None, least: int) -> tuple[int, str]:
    """The part of ``text`` that differs from what stands in its place, and how many cells before it don't.

    Fewer than ``least`` cells at the start aren't worth passing over.
    """
    if before is None or before.style != style or len(before.text) != len(text):
        return 0, text
    pairs = list(zip(before.text, text, strict=True))
    start = next(i for i, (old, new) in enumerate(pairs) if old != new)
    stop = next(i for i in range(len(pairs), 0, -1) if pairs[i - 1][0] != pairs[i - 1][1])
    # What is passed over, and what is written before something is left as it stands, must be of known width.
    if start < least or not text[:start].isascii():
        start = 0
    if not (text[start:stop].isascii() and before.text[start:stop].isascii()):
        stop = len(text)
    return start, text[start:stop]
