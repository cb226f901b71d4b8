"""The one who acts: plans, and sends what was confirmed. Nothing else in the house sends a request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import msgspec

from fxtop.actions import guards
from fxtop.actions import plan as plans
from fxtop.actions.announcing import Announcement
from fxtop.actions.approval import Approver
from fxtop.actions.arming import Arming
from fxtop.actions.courier import Courier, Heard, Letter, new_request
from fxtop.actions.delivery import Delivery
from fxtop.actions.export import fingerprint
from fxtop.actions.following import Following
from fxtop.actions.guardrails.apply import lacking, under_rules
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.journal import Entry, Journal
from fxtop.actions.model import ActionId, Intent, Plan, Refused, Rehearsed, Sent, Stale, Step
from fxtop.actions.past import Past
from fxtop.actions.permissions import Permissions
from fxtop.actions.record import Record
from fxtop.actions.steps import MANAGER
from fxtop.actions.targets import require_node
from fxtop.actions.window import CANCELLED, CancelWindow
from fxtop.actions.words import signature_name
from fxtop.bus.port import Bus
from fxtop.clock import Clock
from fxtop.cluster.records import JobRow, JobState, SessionKey
from fxtop.protocol import text
from fxtop.protocol.control import PlanArgs, RebalancePlan, TerminateArgs
from fxtop.protocol.ids import RequestId
from fxtop.protocol.signing import Signer

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

LOOK_AROUND: Final = 0.5
"""Seconds between two looks at the time while waiting for jobs to end."""


class Operator:
    """A person with a key, acting on one cluster over one bus.

    The console and the headless commands use the same one; they differ only in who arms it. All methods belong to the
    event loop of ``bus``.
    """

    def __init__(  # noqa: PLR0913  # all that one person acts with
        self,
        bus: Bus,
        store: Store,
        clock: Clock,
        arming: Arming,
        journal: Journal,
        signer: Signer | None,
        name: str,
        *,
        bulk: int = 10,
        rules: Guardrails | None = None,
        cancel_seconds: float = 0.0,
    ) -> None:
        self._bus = bus
        self._store = store
        self._clock = clock
        self._arming = arming
        self._signer = signer
        self._name = signature_name(name)
        self._bulk = bulk
        self._rules = rules or Guardrails()
        self._cancel_seconds = cancel_seconds
        key = signer.public_key if signer else None
        self._record = Record(journal, clock, store.cluster, self._name, key)
        self._following = Following(store, self._record)
        self._past = Past(journal, store, self._record, self._following)
        self._shown: dict[ActionId, str] = {}
        """Plans in the journal, with the hash that they had when they were last put there."""
        self._sent: set[ActionId] = set()
        self.approver = Approver(store, self._record, self._situation, self._courier)
        """For the requests of others."""
        self.permissions = Permissions(store, self._courier)
        """What the agents let this key do, as far as they were asked."""

    @property
    def name(self) -> str:
        """Who acts, as people know them."""
        return self._name

    @property
    def arming(self) -> Arming:
        """The switch between looking and acting."""
        return self._arming

    @property
    def trouble(self) -> str | None:
        """Why the journal lacks something that happened, as a sentence, or None."""
        return self._record.trouble

    @property
    def may_act(self) -> bool:
        """Whether there is a key, and a switch that can be armed."""
        return self._signer is not None and not self._arming.fixed

    def obstacle(self) -> Refused | None:
        """Why no plan at all could be sent now, or None."""
        try:
            guards.check_standing(self._situation())
        except Refused as refused:
            return refused
        return None

    async def prepare(self, intent: Intent) -> Plan:
        """The plan for ``intent``; for a rebalance the managers are asked for theirs first. Changes nothing.

        Raises:
            Refused: there is nothing to do, or no way to find out what; the sentence says which.
        """
        await self._record.keep(self._record.intent(intent))
        try:
            made = await self._plan(intent)
            await self._keep_plan(made)
        except Refused as refused:
            self._note_refusal(intent, refused)
            raise
        return made

    @asynccontextmanager
    async def announced(self, plan: Plan, look: Callable[[], None] = lambda: None) -> AsyncIterator[None]:
        """Within it other consoles are told that ``plan`` is being considered here, as long as control is armed.

        ``look`` takes in what comes over the bus, where nobody else does meanwhile.
        """
        announcement = Announcement(self._bus, self._store, self._arming, self._name, plan)
        keeping = asyncio.create_task(announcement.keep(look), name="announcement")
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await announcement.leave()

    def lacking(self, plan: Plan) -> str | None:
        """What the site's rules demand of ``plan`` that can still be said (a ticket), as a sentence, or None."""
        return lacking(plan, self._rules, self._store, self._clock.now())

    def cancel_window(self, plan: Plan, tell: Callable[[float], None] = lambda _: None) -> CancelWindow:
        """The time to stop ``plan`` after it is confirmed, for `commit`; of no length where it is about few things."""
        return CancelWindow(self._cancel_seconds if plan.mass else 0.0, self._clock, tell)

    async def commit(self, plan: Plan, typed: str = "", window: CancelWindow | None = None) -> Sent:
        """Send ``plan`` exactly as it is; return when each request has its first answer, or can't have one.

        ``typed`` is what the person typed where the plan's confirmation asks for it. Nothing is sent before ``window``
        is over, by default one of `cancel_window`. What happens to each request is told by its job in the store,
        refusals and failures by agents too.

        Raises:
            Refused: nothing was sent.
            Stale: the managers refused a rebalance because the cluster moved; prepare its ``intent`` once more.
        """
        try:
            await self._let_pass(window or self.cancel_window(plan), plan, typed)
            letters = await self._release(plan, typed)
        except Refused as refused:
            self._note_refusal(plan, refused)
            raise
        for letter, step in zip(letters, plan.steps, strict=True):
            self._open_job(letter, plan, step.sessions)
            grace = step.args.grace if isinstance(step.args, TerminateArgs) else 0.0
            self._following.follow(letter.request, grace)
        try:
            await Delivery(self._courier(), self._arming, self._store, self._record).send(letters)
        finally:
            self._following.advance()
            self._record.flush()
        sent = Sent(plan, tuple(letter.request for letter in letters))
        self._raise_if_stale(sent)
        return sent

    async def dry_run(self, plan: Plan) -> tuple[Rehearsed, ...]:
        """Ask each receiver what a step would do. Needs a key and a bus, but not to be armed: nothing changes.

        Raises:
            Refused: nobody was asked.
        """
        try:
            guards.check_rehearsal(self._situation(), guards.Decision(plan, "", self._sent))
            letters = _letters(plan, dry_run=True)
            await self._record.keep(*map(self._record.sent, letters))
        except Refused as refused:
            self._note_refusal(plan, refused)
            raise
        heard = await self._courier().carry_all(letters)
        self._record.note(*map(self._record.reply, letters, heard))
        self._record.flush()
        return tuple(_rehearsed(step, answer) for step, answer in zip(plan.steps, heard, strict=True))

    def advance(self) -> None:
        """Let time pass: disarm when the bus was lost, give up what nobody can know any more, record what ended."""
        self._watch_bus()
        self._following.advance()
        self._record.flush()

    async def settled(self, requests: Iterable[str], within: float | None = None) -> tuple[JobRow, ...]:
        """The jobs of ``requests`` when all have ended, or as they stand after ``within`` seconds (None: no limit).

        It reads the bus and lets time pass by itself. A console, which does both on its own tick, doesn't need it.
        """
        wanted = [RequestId(request) for request in requests]
        end = None if within is None else self._clock.monotonic() + within
        while True:
            self._store.fold(self._bus.take())
            self._store.advance()
            self.advance()
            jobs = tuple(self._store.jobs[request] for request in wanted if request in self._store.jobs)
            left = LOOK_AROUND if end is None else end - self._clock.monotonic()
            if left <= 0 or all(job.state.ended for job in jobs):
                return jobs
            await self._bus.wait_activity(min(left, LOOK_AROUND))

    async def recollect(self) -> None:
        """Take up again what was asked for from here before and has no known end. JournalError: it can't be read."""
        await self._past.recollect()

    async def resolve(self, requests: Iterable[str] = ()) -> tuple[JobRow, ...]:
        """Ask what became of ``requests``, or of all of ours that nobody knows the end of; their jobs then.

        It changes nothing, so it needs a key and a bus, but not to be armed.

        Raises:
            Refused: nobody was asked.
        """
        guards.check_question(self._situation())
        if self._arming.fixed:
            raise Refused("read_only", f"Nobody was asked: {self._arming.why}.")
        return await self._past.resolve(self._courier(), requests)

    def dismiss(self, requests: Iterable[RequestId]) -> None:
        """Hide ended jobs. That is on record, so that those of ours stay hidden after a restart."""
        self._past.dismiss(requests)

    async def _plan(self, intent: Intent) -> Plan:
        if intent.verb != "rebalance":
            made = plans.plan(intent, self._store, clock=self._clock, bulk=self._bulk)
        else:
            balance = await self._ask_managers(intent)
            made = plans.plan_balance(intent, balance, self._store, clock=self._clock, bulk=self._bulk)
        return under_rules(made, self._rules, self._store, self._clock.now())

    async def _ask_managers(self, intent: Intent) -> RebalancePlan:
        """A plan that the managers keep until it expires; making one changes nothing."""
        guards.check_question(self._situation())
        nodes = [require_node(node, self._store).id for node in intent.nodes] or None
        args = PlanArgs(policy=intent.policy, nodes=nodes)
        letter = Letter(new_request(), MANAGER, "plan", args, intent.reason, intent.ticket)
        await self._record.keep(self._record.sent(letter))
        heard = await self._courier().carry(letter)
        self._record.note(self._record.reply(letter, heard))
        return _balance(heard)

    async def _let_pass(self, window: CancelWindow, plan: Plan, typed: str) -> None:
        """Wait as long as ``plan`` can be stopped; what forbids it is told before."""
        if not window.seconds:
            return
        guards.check(self._situation(), guards.Decision(plan, typed, self._sent))
        try:
            await self._record.keep(self._record.held(plan, window.seconds))
            await window.pass_by()
        except asyncio.CancelledError:
            self._note_refusal(plan, Refused(CANCELLED, "Nothing was sent: it was interrupted in time."))
            raise

    async def _release(self, plan: Plan, typed: str) -> list[Letter]:
        """The letters of a plan that may be sent, with the decision on record; Refused leaves nothing behind."""
        self._watch_bus()
        guards.check(self._situation(), guards.Decision(plan, typed, self._sent))
        self._sent.add(plan.id)  # before the first await: a key that is pressed twice must find it
        letters = _letters(plan)
        try:
            await self._keep_plan(plan, *map(self._record.sent, letters))
            guards.check_standing(self._situation())  # the disk may have taken its time
        except Refused:
            self._sent.discard(plan.id)
            raise
        return letters

    async def _keep_plan(self, plan: Plan, *entries: Entry) -> None:
        """Put ``plan`` on record as it is now, unless it is there, and ``entries`` after it."""
        shown = fingerprint(plan)
        if self._shown.get(plan.id) != shown:
            entries = (self._record.plan(plan), *entries)
        await self._record.keep(*entries)
        self._shown[plan.id] = shown

    def _note_refusal(self, what: Intent | Plan, refused: Refused) -> None:
        self._record.note(self._record.refused(what, refused))
        self._record.flush()

    def _open_job(self, letter: Letter, plan: Plan, sessions: Sequence[SessionKey]) -> None:
        self._store.book.open(
            request=letter.request,
            plan=plan.id,
            verb=letter.verb,
            target=letter.target,
            sessions=[key.session for key in sessions],
            operator=self._name,
            key=self._signer.public_key if self._signer else None,
            reason=letter.reason,
            ticket=letter.ticket,
        )

    def _raise_if_stale(self, sent: Sent) -> None:
        for request in sent.requests:
            job = self._store.jobs[RequestId(request)]
            if sent.plan.balance and job.state is JobState.REFUSED and job.code == "stale":
                why = f" ({job.detail})" if job.detail else ""
                raise Stale(
                    sent.plan.intent, f"Nothing was changed: the cluster moved under the plan{why}. Plan again."
                )

    def _watch_bus(self) -> None:
        """Disarm when the bus is away, or was away since control was armed."""
        since, status = self._arming.since, self._bus.status
        if since is not None and (not status.connected or status.since > since):
            self._arming.disarm("the bus was lost")

    def _situation(self) -> guards.Situation:
        return guards.Situation(
            clock=self._clock,
            cluster=self._store.cluster,
            arming=self._arming,
            signer=self._signer,
            operator=self._name,
            bus=self._bus.status,
            rules=self._rules,
            store=self._store,
        )

    def _courier(self) -> Courier:
        if self._signer is None:
            raise guards.no_key()
        return Courier(self._bus, self._clock, self._store.cluster, self._signer, self._name)


def _letters(plan: Plan, *, dry_run: bool = False) -> list[Letter]:
    words, shown = plan.intent, fingerprint(plan)
    return [
        Letter(
            new_request(),
            step.target,
            step.verb,
            step.args,
            words.reason,
            words.ticket,
            dry_run,
            plan.id,
            shown,
            plan.second_person,
        )
        for step in plan.steps
    ]


def _rehearsed(step: Step, heard: Heard) -> Rehearsed:
    return Rehearsed(step, heard.state, heard.code, heard.detail, heard.reply.result if heard.reply else {})


def _balance(heard: Heard) -> RebalancePlan:
    """The managers' plan out of their answer; Refused where there is none in it."""
    if heard.state is not JobState.DONE or heard.reply is None:
        raise Refused(heard.code or heard.state, f"There is no plan to rebalance by: {heard.detail or heard.state}.")
    try:
        return msgspec.convert(heard.reply.result, RebalancePlan)
    except msgspec.ValidationError as error:
        detail = text.inert(str(error))
        raise Refused(
            "garbled", f"There is no plan to rebalance by: the managers' answer can't be read ({detail})."
        ) from None
