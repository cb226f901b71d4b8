"""The second person: reading what waits, agreeing to it, or turning it down (`fxtop.protocol.consent`).

What is read is what its sender signed, checked here; what is signed here is its digest. So nobody who only holds the
bus's token can show one thing and have another one approved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Final

import msgspec

from fxtop.actions import guards
from fxtop.actions.courier import Courier, Heard, Letter, new_request
from fxtop.actions.model import Refused
from fxtop.actions.record import Record
from fxtop.actions.words import listed, said
from fxtop.cluster.records import JobState
from fxtop.protocol import subjects, text
from fxtop.protocol.consent import Held, held_id
from fxtop.protocol.control import (
    HEADER_OPERATOR,
    ApproveArgs,
    Args,
    DrainArgs,
    MessageArgs,
    Request,
    TerminateArgs,
    WithdrawArgs,
)
from fxtop.protocol.decode import Rejected, decode_args, decode_as
from fxtop.protocol.ids import ClusterSlug, NodeId, PublicKey, RequestId
from fxtop.protocol.signing import SignatureRefused, signed_by
from fxtop.views.column import Look
from fxtop.views.format import moment, plural

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

_REQUEST: Final = msgspec.json.Decoder(Request)


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that waits, read and checked."""

    request: RequestId
    node: str
    """Whose agent keeps it."""
    verb: str
    target: str
    """What the request is addressed to: a node, or the managers."""
    args: Args
    operator: str
    key: PublicKey
    """Both are proven by the signature."""
    reason: str
    ticket: str | None
    until: float
    """Unix seconds by the agent's clock."""
    rule: str
    digest: str

    @property
    def what(self) -> str:
        """What would be done, in a sentence without a full stop."""
        return f"{self.verb} {self.target}{_extent(self.args)}"


class Approver:
    """Speaks for one operator about the requests of others. It is made by `fxtop.actions.operator.Operator`."""

    def __init__(
        self, store: Store, record: Record, situation: Callable[[], guards.Situation], courier: Callable[[], Courier]
    ) -> None:
        self._store = store
        self._record = record
        self._situation = situation
        self._courier = courier

    async def read(self, request: RequestId, node: str) -> Pending:
        """What waits on ``node`` under that id, as its sender signed it. Changes nothing, and needs not to be armed.

        Raises:
            Refused: it can't be read, or isn't what it should be.
        """
        situation = self._situation()
        guards.check_question(situation)
        if situation.arming.fixed:
            raise Refused("read_only", f"Nobody was asked: {situation.arming.why}.")
        heard = await self._carry(Letter(new_request(), node, "approve", ApproveArgs(request=request), dry_run=True))
        held = _held(heard)
        return _checked(held, request, node, self._store.cluster)

    async def approve(self, pending: Pending, reason: str = "") -> Heard:
        """Agree to exactly what was read. What comes of it is told by the request's own job.

        Raises:
            Refused: nothing was sent, or the agent refused.
        """
        args = ApproveArgs(request=pending.request, digest=pending.digest)
        return await self._decide(pending, "approve", args, reason)

    async def withdraw(self, request: RequestId, node: str, reason: str = "") -> Heard:
        """Take one's own request back, or turn somebody else's down. Raises Refused as `approve`."""
        return await self._send(Letter(new_request(), node, "withdraw", WithdrawArgs(request=request), _words(reason)))

    async def _decide(self, pending: Pending, verb: str, args: Args, reason: str) -> Heard:
        words = _words(reason) or f"{verb} {pending.request} of {pending.operator}"
        return await self._send(Letter(new_request(), pending.node, verb, args, words, pending.ticket))

    async def _send(self, letter: Letter) -> Heard:
        guards.check_standing(self._situation())
        heard = await self._carry(letter)
        if heard.state is not JobState.DONE:
            told = heard.detail or heard.state
            raise Refused(heard.code or heard.state, f"The {letter.verb} came to nothing: {told}")
        return heard

    async def _carry(self, letter: Letter) -> Heard:
        await self._record.keep(self._record.sent(letter))
        heard = await self._courier().carry(letter)
        self._record.note(self._record.reply(letter, heard))
        self._record.flush()
        return heard


