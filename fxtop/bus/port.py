"""What the rest of the house may ask of the bus. Tests and a replay stand in for it by this Protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

import msgspec

from fxtop.protocol.inbound import Inbound


class BusPhase(StrEnum):
    """Where the connection stands, in one word that is shown as it is."""

    CONNECTING = "connecting"
    CONNECTED = "connected"
    RECONNECTING = "reconnecting"
    DOWN = "down"
    STOPPED = "stopped"


class BusStatus(msgspec.Struct, frozen=True):
    """The state of the bus as one frozen value; all that the bus panel and ``fxtop get bus`` show of it."""

    phase: BusPhase
    since: float
    """Monotonic seconds at which ``phase`` began."""
    servers: tuple[str, ...] = ()
    """The configured URLs, without any secret."""
    server: str | None = None
    """URL of the server in use, without any secret."""
    server_name: str | None = None
    server_id: str | None = None
    server_version: str | None = None
    tls: bool = False
    rtt: float | None = None
    """Seconds; None until it was measured."""
    in_msgs: int = 0
    out_msgs: int = 0
    in_bytes: int = 0
    out_bytes: int = 0
    msgs_per_s: float = 0.0
    """Received, over the last seconds."""
    bytes_per_s: float = 0.0
    reconnects: int = 0
    dropped: int = 0
    """Messages dropped on our side because they were not read in time."""
    lame_duck: bool = False
    last_error: str | None = None
    """A sentence: what happened, to what, what to do."""
    last_error_at: float | None = None
    """Unix seconds."""

    @property
    def connected(self) -> bool:
        """Whether a request can go out now."""
        return self.phase is BusPhase.CONNECTED

    @property
    def broken(self) -> bool:
        """Whether a connection was lost or could not be made; a first attempt that is under way is no such thing."""
        return not self.connected and not (self.phase is BusPhase.CONNECTING and self.last_error is None)


class BusError(Exception):
    """Something that the bus could not do; its text is a sentence for the operator."""


class BusDown(BusError):
    """There is no connection, so nothing was sent."""


class NoAgent(BusError):
    """Nobody listens on that subject: nothing received the request."""


class NoAnswer(BusError):
    """The request went out and no answer came, or none can come: whether it had an effect is not known."""


class NotAllowed(BusError):
    """The server forbids this subject to this login: nothing received the request."""


class TooLarge(BusError):
    """The message is over the server's limit, so nothing was sent."""


class Fault(Exception):
    """Raised by a `Handler` for an error that is no decision (protocol 5): a malformed request, an internal failure.

    The bus counts it in the service's STATS and answers with ``payload`` and the headers ``Nats-Service-Error-Code``
    and ``Nats-Service-Error``.
    """

    def __init__(self, code: str, description: str, payload: bytes = b"") -> None:
        super().__init__(description)
        self.code = code
        """As HTTP's: ``400`` for a malformed request, ``500`` for an internal failure."""
        self.description = description
        """One line, without a secret."""
        self.payload = payload
        """The reply of protocol 4."""


class Answer(NamedTuple):
    """One reply, as it came."""

    payload: bytes
    headers: Mapping[str, str]


class Asked(NamedTuple):
    """A request that came to us. ``reply`` is empty where the sender wants none."""

    subject: str
    payload: bytes
    headers: Mapping[str, str]
    reply: str


Handler = Callable[[Asked], Awaitable[None]]
"""Answers by publishing on ``Asked.reply``, or raises `Fault`. The requests of one registration are handled one after
the other, and a handler outlives the connection: one with long work answers first and goes on in a task of its own."""


class Endpoint(msgspec.Struct, frozen=True):
    """One subject of a micro service (protocol 5)."""

    name: str
    subject: str
    handler: Handler
    queue: str = ""
    """Queue group; empty means that every instance gets each request."""


class Service(msgspec.Struct, frozen=True):
    """A NATS micro service, found by ``nats micro ls``."""

    name: str
    version: str
    description: str
    metadata: Mapping[str, str]
    endpoints: tuple[Endpoint, ...] = ()


class Bus(Protocol):
    """A supervised connection. All methods belong to one event loop."""

    @property
    def status(self) -> BusStatus:
        """The present state; a new object whenever something changed."""
        ...

    async def start(self) -> None:
        """Begin connecting and return at once; loss is mended until `stop`."""
        ...

    async def stop(self) -> None:
        """Close for good."""
        ...

    async def wait_connected(self, within: float) -> None:
        """Return when connected; BusDown with the last cause in words after ``within`` seconds."""
        ...

    async def wait_activity(self, within: float) -> bool:
        """Return True when a message or a change of status is there, False after ``within`` seconds."""
        ...

    def take(self) -> list[Inbound]:
        """All messages that came in since the last call, in order."""
        ...

    async def subscribe(self, subject: str) -> None:
        """Let messages on ``subject`` into the buffer; survives reconnects."""
        ...

    async def sync(self, spread: float = 1.0) -> None:
        """Ask every agent for its state (protocol 3); the answers come out of `take`. BusDown where there is none."""
        ...

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send now; BusDown where there is no connection (nothing is ever sent late)."""
        ...

    async def request(
        self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None, within: float = 5.0
    ) -> Answer:
        """Send and wait for one answer; BusDown, NoAgent, NoAnswer or NotAllowed."""
        ...

    async def gather(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        within: float = 2.0,
        quiet: float = 0.3,
    ) -> Sequence[Answer]:
        """Send and collect answers until ``quiet`` seconds pass after one, or ``within`` in all; none is no error."""
        ...

    async def serve(self, service: Service) -> None:
        """Answer on the endpoints of ``service``; survives reconnects."""
        ...

    async def listen(self, subject: str, handler: Handler, queue: str = "") -> None:
        """Call ``handler`` for each message on ``subject``; survives reconnects."""
        ...
