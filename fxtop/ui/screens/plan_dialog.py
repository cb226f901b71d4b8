"""The plan dialog: what will be sent, to what, and what comes of it; and what it takes to send it.

The plan that was shown is the plan that is sent. Changing an option makes a new plan, shown before anything can be
confirmed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from fxtop.actions.announcing import others
from fxtop.actions.model import Intent, Plan, Refused
from fxtop.actions.steps import MANAGER
from fxtop.cluster.records import Dirty
from fxtop.protocol.ids import NodeId
from fxtop.ui.bindings import bindings_of
from fxtop.ui.console import Console
from fxtop.ui.screens.plan_text import plan_text, plan_title
from fxtop.ui.widgets.histogram import Bar, Histogram
from fxtop.views.filter_values import read_duration

MOST_ASKED = 50
"""Targets that are asked whether they will take the plan."""
MOST_OTHERS = 3
"""Sentences about others who are at the same nodes."""
MOST_BARS = 10
"""Lines of the histogram of a rebalance; the rest is scrolled to."""

OPTIONS: Final = {
    "drain": ("Within", "deadline", "empty: no deadline; else when it must be empty: 30m, 2h"),
    "terminate": ("Grace", "grace", "from asking to forcing; empty: 10s"),
}
"""What can be said beside reason and ticket: label, field of the intent, hint."""

Replan = Callable[[Intent], Awaitable[Plan]]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The plan as it was shown, with the reason and the ticket in it, and what was typed to confirm it."""

    plan: Plan
    typed: str


