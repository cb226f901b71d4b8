"""The styles of a table's lines, taken once from its component classes and combined on demand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.style import Style

from fxtop.cluster.records import Liveness
from fxtop.views.column import Tone

if TYPE_CHECKING:
    from textual.widget import Widget

PREFIX: Final = "fx-table--"

_TONES: Final = (Tone.OK, Tone.WARN, Tone.CRIT, Tone.MUTED, Tone.ACCENT)
_FADED: Final = (Liveness.LATE, Liveness.STALE, Liveness.LOST, Liveness.LEFT)
_OTHERS: Final = ("header", "sorted", "cursor", "cursor-blur", "mark", "flash", "empty")

COMPONENTS: Final = frozenset(PREFIX + name for name in (*_TONES, *_FADED, *_OTHERS))
"""Component classes that a theme or a style sheet can style."""

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


@dataclass(frozen=True)
class Palette:
    """Rich styles by name of component class, without the prefix; ``base`` is the widget's own."""

    base: Style
    parts: dict[str, Style]
    _inks: dict[tuple[Tone, LineState, bool], Ink] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, widget: Widget) -> Palette:
        """Read the styles that CSS gives ``widget`` now."""
        names = sorted(name.removeprefix(PREFIX) for name in COMPONENTS)
        parts = {name: widget.get_component_rich_style(PREFIX + name, partial=True) for name in names}
        return cls(widget.rich_style, parts)

    def part(self, *names: str) -> Style:
        """The base with the named component classes laid over it in turn."""
        return Style.combine([self.base, *(self.parts[name] for name in names)])

    def cell(self, tone: Tone, line: LineState, flashing: bool) -> Ink:
        """How one cell of a line is written."""
        key = (tone, line, flashing)
        ink = self._inks.get(key)
        if ink is None:
            ink = self._inks[key] = _ink(self._mix(tone, line, flashing))
        return ink

    def title(self, *names: str) -> Ink:
        """How a column's title is written, in the style of those component classes in turn."""
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


def _ink(style: Style) -> Ink:
    if not (style.underline or style.strike):
        return Ink(style, None)
    return Ink(style, style + Style(underline=False, strike=False))


def _without_colour(style: Style) -> Style:
    return Style(bold=style.bold, italic=style.italic, underline=style.underline, strike=style.strike)