def where_it_waits(request: RequestId, store: Store) -> NodeId | None:
    """The node that keeps a request, as far as its job was heard of; None where it isn't known to wait."""
    job = store.jobs.get(request)
    return job.keeper if job is not None and job.waits else None


def pending_lines(pending: Pending, tz: tzinfo) -> Iterator[str]:
    """What is to be approved, all of it signed by who asks for it."""
    yield f"{pending.operator} asks to {pending.what}"
    yield f"  reason: {pending.reason or 'none given'}"
    yield f"  ticket: {pending.ticket or 'none'}"
    yield f"  key: {pending.key}, whose signature fits"
    yield f"  request: {pending.request}, kept by {pending.node} until {moment(pending.until, Look(tz=tz))}"
    yield f"  digest: {pending.digest}"
    if pending.rule:
        yield f"  rule: {pending.rule}"


def _words(reason: str) -> str:
    try:
        return said(reason, text.TEXT_BOUND)
    except ValueError as error:
        raise Refused("reason", f"The reason is too long: {error}.") from None


def _held(heard: Heard) -> Held:
    if heard.state is not JobState.DONE or heard.reply is None:
        raise Refused(heard.code or heard.state, f"It can't be read: {heard.detail or heard.state}")
    try:
        return msgspec.convert(heard.reply.result, Held)
    except msgspec.ValidationError as error:
        raise Refused("garbled", f"It can't be read: the agent's answer is none ({text.inert(str(error))}).") from None


def _checked(held: Held, request: RequestId, node: str, cluster: ClusterSlug) -> Pending:
    """``held`` as a request that its sender really signed, for this cluster; Refused where it isn't."""
    try:
        key = signed_by(held.subject, held.headers, held.body)
        payload: Request = text.clean(decode_as(_REQUEST, held.body))
        verb, target = _addressed(held.subject, cluster)
        args = decode_args(verb, payload)
        digest = held.digest
    except (SignatureRefused, Rejected, UnicodeEncodeError, KeyError, ValueError) as error:
        sentence = f"What {node} shows is no request that somebody signed ({error}): don't approve it."
        raise Refused("forged", sentence) from None
    if held_id(held) != request:
        raise Refused("forged", f"What {node} shows is another request than {request}: don't approve it.")
    return Pending(
        request=request,
        node=node,
        verb=verb,
        target=target,
        args=args,
        operator=text.inert(held.headers[HEADER_OPERATOR], text.NAME_BOUND),
        key=key,
        reason=payload.reason,
        ticket=payload.ticket,
        until=held.until,
        rule=text.inert(held.rule),
        digest=digest,
    )


def _addressed(subject: str, cluster: ClusterSlug) -> tuple[str, str]:
    """Verb and target of a request's subject; ValueError where it is none of this cluster."""
    parsed = subjects.parse(subject)
    if parsed is None or parsed.cluster != cluster or not parsed.kind.startswith("ctl."):
        raise ValueError("it is addressed to nobody in this cluster")
    target = parsed.ids[0] if parsed.kind == "ctl.node" else "the managers"
    return parsed.ids[-1], text.inert(target, text.ID_BOUND)


def _extent(args: Args) -> str:
    match args:
        case TerminateArgs():
            return f": {plural(len(args.sessions), 'session')}, {listed([str(each) for each in args.sessions], 12)}"
        case MessageArgs(sessions=None):
            return f": everybody is told «{args.text}»"
        case MessageArgs(sessions=sessions):
            number = len(sessions or ())
            return f": {plural(number, 'session')} {'is' if number == 1 else 'are'} told «{args.text}»"
        case DrainArgs(then="terminate"):
            return ", and end the sessions that are left"
        case _:
            return ""
