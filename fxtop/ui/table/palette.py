"""The styles of a table's lines, made once from the theme's variables and combined on demand.

They are no component classes: Textual matches the whole style sheet with each of these, for each table, at each change
of a class anywhere above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec
from rich.color import Color as RichColor
from rich.style import Style
from textual.color import Color

from fxtop.cluster.records import Liveness
from fxtop.views.column import Tone

if TYPE_CHECKING:
    from textual.widget import Widget

_TEXTS: Final = (
    *(Tone.OK, Tone.WARN, Tone.CRIT, Tone.MUTED, Tone.ACCENT),
    *(Liveness.LATE, Liveness.STALE, Liveness.LOST, Liveness.LEFT),
    "sorted",
)
"""What is told by the colour of a text: ``$fx-warn``, and ``$fx-warn-style`` where the theme has it."""
_GROUNDS: Final = ("header", "cursor", "cursor-blur", "mark", "flash")
"""What is told by the colour behind a text; ``$fx-header-text`` is the colour of the text upon it."""

_LOUD: Final = frozenset((Tone.WARN, Tone.CRIT))
"""Tones whose colour outlives the fading of an old line."""


class LineState(NamedTuple):
    """What lies over a line's cells."""

    liveness: Liveness = Liveness.LIVE
    cursor: str = ""
    """Empty, ``cursor``, or ``cursor-blur``."""
    marked: bool = False


class Ink(NamedTuple):
    """How a cell is written."""

    text: Style
    blank: Style | None
    """For the blanks around the text, where they differ from it: a line under or through text spares them."""


class Palette(msgspec.Struct, frozen=True, dict=True):
    """Rich styles by the name of what they tell; ``base`` is the widget's own."""

    base: Style
    parts: dict[str, Style]

    @cached_property
    def _inks(self) -> dict[tuple[Tone, LineState, bool], Ink]:
        """Those that were asked for; two palettes are equal whatever was asked of them."""
        return {}

    @classmethod
    def of(cls, widget: Widget) -> Palette:
        """The styles that the present theme gives ``widget``."""
        variables = widget.app.theme_variables
        texts = {str(name): _style(variables, name, color=f"fx-{name}") for name in _TEXTS}
        grounds = {name: _style(variables, name, color=f"fx-{name}-text", background=f"fx-{name}") for name in _GROUNDS}
        return cls(widget.rich_style, texts | grounds)

    def part(self, *names: str) -> Style:
        """The base with the named styles laid over it in turn."""
        return Style.combine([self.base, *(self.parts[name] for name in names)])

    def cell(self, tone: Tone, line: LineState, flashing: bool) -> Ink:
        """How one cell of a line is written."""
        key = (tone, line, flashing)
        ink = self._inks.get(key)
        if ink is None:
            ink = self._inks[key] = _ink(self._mix(tone, line, flashing))
        return ink

    def title(self, *names: str) -> Ink:
        """How a column's title is written, in those styles in turn."""
        return _ink(self.part(*names))

    def blank(self, tone: Tone, line: LineState) -> Style:
        """The style of what stands outside the columns of a line."""
        ink = self.cell(tone, line, False)
        return ink.blank or ink.text

    def _mix(self, tone: Tone, line: LineState, flashing: bool) -> Style:
        layers = [] if tone is Tone.NORMAL else [self.parts[tone]]
        if line.liveness is not Liveness.LIVE:
            faded = self.parts[line.liveness]
            layers.append(_without_colour(faded) if tone in _LOUD else faded)
        if line.marked:
            layers.append(self.parts["mark"])
        if flashing:
            layers.append(self.parts["flash"])
        if line.cursor:
            layers.append(self.parts[line.cursor])
        return Style.combine([self.base, *layers])


def _style(variables: Mapping[str, str], name: str, *, color: str = "", background: str = "") -> Style:
    words = Style.parse(variables.get(f"fx-{name}-style", "none"))
    return Style(color=_color(variables, color), bgcolor=_color(variables, background)) + words


def _color(variables: Mapping[str, str], name: str) -> RichColor | None:
    value = variables.get(name)
    return None if value is None else Color.parse(value).rich_color


def _ink(style: Style) -> Ink:
    if not (style.underline or style.strike):
        return Ink(style, None)
    return Ink(style, style + Style(underline=False, strike=False))


def _without_colour(style: Style) -> Style:
    return Style(bold=style.bold, italic=style.italic, underline=style.underline, strike=style.strike)
