"""Steering the cluster from the main screen: by intent, plan, confirmation and job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from fxtop.actions.errors import JournalError, Refused, Stale
from fxtop.actions.model import Intent, Plan
from fxtop.actions.naming import node_named, session_named
from fxtop.cluster.records import JobState, SessionKey, Severity
from fxtop.protocol.control import Policy
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.protocol.text import TEXT_BOUND
from fxtop.ui import screens
from fxtop.views.format import plural

if TYPE_CHECKING:
    from fxtop.ui.console import Console
    from fxtop.ui.screens.main import MainScreen

POLICIES: dict[str, Policy] = {"sessions": "sessions", "load": "load", "memory": "memory"}
POLICY_HELP = {
    "sessions": "the same share of each node's capacity",
    "load": "the same load on each core",
    "memory": "the same share of each node's memory",
}


class Steering:
    """What the keys that act do on ``screen``."""

    def __init__(self, screen: MainScreen) -> None:
        self._screen = screen
        self._say = screen.say

    @property
    def _fx(self) -> Console:
        return self._screen.fx

    def drain(self, names: str = "") -> None:
        """Drain nodes."""
        self._on_nodes("drain", names)

    def resume(self, names: str = "") -> None:
        """Let drained nodes take sessions again."""
        self._on_nodes("resume", names)

    def terminate(self, names: str = "") -> None:
        """End sessions."""
        self._steer_by(lambda: Intent("terminate", sessions=self._named_sessions(names)))

    def message(self, text: str = "") -> None:
        """Send a message to the sessions that are marked or under the cursor, or to all of the nodes."""
        try:
            target = self._audience()
        except Refused as refused:
            self._say(refused.sentence, Severity.WARN)
            return
        if text:
            self._steer(replace(target, text=text))
            return
        many = len(target.nodes) or len(target.sessions)
        what = plural(many, "node" if target.nodes else "session")
        question = screens.AskScreen(f"Message to {what}", "what they are to read", longest=TEXT_BOUND)
        self._screen.app.push_screen(question, lambda said: self._steer(replace(target, text=said)) if said else None)

    def rebalance(self, policy: str = "") -> None:
        """Ask the managers for a plan to even out the placement."""
        if policy:
            self._rebalance(policy)
            return
        choices = [screens.Choice(name, name, POLICY_HELP[name]) for name in POLICIES]
        self._screen.app.push_screen(
            screens.PickScreen("Even out by", choices), lambda picked: self._rebalance(picked) if picked else None
        )

    async def approve(self, request: str = "") -> None:
        """Read what waits for a second person, and agree to it or turn it down."""
        obstacle = self._fx.link.operator.obstacle()
        if obstacle is not None:
            self._say(obstacle.sentence, Severity.WARN)
            return
        try:
            self._say(await screens.acting.decide(self._screen.app, self._fx, self._job(request)))
        except Refused as refused:
            self._say(refused.sentence, Severity.WARN)

    async def withdraw(self, request: str = "") -> None:
        """Take one's own request back while it waits."""
        try:
            self._say(await screens.acting.withdraw(self._fx, self._job(request)))
        except Refused as refused:
            self._say(refused.sentence, Severity.WARN)

    def _job(self, named: str) -> RequestId:
        """The job that was named, or is under the cursor; Refused where there is none."""
        row = named or str(self._screen.panes["jobs"].table.cursor_id or "")
        if not row:
            raise Refused("target", "Go to the jobs (5) and choose the one that waits.")
        return RequestId(row)

    async def resolve(self) -> None:
        """Ask what became of the jobs that are marked or under the cursor."""
        store = self._fx.link.store
        chosen = [store.jobs.get(RequestId(str(row))) for row in self._screen.active.table.targets]
        ours = [job.id for job in chosen if job is not None and job.mine]
        if not ours:
            self._say("Only what was asked for from here can be asked about.", Severity.WARN)
            return
        try:
            jobs = await self._fx.link.operator.resolve(ours)
        except (Refused, JournalError) as error:
            self._say(str(error), Severity.WARN)
            return
        left = sum(job.state is JobState.UNKNOWN for job in jobs)
        self._say(f"Of {plural(len(jobs), 'job')} {left} are still unknown." if left else "The agents have answered.")

    def _rebalance(self, policy: str) -> None:
        known = POLICIES.get(policy)
        if known is None:
            self._say(f"There is no policy '{policy}'. There are sessions, load and memory.", Severity.WARN)
        else:
            self._steer(Intent("rebalance", policy=known))

    def _on_nodes(self, verb: Literal["drain", "resume"], names: str) -> None:
        self._steer_by(lambda: Intent(verb, nodes=self._named_nodes(names)))

    def _named_nodes(self, names: str) -> tuple[NodeId, ...]:
        store = self._fx.link.store
        if names:
            return tuple(node_named(name, store) for name in names.split())
        return tuple(NodeId(str(row_id)) for row_id in self._screen.panes["nodes"].table.targets)

    def _named_sessions(self, names: str) -> tuple[SessionKey, ...]:
        store = self._fx.link.store
        if names:
            return tuple(session_named(name, store) for name in names.split())
        return tuple(
            row_id for row_id in self._screen.panes["sessions"].table.targets if isinstance(row_id, SessionKey)
        )

    def _audience(self) -> Intent:
        if self._screen.active is self._screen.panes["sessions"]:
            return Intent("message", sessions=self._named_sessions(""))
        if self._screen.active is self._screen.panes["nodes"]:
            return Intent("message", nodes=self._named_nodes(""))
        raise Refused("target", "Go to the nodes (1) or the sessions (3) and choose who is to read the message.")

    def _steer_by(self, intent: Callable[[], Intent]) -> None:
        try:
            self._steer(intent())
        except Refused as refused:
            self._say(refused.sentence, Severity.WARN)

    def _steer(self, intent: Intent) -> None:
        """From an intent to a plan on screen, and from there, if the person confirms it, to the bus."""
        barred = self._fx.link.operator.permissions.objection(intent.verb)
        if barred is not None:
            self._say(f"{barred} `fxtop can-i` asks each node.", Severity.WARN)
            return
        obstacle = self._fx.link.operator.obstacle()
        if obstacle is not None:
            self._say(obstacle.sentence, Severity.WARN)
            return
        self._screen.run_worker(self._see_through(intent), group="actions")

    async def _see_through(self, intent: Intent) -> None:
        operator = self._fx.link.operator
        wanted: Intent | None = intent
        while wanted is not None:
            try:
                plan = await self._prepare(wanted)
                async with operator.announced(plan):
                    confirmed = await self._confirm(plan)
                wanted = None
                if confirmed is not None:
                    await screens.acting.send(self._screen.app, self._fx, confirmed)
                    self._say(_sent(confirmed.plan))
            except Stale as stale:
                self._say(f"{stale.sentence} Here is a new plan.", Severity.WARN)
                wanted = stale.intent
            except Refused as refused:
                self._say(refused.sentence, Severity.WARN)
                wanted = None

    async def _prepare(self, intent: Intent) -> Plan:
        self._screen.planning = True
        try:
            return await self._fx.link.operator.prepare(intent)
        finally:
            self._screen.planning = False

    async def _confirm(self, plan: Plan) -> screens.Confirmed | None:
        bars = screens.balance_bars(plan.balance, self._fx.link.store, self._fx.look()) if plan.balance else ()
        return await self._screen.app.push_screen_wait(screens.PlanDialog(plan, self._fx, bars))


def _sent(plan: Plan) -> str:
    what = plan.intent.verb.capitalize()
    if plan.second_person:
        return f"{what} was asked for, and waits for a second person: 5 shows it."
    return f"{what} was sent. 5 shows how it goes on."
