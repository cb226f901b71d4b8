"""What the tests of the agent have in common: a node whose sessions a test sets, and an operator who asks."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from fxtop.agent.collectors.port import Collector
from fxtop.agent.config import AgentConfig
from fxtop.agent.providers.port import Ability, HostFacts, HostSample, ProviderError, Step, UnknownSession
from fxtop.agent.service import Agent
from fxtop.agent.signal import Signal
from fxtop.agent.trust import Role, Trust
from fxtop.bus.port import Answer, Bus
from fxtop.clock import Clock, SystemClock
from fxtop.protocol import subjects
from fxtop.protocol.control import JobProgress, Reply, Request
from fxtop.protocol.decode import decode_reply
from fxtop.protocol.ids import ClusterSlug, NodeId, RequestId, SessionId
from fxtop.protocol.session import Pending, SessionBody
from fxtop.protocol.signing import NkeySigner, Signer, new_seed, sign
from tests.unit.agent.hub import Hub, MemoryBus

CLUSTER = ClusterSlug("test")
NODE = NodeId("viz01.example.edu")
OPERATOR = NkeySigner(new_seed())
HELPDESK = NkeySigner(new_seed())
VIEWER = NkeySigner(new_seed())
MANAGER = NkeySigner(new_seed())
OTHER_MANAGER = NkeySigner(new_seed())
STRANGER = NkeySigner(new_seed())
TRUST = Trust(
    {
        OPERATOR.public_key: Role.OPERATOR,
        HELPDESK.public_key: Role.HELPDESK,
        VIEWER.public_key: Role.VIEWER,
        MANAGER.public_key: Role.MANAGER,
        OTHER_MANAGER.public_key: Role.MANAGER,
    }
)


class SetClock:
    """A clock that a test sets; both hands move together."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.wall = now
        self.mono = 1000.0

    def monotonic(self) -> float:
        return self.mono

    def now(self) -> float:
        return self.wall

    def move(self, seconds: float) -> None:
        self.wall += seconds
        self.mono += seconds


def body(id_: str, state: Any = "running", node: NodeId = NODE, **fields: Any) -> SessionBody:
    """A session with what matters to a test."""
    defaults: dict[str, Any] = {"user": "ann", "created": 1_799_999_000.0}
    if state == "pending":
        defaults["pending"] = Pending(scheduler="slurm", job="1")
    return SessionBody(id=SessionId(id_), node=node, state=state, **(defaults | fields))


class ScriptedProvider:
    """Sessions as a test puts them there; what it was asked to do stands in ``done``."""

    name = "scripted"

    def __init__(self, *bodies: SessionBody) -> None:
        self.abilities = frozenset(Ability)
        self.bodies = {one.id: one for one in bodies}
        self.done: list[tuple[object, ...]] = []
        self.taking = True
        self.weight = 1.0
        self.immortal: set[str] = set()
        self.fault: str | None = None
        self.disobeys: str | None = None
        self.forgetful = False
        """Whether a session that was sent elsewhere is still listed here."""
        self.hold = asyncio.Event()
        """Until it is set, asked sessions don't end."""
        self.hold.set()
        self._changed = Signal()
        self._fresh = True

    def put(self, *bodies: SessionBody) -> None:
        for one in bodies:
            self.bodies[one.id] = one
        self.stir()

    def drop(self, *ids: str) -> None:
        for id_ in ids:
            del self.bodies[SessionId(id_)]
        self.stir()

    def stir(self) -> None:
        self._fresh = True
        self._changed.notify()

    async def sessions(self) -> Sequence[SessionBody]:
        if self.fault:
            raise ProviderError(self.fault)
        self._fresh = False
        return list(self.bodies.values())

    async def changed(self) -> None:
        while not self._fresh:
            await self._changed.wait()

    async def placement(self, taking: bool, weight: float) -> None:
        if self.disobeys:
            raise ProviderError(self.disobeys)
        self.taking, self.weight = taking, weight

    async def terminate(self, session: SessionId, grace: float) -> AsyncIterator[Step]:
        if session not in self.bodies:
            raise UnknownSession(session)
        self.done.append(("terminate", session, grace))
        yield Step("asked")
        await self.hold.wait()
        if session in self.immortal:
            raise ProviderError("it survives everything")
        self.drop(session)
        yield Step("ended", gone=True)

    async def message(self, session: SessionId, text: str) -> None:
        if session not in self.bodies:
            raise UnknownSession(session)
        self.done.append(("message", session, text))

    async def requeue(self, session: SessionId, to: NodeId) -> None:
        self.done.append(("requeue", session, to))
        if not self.forgetful:
            self.drop(session)


