"""Requests: who may ask, whether it was asked before, what is done, and what is answered (protocol 4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from fxtop.actions.journal import JournalError
from fxtop.agent.doing import done
from fxtop.agent.durable import StateError
from fxtop.agent.gate import Gate, Malformed, Untimely, claimed, request_id
from fxtop.agent.identity import Identity
from fxtop.agent.jobs import Job, Jobs
from fxtop.agent.ledger import Entry, Ledger
from fxtop.agent.order import (
    Check,
    Deed,
    LastingVerb,
    Order,
    Outcome,
    Oversight,
    Refusal,
    Unsupported,
    Verb,
    VisibleVerb,
    Work,
)
from fxtop.agent.records import Decision, Records, Ruling
from fxtop.agent.refusals import Refusals
from fxtop.bus.port import Asked, Bus, BusError, Endpoint, Fault
from fxtop.cluster.jobs import INTERRUPTED
from fxtop.protocol import subjects
from fxtop.protocol.control import MANAGER_QUEUE, ProgressStatus, Reply, ReplyStatus
from fxtop.protocol.encode import encode
from fxtop.protocol.ids import RequestId
from fxtop.protocol.text import ID_BOUND

log = logging.getLogger(__name__)

MALFORMED: Final = "400"
INTERNAL: Final = "500"
AGAIN: Final = "~again"


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply with the work that follows it, and the micro service's error code where it is no decision."""

    reply: Reply
    order: Order | None = None
    work: Work | None = None
    error: str | None = None


