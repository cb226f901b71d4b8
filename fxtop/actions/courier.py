"""Carrying one signed request to its receiver, and saying truthfully what came of it (protocol 4)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from fxtop.actions.steps import MANAGER
from fxtop.bus.port import Answer, Bus, BusDown, BusError, NoAgent, NoAnswer, NotAllowed, TooLarge
from fxtop.clock import Clock
from fxtop.cluster.jobs import state_told
from fxtop.cluster.records import JobState
from fxtop.protocol import subjects, text
from fxtop.protocol.control import Args, Reply, Request
from fxtop.protocol.decode import Rejected, decode_reply
from fxtop.protocol.ids import ClusterSlug, RequestId
from fxtop.protocol.signing import Signer, sign

EXPIRES_AFTER: Final = 30.0
"""Seconds for which a receiver may act on a request, from the moment it is sent."""

ANSWER_WITHIN: Final = 10.0
"""Seconds to wait for the first answer."""

AT_ONCE: Final = 8
"""Requests on their way at the same time."""

SERVICE_ERROR: Final = "Nats-Service-Error"
"""The header of a micro service that failed without deciding (protocol 5)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A request before it is signed."""

    request: RequestId
    target: str
    """Node id, or ``manager``."""
    verb: str
    args: Args
    reason: str = ""
    ticket: str | None = None
    dry_run: bool = False
    action: str = ""
    """Id of the plan it belongs to."""
    plan_hash: str = ""
    second: bool = False
    """Whether the receiver is to wait for a second person."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a request at once: a reply, or else the state of a request without one, and why."""

    reply: Reply | None
    state: JobState
    code: str
    detail: str


def new_request() -> RequestId:
    """A request id that nobody else has."""
    return RequestId(secrets.token_hex(12))


class Courier:
    """Signs requests with one operator's key and sends them over one bus into one cluster."""

    def __init__(self, bus: Bus, clock: Clock, cluster: ClusterSlug, signer: Signer, operator: str) -> None:
        self._bus = bus
        self._clock = clock
        self._cluster = cluster
        self._signer = signer
        self._operator = operator

    async def carry(self, letter: Letter) -> Heard:
        """Sign ``letter``, send it once, and wait for the first answer. The bus's troubles come back as `Heard`."""
        return await self._ask(letter, *self._sealed(letter))

    async def carry_to_each(self, letter: Letter) -> list[Heard]:
        """What all of those say who listen for ``letter``; nobody is asked twice. BusError: nobody could be asked."""
        subject, payload, headers = self._sealed(letter)
        answers = await self._bus.gather(subject, payload, headers=headers, within=ANSWER_WITHIN)
        return [_read(letter, answer) for answer in answers]

    def _sealed(self, letter: Letter) -> tuple[str, bytes, Mapping[str, str]]:
        """Subject, payload and headers of ``letter``, which expires soon after now."""
        subject = self._subject(letter)
        payload = msgspec.json.encode(
            Request(
                v=1,
                reason=letter.reason,
                ticket=letter.ticket,
                dry_run=letter.dry_run,
                second=letter.second,
                args=msgspec.Raw(msgspec.json.encode(letter.args)),
            )
        )
        headers = sign(
            self._signer,
            subject=subject,
            request=letter.request,
            operator=self._operator,
            expires=self._clock.now() + EXPIRES_AFTER,
            payload=payload,
        )
        return subject, payload, headers

    async def carry_all(self, letters: Sequence[Letter]) -> list[Heard]:
        """What came of each of ``letters``, in their order, with a few on their way at a time."""
        room = asyncio.Semaphore(AT_ONCE)

        async def carry_one(letter: Letter) -> Heard:
            async with room:
                return await self.carry(letter)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(carry_one(letter)) for letter in letters]
        return [task.result() for task in tasks]

    def _subject(self, letter: Letter) -> str:
        if letter.target == MANAGER:
            return subjects.build(self._cluster, "ctl.manager", letter.verb)
        return subjects.build(self._cluster, "ctl.node", letter.target, letter.verb)

    async def _ask(self, letter: Letter, subject: str, payload: bytes, headers: Mapping[str, str]) -> Heard:
        try:
            answer = await self._bus.request(subject, payload, headers, within=ANSWER_WITHIN)
        except BusError as error:
            return _unanswered(error, whose(letter.target))
        return _read(letter, answer)


def whose(target: str) -> str:
    """How a target is named in a sentence."""
    return "the managers" if target == MANAGER else target


def _unanswered(error: BusError, whom: str) -> Heard:
    """What is known of a request that the bus brought no answer to."""
    match error:
        case NoAgent():
            detail = f"no agent answers for {whom}: it is not running or not connected"
            return Heard(None, JobState.FAILED, "no_agent", detail)
        case BusDown() | TooLarge():
            return Heard(None, JobState.FAILED, "unsent", str(error))
        case NotAllowed():
            return Heard(None, JobState.REFUSED, "not_allowed", str(error))
        case NoAnswer():
            detail = f"no answer came from {whom}: whether it acted is not known"
            return Heard(None, JobState.UNKNOWN, "no_answer", detail)
        case _:
            detail = f"the request to {whom} met an error, and whether it acted is not known: {error}"
            return Heard(None, JobState.UNKNOWN, "bus_error", detail)


def _read(letter: Letter, answer: Answer) -> Heard:
    whom = whose(letter.target)
    try:
        reply = decode_reply(answer.payload)
    except Rejected as rejected:
        said = text.inert(answer.headers.get(SERVICE_ERROR, "")) or str(rejected)
        detail = f"{whom} answered, but not as the protocol says, so whether it acted is not known: {said}"
        return Heard(None, JobState.UNKNOWN, "garbled", detail)
    if reply.request != letter.request:
        detail = f"{whom} answered to another request, so whether it acted on this one is not known"
        return Heard(None, JobState.UNKNOWN, "mismatch", detail)
    return Heard(reply, state_told(reply.status, reply.code), reply.code, reply.detail)
