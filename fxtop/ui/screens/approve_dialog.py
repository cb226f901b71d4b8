"""What waits for a second person, for that person to read: all of it signed by who asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from fxtop.ui.bindings import bindings_of
from fxtop.ui.chrome.header import Badge

Answer = Literal["approve", "decline"]


class ApproveDialog(ModalScreen[Answer | None]):
    """Dismisses with what the person decided, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("consent")

    def __init__(self, lines: Sequence[str], badge: Badge) -> None:
        super().__init__()
        self._lines = lines
        self._badge = badge

    def compose(self) -> ComposeResult:
        """The request, and what the keys do."""
        with Vertical(classes="dialog plan"):
            title = Content.assemble("A second person is asked for on ", self._badge.span)
            yield Static(title, classes="dialog-title")
            with VerticalScroll(id="plan-scroll", can_focus=False):
                yield Static("\n".join(self._lines), id="consent-text", markup=False)
            yield Static("Enter approves it, x turns it down, Esc goes back", classes="dialog-foot", markup=False)

    def action_decide(self, answer: Answer) -> None:
        """Say yes or no."""
        self.dismiss(answer)

    def action_leave(self) -> None:
        """Go back; it goes on waiting."""
        self.dismiss(None)
