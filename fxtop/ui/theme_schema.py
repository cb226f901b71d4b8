"""All that a theme can set: the one list. ``$fx-<name>`` in a style sheet is the variable of that name.

``themes/dark.toml`` shows the list filled in, for people to copy.
"""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct


class Variable(Struct, frozen=True):
    """One thing a theme sets."""

    name: str
    help: str
    kind: Literal["color", "style"] = "color"
    fallback: str = ""
    """Another colour that stands in where a theme leaves this one out; without one a colour must be given. A style
    that is left out is this text itself."""

    @property
    def required(self) -> bool:
        """Whether a theme must set it."""
        return self.kind == "color" and not self.fallback


def _style(name: str, text: str, fallback: str = "none") -> Variable:
    return Variable(name, text, "style", fallback)


VARIABLES: Final[tuple[Variable, ...]] = (
    Variable("background", "behind everything"),
    Variable("text", "ordinary text"),
    Variable("muted", "text that matters less: units, hints, unknown values"),
    Variable("accent", "what is chosen or active: keys in the key line, links, the sorted column"),
    Variable("ok", "a good state"),
    Variable("warn", "a state that wants attention"),
    Variable("crit", "a state that needs attention now"),
    Variable("late", "a row not heard for two of its intervals"),
    Variable("stale", "a row not heard for three"),
    Variable("lost", "a row not heard for six"),
    Variable("left", "a row that said goodbye, or that is gone while the order is held", fallback="lost"),
    Variable("header", "background of a table's titles and of the screen's header line"),
    Variable("header-text", "text on it"),
    Variable("sorted", "title of the sorted column", fallback="accent"),
    Variable("cursor", "background of the row under the cursor, in the pane that has the keyboard"),
    Variable("cursor-blur", "the same in the other panes", fallback="header"),
    Variable("mark", "background of marked rows"),
    Variable("flash", "background of a value that has just changed"),
    Variable("border", "frame of a pane"),
    Variable("border-focus", "frame of the pane that has the keyboard, and of dialogs"),
    Variable("panel", "background of dialogs, menus and prompts", fallback="header"),
    Variable("panel-text", "text on it", fallback="text"),
    Variable("selection", "background of selected text in an input", fallback="cursor"),
    Variable("scrollbar", "the part of a scrollbar that moves", fallback="border"),
    Variable("scrollbar-track", "the rest of it", fallback="background"),
    Variable("chart", "sparklines and bars", fallback="accent"),
    Variable("chart-rest", "what of a bar is not filled", fallback="muted"),
    Variable("chart-full", "a bar at or over its capacity", fallback="crit"),
    Variable("banner-crit", "background of the banner when what is shown can't be trusted", fallback="crit"),
    Variable("banner-warn", "background of the banner when it soon can't", fallback="warn"),
    Variable("banner-info", "background of a banner that only informs", fallback="accent"),
    Variable("banner-text", "text on all of these", fallback="background"),
    Variable("badge-red", "badge of a cluster whose color is red in the config", fallback="crit"),
    Variable("badge-yellow", "badge of a cluster whose color is yellow", fallback="warn"),
    Variable("badge-green", "badge of a cluster whose color is green", fallback="ok"),
    Variable("badge-blue", "badge of a cluster whose color is blue", fallback="accent"),
    Variable("badge-magenta", "badge of a cluster whose color is magenta", fallback="accent"),
    Variable("badge-cyan", "badge of a cluster whose color is cyan", fallback="accent"),
    Variable("badge-grey", "badge of a cluster without a color", fallback="muted"),
    Variable("badge-text", "text on all of these", fallback="background"),
    _style("header-style", "how titles are written", "bold"),
    _style("sorted-style", "how the title of the sorted column is written", "bold underline"),
    _style("cursor-style", "how the row under the cursor is written", "bold"),
    _style("cursor-blur-style", "the same in the other panes"),
    _style("mark-style", "how marked rows are written", "bold"),
    _style("flash-style", "how a value that has just changed is written", "bold underline"),
    _style("muted-style", "how text that matters less is written"),
    _style("ok-style", "how a good state is written"),
    _style("warn-style", "how a state that wants attention is written"),
    _style("crit-style", "how a state that needs attention now is written", "bold"),
    _style("late-style", "how a late row is written"),
    _style("stale-style", "how a stale row is written", "italic"),
    _style("lost-style", "how a lost row is written", "strike"),
    _style("left-style", "how a row that left is written", "italic"),
    _style("badge-style", "how a cluster's badge is written", "bold"),
    _style("banner-style", "how the banner is written", "bold"),
)

COLORS: Final = {variable.name: variable for variable in VARIABLES if variable.kind == "color"}
STYLES: Final = {variable.name: variable for variable in VARIABLES if variable.kind == "style"}

STYLE_WORDS: Final = ("none", "bold", "dim", "italic", "underline", "reverse", "strike")
"""What a style can be made of."""

_EIGHT: Final = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
ANSI_COLORS: Final = ("default", *_EIGHT, *(f"bright_{name}" for name in _EIGHT))
"""The terminal's own colours, written ``ansi_red`` and so on."""
