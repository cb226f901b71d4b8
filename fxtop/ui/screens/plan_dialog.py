"""The plan dialog: what will be sent, to what, and what comes of it; and what it takes to send it.

The plan that was shown is the plan that is sent. Changing an option makes a new plan, shown before anything can be
confirmed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from fxtop.actions.model import Intent, Plan, Refused
from fxtop.ui.chrome.header import Badge
from fxtop.ui.screens.plan_text import plan_text, plan_title
from fxtop.ui.widgets.histogram import Bar, Histogram

MOST_BARS = 10
"""Lines of the histogram of a rebalance; the rest is scrolled to."""

Replan = Callable[[Intent], Awaitable[Plan]]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The plan as it was shown, with the reason and the ticket in it, and what was typed to confirm it."""

    plan: Plan
    typed: str


class PlanDialog(ModalScreen[Confirmed | None]):
    """Shows a frozen plan and asks for the reason, the ticket, and a typed confirmation where the plan wants one."""

    BINDINGS = [
        Binding("escape", "leave", "back", id="plan.back"),
        Binding("f2", "toggle_then", "then", show=False, id="plan.then"),
        Binding("pageup", "page(-1)", show=False, id="plan.page-up"),
        Binding("pagedown", "page(1)", show=False, id="plan.page-down"),
    ]

    def __init__(
        self, plan: Plan, *, badge: Badge, replan: Replan, bars: Sequence[Bar] = (), ascii_only: bool = False
    ) -> None:
        super().__init__()
        self.plan = plan
        self._badge = badge
        self._replan = replan
        self._bars = bars
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        """The plan above, the fields below."""
        with Vertical(classes="dialog plan"):
            yield Static(plan_title(self.plan, self._badge), classes="dialog-title", id="plan-title")
            if self._bars:
                yield Histogram(ascii_only=self._ascii, id="plan-bars")
            with VerticalScroll(id="plan-scroll", can_focus=False):
                yield Static(plan_text(self.plan), id="plan-text")
            yield from self._field("Reason", "reason", "why; it is kept in the journal and shown to others")
            yield from self._field("Ticket", "ticket", "may stay empty")
            if self.plan.confirmation.kind == "type":
                yield from self._field("Type", "typed", f"{self.plan.confirmation.expect} to confirm")
            yield Static("", id="plan-error", markup=False)
            yield Static(self._foot(), classes="dialog-foot", id="plan-foot", markup=False)

    def on_mount(self) -> None:
        """Begin at the reason, with what the intent already brought."""
        self.query_one("#field-reason", Input).value = self.plan.intent.reason
        self.query_one("#field-ticket", Input).value = self.plan.intent.ticket or ""
        self.query_one("#field-reason", Input).focus()
        for bars in self.query(Histogram):
            bars.styles.height = min(len(self._bars), MOST_BARS)
            bars.show(self._bars)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        missing = self._missing()
        if missing is None:
            self.dismiss(self._confirmed())
            return
        field, sentence = missing
        focused = self.focused
        self.query_one(f"#{field}", Input).focus()
        if focused is not None and focused.id == field:
            self._say(sentence)

    async def action_toggle_then(self) -> None:
        """Drain only: whether the sessions that are left may stay or are ended."""
        intent = self.plan.intent
        if intent.verb != "drain":
            return
        turned = replace(intent, then="wait") if intent.then == "terminate" else replace(intent, then="terminate")
        try:
            self.plan = await self._replan(turned)
        except Refused as refused:
            self._say(refused.sentence)
            return
        self.query_one("#plan-text", Static).update(plan_text(self.plan))

    def action_page(self, step: int) -> None:
        """Scroll the plan while the fields keep the keys."""
        scroll = self.query_one("#plan-scroll", VerticalScroll)
        scroll.scroll_relative(y=step * max(1, scroll.size.height - 1), animate=False)

    def action_leave(self) -> None:
        """Go back; nothing is sent."""
        self.dismiss(None)

    def _field(self, label: str, name: str, hint: str) -> ComposeResult:
        with Horizontal(classes="field"):
            yield Label(label)
            yield Input(placeholder=hint, id=f"field-{name}", compact=True, max_length=1024)

    def _value(self, name: str) -> str:
        found = self.query(f"#field-{name}").results(Input)
        return next((field.value.strip() for field in found), "")

    def _missing(self) -> tuple[str, str] | None:
        if not self._value("reason"):
            return "field-reason", "Give a reason: it is kept in the journal and shown to the other operators."
        confirmation = self.plan.confirmation
        if confirmation.kind == "type" and self._value("typed") != confirmation.expect:
            return "field-typed", f"Type exactly {confirmation.expect} to confirm, or press Esc."
        return None

    def _confirmed(self) -> Confirmed:
        intent = replace(self.plan.intent, reason=self._value("reason"), ticket=self._value("ticket") or None)
        return Confirmed(replace(self.plan, intent=intent), self._value("typed"))

    def _say(self, sentence: str) -> None:
        self.query_one("#plan-error", Static).update(sentence)

    def _foot(self) -> str:
        then = "F2 ends its sessions or lets them run, " if self.plan.intent.verb == "drain" else ""
        return f"Enter sends it, {then}PgUp and PgDn scroll, Esc goes back"
