"""The column chooser: which columns a pane shows, and what each one means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from fxtop.ui.bindings import bindings_of
from fxtop.ui.screens.pick import Choice


class ChooseScreen(ModalScreen[tuple[str, ...] | None]):
    """Dismisses with the chosen ids in the order of the list, or None."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("columns")

    def __init__(self, title: str, choices: Sequence[Choice], chosen: Sequence[str]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._chosen = set(chosen)

    def compose(self) -> ComposeResult:
        """The list with a box before each column."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield OptionList(*(Option(self._prompt(choice), id=choice.id) for choice in self._choices), markup=False)
            yield Static("Space chooses, Enter takes it, Esc goes back", classes="dialog-foot", markup=False)

    def action_choose(self) -> None:
        """Choose the column under the cursor, or choose it no longer."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            choice = self._choices[options.highlighted]
            self._chosen ^= {choice.id}
            options.replace_option_prompt_at_index(options.highlighted, self._prompt(choice))

    @on(OptionList.OptionSelected)
    def _take(self) -> None:
        """Take the choice; nothing chosen counts as going back."""
        taken = tuple(choice.id for choice in self._choices if choice.id in self._chosen)
        self.dismiss(taken or None)

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    def _prompt(self, choice: Choice) -> Content:
        wide = max(len(each.title) for each in self._choices)
        box = "[x]" if choice.id in self._chosen else "[ ]"
        return Content.assemble(f"{box} {choice.title.ljust(wide)}", (f"  {choice.help}", "$fx-muted"))
