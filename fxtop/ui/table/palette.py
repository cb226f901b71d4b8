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


@dataclass(frozen=True)
class Palette:
    """Rich styles by name of component class, without the prefix; ``base`` is the widget's own."""

    base: Style
    parts: dict[str, Style]
    _mixed: dict[tuple[Tone, LineState, bool], Style] = field(default_factory=dict, compare=False, repr=False)
    _unlined: dict[Style, Style] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, widget: Widget) -> Palette:
        """Read the styles that CSS gives ``widget`` now."""
        names = sorted(name.removeprefix(PREFIX) for name in COMPONENTS)
        parts = {name: widget.get_component_rich_style(PREFIX + name, partial=True) for name in names}
        return cls(widget.rich_style, parts)

    def part(self, *names: str) -> Style:
        """The base with the named component classes laid over it in turn."""
        return Style.combine([self.base, *(self.parts[name] for name in names)])

    def cell(self, tone: Tone, line: LineState, flashing: bool) -> Style:
        """The style of one cell."""
        key = (tone, line, flashing)
        style = self._mixed.get(key)
        if style is None:
            style = self._mixed[key] = self._mix(tone, line, flashing)
        return style

    def gutter(self, line: LineState) -> Style:
        """The style of the sign at the left edge."""
        return self.unlined(self.cell(Tone.ACCENT if line.marked or line.cursor else Tone.MUTED, line, False))

    def rest(self, line: LineState) -> Style:
        """The style of what is right of the last column."""
        return self.unlined(self.cell(Tone.NORMAL, line, False))

    def unlined(self, style: Style) -> Style:
        """``style`` without a line under or through it, for blanks."""
        if not (style.underline or style.strike):
            return style
        bare = self._unlined.get(style)
        if bare is None:
            bare = self._unlined[style] = style + Style(underline=False, strike=False)
        return bare

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


def _without_colour(style: Style) -> Style:
    return Style(bold=style.bold, italic=style.italic, underline=style.underline, strike=style.strike)
