"""Tiles for a screen across the room: one figure each, large, with what it counts and how it stands."""

from __future__ import annotations

from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from fxtop.ui.widgets.big_digits import BigDigits
from fxtop.views.column import Tone

_SIGNS: Final = {Tone.WARN: " !", Tone.CRIT: " !!"}
"""Behind the title, so that a state is never told by colour alone."""


class Tile(Vertical):
    """A figure in large digits under its title, and a line below."""

    DEFAULT_CSS = """
    Tile {
        height: 7;
        width: 1fr;
        min-width: 16;
        border: round $fx-border;
        padding: 0 1;
        color: $fx-text;

        & > .tile--title { height: 1; color: $fx-muted; text-style: $fx-muted-style; text-wrap: nowrap; }
        & > .tile--sub { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }

        &.-ok > BigDigits { color: $fx-ok; text-style: $fx-ok-style; }
        &.-warn { border: round $fx-warn; }
        &.-warn > BigDigits, &.-warn > .tile--title { color: $fx-warn; text-style: $fx-warn-style; }
        &.-crit { border: heavy $fx-crit; }
        &.-crit > BigDigits, &.-crit > .tile--title { color: $fx-crit; text-style: $fx-crit-style; }
        &.-muted > BigDigits { color: $fx-muted; text-style: $fx-muted-style; }
        &.-accent > BigDigits { color: $fx-accent; }

        &.-ascii { border: ascii $fx-border; }
        &.-ascii.-warn { border: ascii $fx-warn; }
        &.-ascii.-crit { border: ascii $fx-crit; }
    }
    """

    def __init__(
        self,
        title: str,
        *,
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002  # Textual's own name for it
    ) -> None:
        super().__init__(id=id, classes="-ascii" if ascii_only else None)
        self._title = title
        self._shown = ("", Tone.NORMAL, "")
        self._head = Static(Content(title), classes="tile--title")
        self._digits = BigDigits(ascii_only=ascii_only)
        self._foot = Static("", classes="tile--sub", markup=False)

    def compose(self) -> ComposeResult:
        """Title, figure, and the line below."""
        yield self._head
        yield self._digits
        yield self._foot

    def show(self, value: str, tone: Tone = Tone.NORMAL, sub: str = "") -> None:
        """Show a figure; only what differs from what is already shown is painted.

        Args:
            value: Digits with ``/ - : .`` between; anything else is written small.
            tone: How it stands.
            sub: The line below.
        """
        old_value, old_tone, old_sub = self._shown
        self._shown = (value, tone, sub)
        if tone is not old_tone:
            for each in Tone:
                self.set_class(each is tone and tone is not Tone.NORMAL, f"-{each}")
            self._head.update(Content(self._title + _SIGNS.get(tone, "")))
        if value != old_value:
            self._digits.show(value)
        if sub != old_sub:
            self._foot.update(Content(sub))
