"""One question, one line of text."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from fxtop.ui.bindings import bindings_of


class AskScreen(ModalScreen[str | None]):
    """Dismisses with the text, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("question")

    def __init__(self, title: str, hint: str, *, longest: int) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._longest = longest

    def compose(self) -> ComposeResult:
        """The question and the field."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield Input(placeholder=self._hint, max_length=self._longest, compact=True)
            yield Static("Enter goes on, Esc goes back", classes="dialog-foot", markup=False)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip() or None)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
