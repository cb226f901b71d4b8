"""A bus in memory: answers as it is told to, and remembers everything that left."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from msgspec.structs import replace

from fxtop.bus.port import Answer, BusDown, BusPhase, BusStatus, Handler, Service
from fxtop.protocol import subjects
from fxtop.protocol.control import HEADER_REQUEST, Request
from fxtop.protocol.inbound import Inbound


@dataclass(frozen=True)
class Left:
    """A request that left."""

    subject: str
    payload: bytes
    headers: Mapping[str, str]

    @property
    def id(self) -> str:
        return self.headers[HEADER_REQUEST]

    @property
    def target(self) -> str:
        parsed = subjects.parse(self.subject)
        assert parsed is not None
        return parsed.ids[0] if parsed.kind == "ctl.node" else "manager"

    @property
    def verb(self) -> str:
        parsed = subjects.parse(self.subject)
        assert parsed is not None
        return parsed.ids[-1]

    @property
    def request(self) -> Request:
        return msgspec.json.decode(self.payload, type=Request)

    @property
    def args(self) -> Any:
        return msgspec.json.decode(self.request.args)


Responder = Callable[[Left], Awaitable[Answer]]


def reply(left: Left, status: str = "accepted", code: str = "", detail: str = "", **result: Any) -> Answer:
    """The answer of a receiver."""
    body = {"v": 1, "request": left.id, "status": status, "code": code, "detail": detail, "result": result}
    return Answer(msgspec.json.encode(body), {})


def answering(status: str = "accepted", code: str = "", detail: str = "", **result: Any) -> Responder:
    """A receiver that always says the same."""

    async def respond(left: Left) -> Answer:
        return reply(left, status, code, detail, **result)

    return respond


def failing(error: Exception) -> Responder:
    """A bus that has an error instead of an answer."""

    async def respond(_: Left) -> Answer:
        raise error

    return respond


@dataclass
class FakeBus:
    """The `Bus` of the tests. Requests are answered by ``respond``; inbound messages are put in with `deliver`."""

    respond: Responder = field(default_factory=answering)
    status: BusStatus = field(default_factory=lambda: BusStatus(BusPhase.CONNECTED, since=0.0))
    left: list[Left] = field(default_factory=list)
    """Requests, and questions to many; but for pings, which ask for nothing."""
    pinged: list[Left] = field(default_factory=list)
    on_ping: Responder = field(default_factory=lambda: answering("done"))
    said: list[Left] = field(default_factory=list)
    """What was only published."""
    on_wait: Callable[[float], None] = lambda _: None
    """What happens while somebody waits for activity."""
    inbox: list[Inbound] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0

    def fall(self, phase: BusPhase = BusPhase.RECONNECTING, error: str | None = None) -> None:
        self.status = replace(self.status, phase=phase, last_error=error)

    def rise(self, since: float) -> None:
        self.status = replace(self.status, phase=BusPhase.CONNECTED, since=since, reconnects=self.status.reconnects + 1)

    def deliver(self, *messages: Inbound) -> None:
        self.inbox.extend(messages)

    async def request(
        self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None, within: float = 5.0
    ) -> Answer:
        if not self.status.connected:
            raise BusDown("the bus is down")
        left = Left(subject, payload, dict(headers or {}))
        if left.verb == "ping":
            self.pinged.append(left)
            return await self.on_ping(left)
        self.left.append(left)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(0)
            return await self.respond(left)
        finally:
            self.under_way -= 1

    def take(self) -> list[Inbound]:
        taken, self.inbox = self.inbox, []
        return taken

    async def wait_activity(self, within: float) -> bool:
        self.on_wait(within)
        await asyncio.sleep(0)
        return bool(self.inbox)

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    async def wait_connected(self, within: float) -> None: ...

    async def subscribe(self, subject: str) -> None: ...

    async def sync(self, spread: float = 1.0) -> None: ...

    async def serve(self, service: Service) -> None: ...

    async def listen(self, subject: str, handler: Handler, queue: str = "") -> None: ...

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.said.append(Left(subject, payload, dict(headers or {})))

    async def gather(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        within: float = 2.0,
        quiet: float = 0.3,
    ) -> Sequence[Answer]:
        self.left.append(Left(subject, payload, {}))
        return ()