class Control:
    """Answers one agent's requests, one at a time: what goes on longer becomes a job.

    A new request passes the gate (signature, key, role), then ``checks`` in their order, then its verb's own look at
    it, and then ``oversight``. The first to object decides.
    """

    def __init__(  # noqa: PLR0913  # the parts of an agent that a request meets, each by name
        self,
        *,
        bus: Bus,
        identity: Identity,
        gate: Gate,
        ledger: Ledger,
        records: Records,
        refusals: Refusals,
        jobs: Jobs,
        oversight: Oversight,
        checks: Sequence[Check] = (),
    ) -> None:
        self._bus = bus
        self._identity = identity
        self._gate = gate
        self._ledger = ledger
        self._records = records
        self._refusals = refusals
        self._jobs = jobs
        self._oversight = oversight
        self._checks = tuple(checks)
        self.verbs: dict[str, Verb] = {}
        """Those that it answers, by name."""
        self._turn = asyncio.Lock()

    def node_endpoint(self, verb: Verb) -> Endpoint:
        """The endpoint at which this node alone answers ``verb``."""
        subject = subjects.build(self._identity.cluster, "ctl.node", self._identity.node, verb.name)
        return self._endpoint(verb, subject)

    def manager_endpoint(self, verb: Verb, queue: str = MANAGER_QUEUE) -> Endpoint:
        """The endpoint at which one of the managers answers ``verb``; without a ``queue`` each of them does."""
        subject = subjects.build(self._identity.cluster, "ctl.manager", verb.name)
        return self._endpoint(verb, subject, queue)

    def _endpoint(self, verb: Verb, subject: str, queue: str = "") -> Endpoint:
        self.verbs[verb.name] = verb
        return Endpoint(verb.name, subject, partial(self.handle, verb), queue)

    async def recover(self) -> None:
        """Bring to an end what the last life of this agent left: nothing is done a second time."""
        for entry in self._ledger.unanswered():
            outcome = self._aftermath(entry.order)
            reply = _answered(entry.order, outcome)
            if outcome.status != "accepted":
                await self._records.note(entry.order, _ruling(reply))
            await self._remember(entry.order, entry.fingerprint, reply, work=outcome.status == "accepted")
        for entry in self._ledger.open():
            self._jobs.start(entry.order, self._recovered(entry.order))

    def _recovered(self, order: Order) -> Work:
        verb = self.verbs.get(order.verb)
        put_off = self._oversight.recover(verb, order) if verb is not None else None
        return put_off or (verb.recover(order) if isinstance(verb, LastingVerb) else _given_up)

    async def handle(self, verb: Verb, asked: Asked) -> None:
        """Answer one request. Whatever goes wrong inside, the asker gets an answer.

        Raises:
            Fault: an error that is no decision; it holds the reply.
        """
        try:
            async with self._turn:
                answer = await self._answer(verb, asked)
        except Exception as error:  # the boundary of the service: a fault must not leave the asker without a word
            log.exception("The request on %s failed inside the agent", asked.subject)
            detail = f"The agent on {self._identity.node} failed inside ({type(error).__name__}); its log says more."
            answer = Answer(_reply(request_id(asked), "failed", "internal", detail), error=INTERNAL)
        if answer.error is not None:
            raise Fault(answer.error, answer.reply.detail.replace("\n", " "), encode(answer.reply))
        await self._send(asked, answer.reply)
        if answer.work is not None and answer.order is not None:
            self._jobs.start(answer.order, answer.work)

    async def _answer(self, verb: Verb, asked: Asked) -> Answer:
        try:
            order, fingerprint = self._gate.admit(verb.name, asked)
        except Refusal as refusal:
            return await self._turn_away(verb, asked, refusal)
        known = self._ledger.recall(order.request)
        if known is not None and known.fingerprint == fingerprint:
            return Answer(known.reply or _answered(order, self._aftermath(order)))
        try:
            self._gate.permit(order)
            if known is not None and self._is_shared(known, order):
                return Answer(known.reply or _answered(order, self._aftermath(known.order)))
            self._require_new(known, order)
            for check in self._checks:
                check(order)
        except Refusal as refusal:
            await self._refusals.note(self._apart(order), _refused(refusal), listed=True)
            return Answer(_reply(order.request, refusal.status, refusal.code, refusal.detail))
        try:
            return await self._decide(verb, order, fingerprint, asked)
        finally:
            self._oversight.decided(order)

    async def _turn_away(self, verb: Verb, asked: Asked, refusal: Refusal) -> Answer:
        """Answer what was not admitted. Nothing of it is remembered."""
        known = self._ledger.recall(request_id(asked))
        if isinstance(refusal, Untimely) and known is not None and known.fingerprint == refusal.fingerprint:
            refusal = refusal.replayed()
        order = self._apart(claimed(verb.name, asked, refusal))
        await self._refusals.note(order, _refused(refusal), listed=isinstance(refusal, Untimely))
        error = MALFORMED if isinstance(refusal, Malformed) else None
        return Answer(_reply(request_id(asked), refusal.status, refusal.code, refusal.detail), error=error)

    def _is_shared(self, known: Entry, order: Order) -> bool:
        """Whether another manager asked for the same before, out of the same request of an operator's.

        Their ids are the same because they follow from that request and its plan; each shows it, and `Gate.permit` has
        looked at it.
        """
        same = known.order.verb == order.verb and known.order.args == order.args
        return same and bool(known.order.evidence) and self._gate.speaks_for_another(order)

    def _require_new(self, known: Entry | None, order: Order) -> None:
        if known is not None:
            raise Refusal("replayed", f"The request id {order.request} was used for another request before.")
        if self._ledger.has_lost(order.request):
            detail = (
                "The journal has it as taken on before, and what came of it is not known: look before you ask anew."
            )
            raise Refusal("replayed", detail)
        if self._ledger.may_have_forgotten(order):
            detail = "It is as old as requests that this node has forgotten: one of the two clocks was set back."
            raise Refusal("expired", detail)

    async def _decide(self, verb: Verb, order: Order, fingerprint: str, asked: Asked) -> Answer:
        try:
            deed = await self._oversight.consider(verb, order, verb.prepare(order), asked)
        except Refusal as refusal:
            await self._records.note(order, _refused(refusal))
            reply = _reply(order.request, refusal.status, refusal.code, refusal.detail)
            await self._remember(order, fingerprint, reply)
            return Answer(reply)
        if order.dry_run:
            await self._records.note(order, Ruling(decision="dry_run"))
            return Answer(Reply(v=1, request=order.request, status="done", code="dry_run", result=dict(deed.preview)))
        try:
            await self._records.enter(order, Ruling(decision="accepted"))
            await self._ledger.begin(order, fingerprint)
        except (JournalError, StateError) as error:
            detail = f"{error} Nothing was done: a request is only carried out when it can be recorded."
            reply = _reply(order.request, "failed", "storage", detail)
            await self._records.note(order, _ruling(reply))
            return Answer(reply, error=INTERNAL)
        return await self._carry_out(deed, order, fingerprint)

    async def _carry_out(self, deed: Deed, order: Order, fingerprint: str) -> Answer:
        outcome = await done(deed)
        reply = _answered(order, outcome)
        await self._remember(order, fingerprint, reply, work=outcome.work is not None)
        if outcome.work is None:
            await self._records.note(order, _ruling(reply))
        return Answer(reply, order, outcome.work)

    async def _remember(self, order: Order, fingerprint: str, reply: Reply, *, work: bool = False) -> None:
        try:
            await self._ledger.settle(order, fingerprint, reply, work=work)
        except StateError as error:
            log.error("%s The reply to %s is remembered only until this agent ends.", error, order.request)

    def _apart(self, order: Order) -> Order:
        """``order`` with an id of its own where that one is taken.

        The record of its refusal would otherwise read as the end of the request that holds the id.
        """
        if self._ledger.recall(order.request) is None:
            return order
        return msgspec.structs.replace(order, request=RequestId(f"{order.request[: ID_BOUND - len(AGAIN)]}{AGAIN}"))

    def _aftermath(self, order: Order) -> Outcome:
        """What came of an order that was begun in the agent's last life and not answered; asking changes nothing."""
        verb = self.verbs.get(order.verb)
        if verb is not None and self._oversight.recover(verb, order) is not None:
            return Outcome("accepted", detail="It waits for a second person.")
        if isinstance(verb, VisibleVerb):
            return verb.aftermath(order)
        detail = (
            f"The agent on {self._identity.node} ended while it carried this request out: "
            "see what came of it before you send it anew."
        )
        return Outcome("failed", INTERRUPTED, detail)

    async def _send(self, asked: Asked, reply: Reply) -> None:
        if not asked.reply:
            return
        try:
            await self._bus.publish(asked.reply, encode(reply))
        except BusError as error:
            log.warning("The reply to %s could not be sent: %s", reply.request, error)


async def _given_up(job: Job) -> ProgressStatus:
    """The work of a verb that this agent had before its restart and has no more."""
    return "failed"


def _reply(request: RequestId, status: ReplyStatus, code: str, detail: str) -> Reply:
    return Reply(v=1, request=request, status=status, code=code, detail=detail)


def _answered(order: Order, outcome: Outcome) -> Reply:
    return Reply(
        v=1,
        request=order.request,
        status=outcome.status,
        code=outcome.code,
        detail=outcome.detail,
        result=dict(outcome.result),
    )


def _refused(refusal: Refusal) -> Ruling:
    decision: Decision = "unsupported" if isinstance(refusal, Unsupported) else "refused"
    return Ruling(decision=decision, code=refusal.code, detail=refusal.detail)


def _ruling(reply: Reply) -> Ruling:
    """The record of an order that was accepted and came to ``reply``."""
    return Ruling(decision="accepted", code=reply.code, outcome=reply.status, detail=reply.detail)
