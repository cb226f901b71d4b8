"""The main screen whole: looking around, and steering the cluster by intent, plan, confirmation and job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, Literal

from textual import work
from textual.binding import BindingType

from fxtop.actions.errors import JournalError
from fxtop.actions.model import Intent, Plan, Refused, Stale
from fxtop.actions.naming import node_named, session_named
from fxtop.cluster.records import JobState, SessionKey, Severity
from fxtop.protocol.control import Policy
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.protocol.text import TEXT_BOUND
from fxtop.ui import screens
from fxtop.ui.bindings import bindings_of
from fxtop.ui.screens.browsing import BrowsingScreen
from fxtop.views.format import plural

POLICIES: dict[str, Policy] = {"sessions": "sessions", "load": "load", "memory": "memory"}
POLICY_HELP = {
    "sessions": "the same share of each node's capacity",
    "load": "the same load on each core",
    "memory": "the same share of each node's memory",
}


class MainScreen(BrowsingScreen, inherit_bindings=False):
    """The console's one screen."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("main", "nodes", "sessions", "jobs")

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
        self._on_nodes("drain", names)

    def action_resume(self, names: str = "") -> None:
        """Let drained nodes take sessions again."""
        self._on_nodes("resume", names)

    def action_terminate(self, names: str = "") -> None:
        """End sessions."""
        self._steer_by(lambda: Intent("terminate", sessions=self._named_sessions(names)))

    def action_message(self, text: str = "") -> None:
        """Send a message to the sessions that are marked or under the cursor, or to all of the nodes."""
        try:
            target = self._audience()
        except Refused as refused:
            self.say(refused.sentence, Severity.WARN)
            return
        if text:
            self._steer(replace(target, text=text))
            return
        many = len(target.nodes) or len(target.sessions)
        what = plural(many, "node" if target.nodes else "session")
        question = screens.AskScreen(f"Message to {what}", "what they are to read", longest=TEXT_BOUND)
        self.app.push_screen(question, lambda said: self._steer(replace(target, text=said)) if said else None)

    def action_rebalance(self, policy: str = "") -> None:
        """Ask the managers for a plan to even out the placement."""
        if policy:
            self._rebalance(policy)
            return
        choices = [screens.Choice(name, name, POLICY_HELP[name]) for name in POLICIES]
        self.app.push_screen(
            screens.PickScreen("Even out by", choices), lambda picked: self._rebalance(picked) if picked else None
        )

    @work(group="actions")
    async def action_approve_job(self, request: str = "") -> None:
        """Read what waits for a second person, and agree to it or turn it down."""
        obstacle = self.fx.link.operator.obstacle()
        if obstacle is not None:
            self.say(obstacle.sentence, Severity.WARN)
            return
        try:
            self.say(await screens.acting.decide(self.app, self.fx, self._job(request)))
        except Refused as refused:
            self.say(refused.sentence, Severity.WARN)

    @work(group="actions")
    async def action_withdraw_job(self, request: str = "") -> None:
        """Take one's own request back while it waits."""
        try:
            self.say(await screens.acting.withdraw(self.fx, self._job(request)))
        except Refused as refused:
            self.say(refused.sentence, Severity.WARN)

    def _job(self, named: str) -> RequestId:
        """The job that was named, or is under the cursor; Refused where there is none."""
        row = named or str(self.panes["jobs"].table.cursor_id or "")
        if not row:
            raise Refused("target", "Go to the jobs (5) and choose the one that waits.")
        return RequestId(row)

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
        store = self.fx.link.store
        chosen = [store.jobs.get(RequestId(str(row))) for row in self.active.table.targets]
        ours = [job.id for job in chosen if job is not None and job.mine]
        if not ours:
            self.say("Only what was asked for from here can be asked about.", Severity.WARN)
            return
        try:
            jobs = await self.fx.link.operator.resolve(ours)
        except (Refused, JournalError) as error:
            self.say(str(error), Severity.WARN)
            return
        left = sum(job.state is JobState.UNKNOWN for job in jobs)
        self.say(f"Of {plural(len(jobs), 'job')} {left} are still unknown." if left else "The agents have answered.")

    def _rebalance(self, policy: str) -> None:
        known = POLICIES.get(policy)
        if known is None:
            self.say(f"There is no policy '{policy}'. There are sessions, load and memory.", Severity.WARN)
        else:
            self._steer(Intent("rebalance", policy=known))

    def _on_nodes(self, verb: Literal["drain", "resume"], names: str) -> None:
        self._steer_by(lambda: Intent(verb, nodes=self._named_nodes(names)))

    def _named_nodes(self, names: str) -> tuple[NodeId, ...]:
        store = self.fx.link.store
        if names:
            return tuple(node_named(name, store) for name in names.split())
        return tuple(NodeId(str(row_id)) for row_id in self.panes["nodes"].table.targets)

    def _named_sessions(self, names: str) -> tuple[SessionKey, ...]:
        store = self.fx.link.store
        if names:
            return tuple(session_named(name, store) for name in names.split())
        return tuple(row_id for row_id in self.panes["sessions"].table.targets if isinstance(row_id, SessionKey))

    def _audience(self) -> Intent:
        if self.active is self.panes["sessions"]:
            return Intent("message", sessions=self._named_sessions(""))
        if self.active is self.panes["nodes"]:
            return Intent("message", nodes=self._named_nodes(""))
        raise Refused("target", "Go to the nodes (1) or the sessions (3) and choose who is to read the message.")

    def _steer_by(self, intent: Callable[[], Intent]) -> None:
        try:
            self._steer(intent())
        except Refused as refused:
            self.say(refused.sentence, Severity.WARN)

    def _steer(self, intent: Intent) -> None:
        """From an intent to a plan on screen, and from there, if the person confirms it, to the bus."""
        barred = self.fx.link.operator.permissions.objection(intent.verb)
        if barred is not None:
            self.say(f"{barred} `fxtop can-i` asks each node.", Severity.WARN)
            return
        obstacle = self.fx.link.operator.obstacle()
        if obstacle is not None:
            self.say(obstacle.sentence, Severity.WARN)
            return
        self._see_through(intent)

    @work(group="actions")
    async def _see_through(self, intent: Intent) -> None:
        operator = self.fx.link.operator
        wanted: Intent | None = intent
        while wanted is not None:
            try:
                plan = await self._prepare(wanted)
                async with operator.announced(plan):
                    confirmed = await self._confirm(plan)
                wanted = None
                if confirmed is not None:
                    await screens.acting.send(self.app, self.fx, confirmed)
                    self.say(_sent(confirmed.plan))
            except Stale as stale:
                self.say(f"{stale.sentence} Here is a new plan.", Severity.WARN)
                wanted = stale.intent
            except Refused as refused:
                self.say(refused.sentence, Severity.WARN)
                wanted = None

    async def _prepare(self, intent: Intent) -> Plan:
        self.planning = True
        try:
            return await self.fx.link.operator.prepare(intent)
        finally:
            self.planning = False

    async def _confirm(self, plan: Plan) -> screens.Confirmed | None:
        bars = screens.balance_bars(plan.balance, self.fx.link.store, self.fx.look()) if plan.balance else ()
        return await self.app.push_screen_wait(screens.PlanDialog(plan, self.fx, bars))


def _sent(plan: Plan) -> str:
    what = plan.intent.verb.capitalize()
    if plan.second_person:
        return f"{what} was asked for, and waits for a second person: 5 shows it."
    return f"{what} was sent. 5 shows how it goes on."
