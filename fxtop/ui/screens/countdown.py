"""The seconds between confirming an action on many targets and sending it, in which a key stops it."""

from __future__ import annotations

import math
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from fxtop.actions.model import Plan
from fxtop.actions.operator import Operator
from fxtop.ui.bindings import bindings_of
from fxtop.ui.chrome.header import Badge
from fxtop.ui.screens.plan_text import plan_title

WIDTH = 30
"""Cells of the bar that runs out."""


class CountdownScreen(ModalScreen[None]):
    """Lies over everything while the plan can be stopped, and goes by itself when it is sent or stopped."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("countdown")

    def __init__(self, plan: Plan, operator: Operator, badge: Badge, *, ascii_only: bool) -> None:
        super().__init__()
        self.window = operator.cancel_window(plan, self._show)
        self._plan = plan
        self._who = operator.name
        self._badge = badge
        self._full, self._empty = ("#", ".") if ascii_only else ("█", "░")

    def compose(self) -> ComposeResult:
        """What is about to be sent, and for how long it isn't yet."""
        with Vertical(classes="dialog countdown"):
            yield Static(plan_title(self._plan, self._badge), classes="dialog-title")
            yield Static(self._left(self.window.seconds), id="countdown-left", markup=False)
            yield Static("Nothing was sent yet. Esc stops it", classes="dialog-foot", markup=False)

    def action_stop(self) -> None:
        """Stop it: nothing is sent."""
        self.window.cancel(f"{self._who} stopped it within its {self.window.seconds:g} s")

    def _show(self, left: float) -> None:
        if left <= 0 and self.is_current:
            self.dismiss()  # what is sent now can't be stopped any more
        elif self.is_mounted:
            self.query_one("#countdown-left", Static).update(self._left(left))

    def _left(self, left: float) -> str:
        share = min(1.0, left / self.window.seconds) if self.window.seconds else 0.0
        full = round(share * WIDTH)
        return f"It is sent in {math.ceil(left)} s  {self._full * full}{self._empty * (WIDTH - full)}"
