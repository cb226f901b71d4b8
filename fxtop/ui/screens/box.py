"""A box over the panes that is read, scrolled and closed."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.screen import ModalScreen
from textual.widget import Widget

from fxtop.ui.bindings import bindings_of


class Box(ModalScreen[None]):
    """Whatever has the class ``box-scroll`` in it is what scrolls."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("box")

    def action_leave(self) -> None:
        """Close the box."""
        self.dismiss(None)

    def action_scroll_box(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(".box-scroll", Widget).scroll_relative(y=lines, animate=False)

    def action_page_box(self, pages: int) -> None:
        """Scroll by pages, less a line to see where it was."""
        body = self.query_one(".box-scroll", Widget)
        body.scroll_relative(y=pages * max(1, body.size.height - 1), animate=False)