class PlanDialog(ModalScreen[Confirmed | None]):
    """Shows a frozen plan and asks for the reason, the ticket, and a typed confirmation where the plan wants one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("plan")
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (20, "-short"), (36, "-high")]
    """The plan gives way, so that the fields and what Enter does are on every screen that is not too small."""

    def __init__(self, plan: Plan, console: Console, bars: Sequence[Bar] = ()) -> None:
        super().__init__()
        self.plan = plan
        self._badge = console.badge
        self._replan: Replan = console.link.operator.prepare
        self._permissions = console.link.operator.permissions
        self._store = console.link.store
        self._lacking = console.link.operator.lacking
        self._now = console.link.clock.now
        self._bars = bars
        self._ascii = console.ascii
        self._option = ""
        """The text of the option field that the plan was made with."""

    def compose(self) -> ComposeResult:
        """The plan above, the fields below."""
        with Vertical(classes="dialog plan"):
            yield Static(plan_title(self.plan, self._badge), classes="dialog-title", id="plan-title")
            if self._bars:
                yield Histogram(ascii_only=self._ascii, id="plan-bars")
            with VerticalScroll(id="plan-scroll", can_focus=False):
                yield Static(plan_text(self.plan, self._store), id="plan-text")
            yield from self._field("Reason", "reason", "why; it is kept in the journal and shown to others")
            yield from self._field("Ticket", "ticket", "may stay empty")
            if self.plan.intent.verb in OPTIONS:
                yield from self._field(*OPTIONS[self.plan.intent.verb])
            yield from self._field("Type", "typed", "")
            yield Static("", id="plan-others", markup=False)
            yield Static("", id="plan-error", markup=False)
            yield Static(self._foot(), classes="dialog-foot", id="plan-foot", markup=False)

    def on_mount(self) -> None:
        """Begin at the reason, with what the intent already brought."""
        self.query_one("#field-reason", Input).value = self.plan.intent.reason
        self.query_one("#field-ticket", Input).value = self.plan.intent.ticket or ""
        self.query_one("#field-reason", Input).focus()
        self._show_plan()
        self.bring(Dirty())
        for bars in self.query(Histogram):
            bars.styles.height = min(len(self._bars), MOST_BARS)
            bars.show(self._bars)
        self._ask_targets()

    @work(group="permissions")
    async def _ask_targets(self) -> None:
        """Say who will refuse the plan, by the word of its own targets; it may come while the person types."""
        nodes = [NodeId(step.target) for step in self.plan.steps if step.target != MANAGER][:MOST_ASKED]
        await self._permissions.ask(nodes)
        objection = self._permissions.objection(self.plan.intent.verb, nodes) if nodes else None
        if objection is not None:
            self._say(objection)

    def bring(self, _: Dirty) -> None:
        """Show who else is at the same nodes, as far as they say so."""
        said = others(self.plan, self._store)
        line = self.query_one("#plan-others", Static)
        line.update("\n".join(said[:MOST_OTHERS]))
        line.display = bool(said)

    @on(Input.Submitted)
    async def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if await self._take_option():
            return
        missing = self._missing()
        if missing is None:
            self.dismiss(self._confirmed())
            return
        field, sentence = missing
        self.query_one(f"#{field}", Input).focus()
        self._say(sentence)

    async def action_toggle_then(self) -> None:
        """Drain only: whether the sessions that are left may stay or are ended."""
        intent = self.plan.intent
        if intent.verb == "drain":
            other = replace(intent, then="wait") if intent.then == "terminate" else replace(intent, then="terminate")
            await self._plan_anew(other)

    async def _take_option(self) -> bool:
        """Make the plan anew where the option was changed; it must be read before it is sent."""
        verb = self.plan.intent.verb
        if verb not in OPTIONS:
            return False
        name = OPTIONS[verb][1]
        said = self._value(name)
        if said == self._option:
            return False
        seconds = read_duration(said) if said else None
        if said and (seconds is None or seconds < 0):
            self._say(f"'{said}' is no duration: write it as 90s, 10m or 2h30m.")
            return True
        if await self._plan_anew(self._with_option(name, seconds)):
            self._option = said
            self._say("The plan was made anew. Read it, then press Enter once more to send it.")
        return True

    def _with_option(self, name: str, seconds: float | None) -> Intent:
        if name == "grace":
            return replace(self.plan.intent, grace=Intent("terminate").grace if seconds is None else seconds)
        return replace(self.plan.intent, deadline=None if seconds is None else self._now() + seconds)

    async def _plan_anew(self, intent: Intent) -> bool:
        try:
            self.plan = await self._replan(intent)
        except Refused as refused:
            self._say(refused.sentence)
            return False
        self._show_plan()
        return True

    def _show_plan(self) -> None:
        confirmation = self.plan.confirmation
        self.query_one("#plan-text", Static).update(plan_text(self.plan, self._store))
        typed = self.query_one("#field-typed", Input)
        typed.placeholder = f"{confirmation.expect} to confirm"
        if typed.parent is not None:
            typed.parent.set_class(confirmation.kind != "type", "-absent")

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
        return self.query_one(f"#field-{name}", Input).value.strip()

    def _missing(self) -> tuple[str, str] | None:
        if not self._value("reason"):
            return "field-reason", "Give a reason: it is kept in the journal and shown to the other operators."
        if lacking := self._lacking(self._worded()):
            return "field-ticket", lacking
        confirmation = self.plan.confirmation
        if confirmation.kind == "type" and self._value("typed") != confirmation.expect:
            return "field-typed", f"Type exactly {confirmation.expect} to confirm, or press Esc."
        return None

    def _confirmed(self) -> Confirmed:
        return Confirmed(self._worded(), self._value("typed"))

    def _worded(self) -> Plan:
        intent = replace(self.plan.intent, reason=self._value("reason"), ticket=self._value("ticket") or None)
        return replace(self.plan, intent=intent)

    def _say(self, sentence: str) -> None:
        self.query_one("#plan-error", Static).update(sentence)

    def _foot(self) -> str:
        then = "F2 ends its sessions or lets them run, " if self.plan.intent.verb == "drain" else ""
        return f"Enter sends it, {then}PgUp and PgDn scroll, Esc goes back"