class StillHost:
    """A machine on which nothing happens."""

    def __init__(self) -> None:
        self.now = HostSample(
            cpu=0.25, load=(1.0, 2.0, 3.0), cores=8, mem_used=4_000, mem_total=16_000, uptime=86_400.0
        )
        self.told = HostFacts(host="viz01.example.edu", services=("launcher",), versions={"fastx": "5.1"})
        self.stuck = False

    async def sample(self) -> HostSample:
        if self.stuck:
            await asyncio.Event().wait()
        return self.now

    async def facts(self) -> HostFacts:
        return self.told


@dataclass
class Told:
    """A reply as the asker got it."""

    reply: Reply
    headers: Mapping[str, str]


class Asker:
    """Somebody with a key who sends requests."""

    _ids = itertools.count(1)

    def __init__(self, bus: Bus, signer: Signer = OPERATOR, name: str = "ann") -> None:
        self.bus = bus
        self.signer = signer
        self.name = name

    def headers(self, subject: str, payload: bytes, request: str, expires: float | None = None) -> dict[str, str]:
        return sign(
            self.signer,
            subject=subject,
            request=RequestId(request),
            operator=self.name,
            expires=time.time() + 30 if expires is None else expires,
            payload=payload,
        )

    async def ask(
        self,
        verb: str,
        args: Mapping[str, object] | None = None,
        *,
        node: NodeId = NODE,
        request: str | None = None,
        expires: float | None = None,
        **fields: Any,
    ) -> Told:
        """A signed request to a node."""
        subject = subjects.build(CLUSTER, "ctl.node", node, verb)
        return await self._send(subject, args, request, expires, fields)

    async def ask_managers(
        self, verb: str, args: Mapping[str, object], *, request: str | None = None, **fields: Any
    ) -> Told:
        subject = subjects.build(CLUSTER, "ctl.manager", verb)
        return await self._send(subject, args, request, None, fields)

    async def _send(
        self,
        subject: str,
        args: Mapping[str, object] | None,
        request: str | None,
        expires: float | None,
        fields: Mapping[str, Any],
    ) -> Told:
        filled = {"reason": "maintenance", **fields}
        payload = msgspec.json.encode(Request(v=1, args=msgspec.Raw(msgspec.json.encode(args or {})), **filled))
        headers = self.headers(subject, payload, request or f"req{next(self._ids):04}", expires)
        return told(await self.bus.request(subject, payload, headers))


def told(answer: Answer) -> Told:
    return Told(decode_reply(answer.payload), answer.headers)


class Node:
    """A running agent on a hub, with what a test needs to look at it."""

    def __init__(
        self,
        folder: Path,
        *bodies: SessionBody,
        hub: Hub | None = None,
        node: NodeId = NODE,
        signer: Signer | None = None,
        collectors: Sequence[Collector] = (),
        provider: ScriptedProvider | None = None,
        clock: Clock | None = None,
        **settings: Any,
    ) -> None:
        self.clock = clock or SystemClock()
        self.hub = hub or Hub()
        self.bus = MemoryBus(self.hub, self.clock, CLUSTER)
        self.provider = provider or ScriptedProvider(*bodies)
        self.host = StillHost()
        self.config = replace(
            AgentConfig(CLUSTER, node, folder / node, trust=TRUST, interval=60.0, poll_every=60.0), **settings
        )
        self.agent = Agent(
            self.config,
            self.bus,
            self.provider,
            self.host,
            self.clock,
            collectors=collectors,
            manager_key=signer,
        )
        self.asker = Asker(self.bus)

    async def job(self, request: str, ends: int = 1) -> JobProgress:
        """The last word on a job, once it has ended so many times."""

        def ended() -> list[JobProgress]:
            told = [d.message for d in self.hub.heard("job") if d.ids == (request,)]
            return [m for m in told if isinstance(m, JobProgress) and m.status != "running"]

        async with self.hub.news:
            await self.hub.news.wait_for(lambda: len(ended()) >= ends)
        return ended()[-1]


@asynccontextmanager
async def running(node: Node, *, bye: bool = True) -> AsyncIterator[Node]:
    """The agent from its start, having said all it says at first, to its end."""
    before = len(node.hub.heard("sessions"))
    await node.agent.start()
    await node.hub.until("sessions", before + 1)
    try:
        yield node
    finally:
        await node.agent.stop(bye=bye)
