"""A small list to pick from: the sort column, a theme, a cluster. What is under the cursor can be shown at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to pick: its id, its name, and a few words of help."""

    id: str
    title: str
    help: str = ""


class PickScreen(ModalScreen[str | None]):
    """Dismisses with the id of the choice, or None when the person went back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("list")

    def __init__(
        self,
        title: str,
        choices: Sequence[Choice],
        *,
        current: str | None = None,
        preview: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._current = current
        self._preview = preview

    def compose(self) -> ComposeResult:
        """The title, the list and how to leave."""
        wide = max((len(c.title) for c in self._choices), default=0)
        with Vertical(classes="dialog -narrow"):
            yield Static(self._title, classes="dialog-title", markup=False)
            yield OptionList(*(Option(_prompt(c, wide), id=c.id) for c in self._choices), markup=False)
            yield Static("Enter takes it, Esc goes back", classes="dialog-foot", markup=False)

    def on_mount(self) -> None:
        """Begin at what is in use."""
        options = self.query_one(OptionList)
        ids = [c.id for c in self._choices]
        options.highlighted = ids.index(self._current) if self._current in ids else 0

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if self._preview and event.option_id:
            self._preview(event.option_id)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)

    def action_down(self) -> None:
        """The next choice."""
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        """The choice before."""
        self.query_one(OptionList).action_cursor_up()

    def action_leave(self) -> None:
        """Go back; a preview is put back to what was in use."""
        if self._preview and self._current is not None:
            self._preview(self._current)
        self.dismiss(None)


def _prompt(choice: Choice, wide: int) -> Content:
    return Content.assemble(choice.title.ljust(wide), ("  " + choice.help if choice.help else "", "$fx-muted"))
