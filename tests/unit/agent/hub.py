"""A bus without a server: what `fxtop.bus.port.Bus` promises, within one event loop."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from fxtop.bus.port import (
    Answer,
    Asked,
    BusDown,
    BusPhase,
    BusStatus,
    Fault,
    Handler,
    NoAgent,
    NoAnswer,
    Service,
)
from fxtop.clock import Clock
from fxtop.protocol import subjects
from fxtop.protocol.decode import Decoded, decode
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.presence import SYNC_SUBJECT_HEADER, Sync


@dataclass(frozen=True)
class Said:
    """One published message."""

    subject: str
    payload: bytes
    headers: Mapping[str, str]

    @property
    def decoded(self) -> Decoded:
        return decode(self.subject, self.payload)


@dataclass(frozen=True)
class Ear:
    pattern: tuple[str, ...]
    handler: Handler
    queue: str
    owner: MemoryBus


class Hub:
    """Carries messages between the `MemoryBus` objects made with it, and keeps all that was said."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.ears: list[Ear] = []
        self.news = asyncio.Condition()
        self.tasks: set[asyncio.Task[None]] = set()
        self.inboxes = itertools.count(1)

    def heard(self, kind: str) -> list[Decoded]:
        """All messages of a subject class, decoded as a receiver would."""
        found = [said for said in self.said if (parsed := subjects.parse(said.subject)) and parsed.kind == kind]
        return [said.decoded for said in found]

    async def until(self, kind: str, count: int = 1) -> list[Decoded]:
        """Wait until ``count`` messages of a class were said."""
        async with self.news:
            await self.news.wait_for(lambda: len(self.heard(kind)) >= count)
        return self.heard(kind)

    async def carry(self, subject: str, payload: bytes, headers: Mapping[str, str], reply: str) -> int:
        async with self.news:
            self.said.append(Said(subject, payload, headers))
            self.news.notify_all()
        ears = self._chosen(tuple(subject.split(".")))
        for ear in ears:
            task = asyncio.create_task(ear.owner.hand_over(ear.handler, Asked(subject, payload, headers, reply)))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        return len(ears)

    def _chosen(self, subject: tuple[str, ...]) -> list[Ear]:
        matching = [ear for ear in self.ears if matches(ear.pattern, subject)]
        queues = {ear.queue: ear for ear in reversed(matching) if ear.queue}
        return [ear for ear in matching if not ear.queue] + list(queues.values())


class MemoryBus:
    """One client of a `Hub`."""

    def __init__(self, hub: Hub, clock: Clock, cluster: ClusterSlug) -> None:
        self.hub = hub
        self.services: list[Service] = []
        self._clock = clock
        self._cluster = cluster
        self._buffer: list[Inbound] = []
        self._stir = asyncio.Event()
        self._up = asyncio.Event()
        self.faults: list[Fault] = []
        self.status = BusStatus(BusPhase.STOPPED, since=clock.monotonic())

    async def start(self) -> None:
        self.connect()

    async def stop(self) -> None:
        self.hub.ears = [ear for ear in self.hub.ears if ear.owner is not self]
        self._phase(BusPhase.STOPPED)

    def connect(self) -> None:
        self._phase(BusPhase.CONNECTED)
        self._up.set()

    def lose(self) -> None:
        self._phase(BusPhase.RECONNECTING)
        self._up.clear()

    def _phase(self, phase: BusPhase) -> None:
        since = self._clock.monotonic()
        if since <= self.status.since:
            since = self.status.since + 1e-6
        self.status = replace(self.status, phase=phase, since=since, server_id="NSERVER", server_name="hub")
        self._stir.set()

    async def wait_connected(self, within: float) -> None:
        try:
            async with asyncio.timeout(within):
                await self._up.wait()
        except TimeoutError:
            raise BusDown("There is no connection.") from None

    async def wait_activity(self, within: float) -> bool:
        try:
            async with asyncio.timeout(within):
                await self._stir.wait()
        except TimeoutError:
            return False
        self._stir.clear()
        return True

    def take(self) -> list[Inbound]:
        taken, self._buffer = self._buffer, []
        return taken

    async def subscribe(self, subject: str) -> None:
        await self.listen(subject, self._keep)

    async def sync(self, spread: float = 1.0) -> None:
        self._require()
        inbox = self._inbox()
        await self.listen(inbox, self._keep_synced)
        payload = msgspec.json.encode(Sync(v=1, spread=spread))
        await self.hub.carry(subjects.build(self._cluster, "sync"), payload, {}, inbox)

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        self._require()
        await self.hub.carry(subject, payload, headers or {}, "")

    async def request(
        self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None, within: float = 5.0
    ) -> Answer:
        self._require()
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        inbox = self._inbox()

        async def arrive(asked: Asked) -> None:
            if not answer.done():
                answer.set_result(Answer(asked.payload, asked.headers))

        await self.listen(inbox, arrive)
        if not await self.hub.carry(subject, payload, headers or {}, inbox):
            raise NoAgent(f"Nobody listens on {subject}.")
        try:
            async with asyncio.timeout(within):
                return await answer
        except TimeoutError:
            raise NoAnswer("No answer.") from None

    async def gather(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        within: float = 2.0,
        quiet: float = 0.3,
    ) -> Sequence[Answer]:
        self._require()
        came: asyncio.Queue[Answer] = asyncio.Queue()
        inbox = self._inbox()

        async def arrive(asked: Asked) -> None:
            came.put_nowait(Answer(asked.payload, asked.headers))

        await self.listen(inbox, arrive)
        if not await self.hub.carry(subject, payload, {}, inbox):
            return []
        answers: list[Answer] = []
        while True:
            try:
                async with asyncio.timeout(quiet if answers else within):
                    answers.append(await came.get())
            except TimeoutError:
                return answers

    async def serve(self, service: Service) -> None:
        self.services.append(service)
        for endpoint in service.endpoints:
            await self.listen(endpoint.subject, endpoint.handler, endpoint.queue)

    async def listen(self, subject: str, handler: Handler, queue: str = "") -> None:
        self.hub.ears.append(Ear(tuple(subject.split(".")), handler, queue, self))

    async def hand_over(self, handler: Handler, asked: Asked) -> None:
        try:
            await handler(asked)
        except Fault as fault:
            self.faults.append(fault)
            headers = {"Nats-Service-Error-Code": fault.code, "Nats-Service-Error": fault.description}
            await self.publish(asked.reply, fault.payload, headers)

    async def _keep(self, asked: Asked) -> None:
        self._buffer.append(Inbound(asked.subject, asked.payload, self._clock.monotonic()))
        self._stir.set()

    async def _keep_synced(self, asked: Asked) -> None:
        subject = asked.headers[SYNC_SUBJECT_HEADER]
        self._buffer.append(Inbound(subject, asked.payload, self._clock.monotonic(), synced=True))
        self._stir.set()

    def _inbox(self) -> str:
        return f"_INBOX.{next(self.hub.inboxes)}"

    def _require(self) -> None:
        if not self.status.connected:
            raise BusDown("There is no connection.")


def matches(pattern: tuple[str, ...], subject: tuple[str, ...]) -> bool:
    """Whether a subscription's tokens take a subject's."""
    if pattern[-1:] == (">",):
        return len(subject) >= len(pattern) and matches(pattern[:-1], subject[: len(pattern) - 1])
    return len(pattern) == len(subject) and all(p in ("*", s) for p, s in zip(pattern, subject, strict=True))
