"""The column chooser: which columns a pane shows, and what each one means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from fxtop.ui.bindings import bindings_of
from fxtop.ui.screens.pick import Choice


class ChooseScreen(ModalScreen[tuple[str, ...] | None]):
    """Dismisses with the chosen ids in the order of the list, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("columns")

    def __init__(self, title: str, choices: Sequence[Choice], chosen: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._chosen = frozenset(chosen)

    def compose(self) -> ComposeResult:
        """The list with a box before each column."""
        wide = max((len(c.title) for c in self._choices), default=0)
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield SelectionList[str](
                *(Selection(f"{c.title.ljust(wide)}  {c.help}", c.id, c.id in self._chosen) for c in self._choices)
            )
            yield Static("Space chooses, Enter takes it, Esc goes back", classes="dialog-foot", markup=False)

    def action_take(self) -> None:
        """Take the choice; nothing chosen counts as going back."""
        selected = set(self.query_one(SelectionList).selected)
        taken = tuple(c.id for c in self._choices if c.id in selected)
        self.dismiss(taken or None)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)
