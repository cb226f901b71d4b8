"""The main screen whole: looking around, and steering the cluster.

What steering takes is loaded when a key first asks for it (`fxtop.ui.screens.steering`); the first screen only looks.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import BindingType

from fxtop.actions.errors import Refused
from fxtop.cluster.records import Severity
from fxtop.protocol.ids import RequestId
from fxtop.ui import screens
from fxtop.ui.bindings import bindings_of
from fxtop.ui.screens.browsing import BrowsingScreen

if TYPE_CHECKING:
    from fxtop.ui.screens.steering import Steering


class MainScreen(BrowsingScreen, inherit_bindings=False):
    """The console's one screen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("main", "nodes", "sessions", "jobs")

    @cached_property
    def _steering(self) -> Steering:
        return screens.Steering(self)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key that belongs to another pane isn't there; while a plan is being made none is, lest it hit the panes."""
        if self.planning:
            return False
        scopes = {entry.scope for entry in self.fx.entries if entry.action == action}
        return not scopes or bool(scopes & {"main", self.active.spec.id})

    def action_arm(self) -> None:
        """Arm the console for some minutes, or disarm it."""
        arming = self.fx.link.arming
        if arming.armed:
            arming.disarm("disarmed by hand")
            self.say("Disarmed: the console only looks.")
        else:
            try:
                arming.arm()
            except Refused as refused:
                self.say(refused.sentence, Severity.WARN)
            else:
                self.say(f"Armed for {arming.remaining / 60:.0f} minutes. W disarms.", Severity.WARN)
        self._show_lines()

    def action_drain(self, names: str = "") -> None:
        """Drain nodes."""
        self._steering.drain(names)

    def action_resume(self, names: str = "") -> None:
        """Let drained nodes take sessions again."""
        self._steering.resume(names)

    def action_terminate(self, names: str = "") -> None:
        """End sessions."""
        self._steering.terminate(names)

    def action_message(self, text: str = "") -> None:
        """Send a message to the sessions that are marked or under the cursor, or to all of the nodes."""
        self._steering.message(text)

    def action_rebalance(self, policy: str = "") -> None:
        """Ask the managers for a plan to even out the placement."""
        self._steering.rebalance(policy)

    @work(group="actions")
    async def action_approve_job(self, request: str = "") -> None:
        """Read what waits for a second person, and agree to it or turn it down."""
        await self._steering.approve(request)

    @work(group="actions")
    async def action_withdraw_job(self, request: str = "") -> None:
        """Take one's own request back while it waits."""
        await self._steering.withdraw(request)

    def action_dismiss_job(self) -> None:
        """Dismiss ended jobs from the list."""
        jobs = self.fx.link.store.jobs
        requests = [RequestId(str(row)) for row in self.active.table.targets]
        if any(request in jobs and not jobs[request].state.ended for request in requests):
            self.say("A job that goes on can't be dismissed; it ends by itself.", Severity.WARN)
        self.fx.link.operator.dismiss(requests)

    @work(group="questions")
    async def action_resolve_jobs(self) -> None:
        """Ask what became of the jobs that are marked or under the cursor."""
        await self._steering.resolve()
