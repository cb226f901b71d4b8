"""A bus whose client is loaded when it is started.

nats-py with what it needs (TLS, e-mail headers, JetStream) takes as long to load as the rest of the console's first
screen, and that screen needs nothing of it. Until the start there are only the settings, already checked.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from fxtop.bus.addresses import AddressBook
from fxtop.bus.port import Answer, Bus, BusDown, BusPhase, BusStatus, Handler, Service
from fxtop.bus.settings import BusSettings
from fxtop.clock import Clock
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.inbound import Inbound

if TYPE_CHECKING:
    from fxtop.bus.connection import NatsBus

Loader = Callable[[], "type[NatsBus]"]


def load_client() -> type[NatsBus]:
    """The bus over NATS, with all that it needs."""
    from fxtop.bus.connection import NatsBus  # noqa: PLC0415  # the import that this module puts off

    return NatsBus


class LateBus(Bus):
    """`NatsBus` from `start` on. Before, it says that it is connecting, and everything but `take` waits or refuses."""

    def __init__(self, settings: BusSettings, clock: Clock, cluster: ClusterSlug, loader: Loader = load_client) -> None:
        """Nothing is opened yet. Raises ValueError with a sentence where a server's URL can't be read."""
        book = AddressBook(settings.servers, random.Random())  # noqa: S311  # spreads load, protects nothing
        self._settings = settings
        self._clock = clock
        self._cluster = cluster
        self._loader = loader
        self._before = BusStatus(
            BusPhase.CONNECTING, clock.monotonic(), tuple(address.url for address in book.configured)
        )
        self._loaded: NatsBus | None = None
        self._stopped = False
        self._started = asyncio.Event()

    @property
    def status(self) -> BusStatus:
        """The present state; a new object whenever something changed."""
        if self._loaded is not None:
            return self._loaded.status
        return self._before

    async def start(self) -> None:
        """Load the client beside the event loop, so that keys are heard meanwhile, and begin connecting."""
        kind = await asyncio.to_thread(self._loader)
        if self._loaded is not None or self._stopped:
            return
        self._loaded = kind(self._settings, self._clock, self._cluster)
        await self._loaded.start()
        self._started.set()

    async def stop(self) -> None:
        """Close for good."""
        self._stopped = True
        if self._loaded is not None:
            await self._loaded.stop()
        else:
            self._before = replace(self._before, phase=BusPhase.STOPPED, since=self._clock.monotonic())

    async def wait_connected(self, within: float) -> None:
        """Return when connected; BusDown with the last cause in words after ``within`` seconds."""
        until = self._clock.monotonic() + within
        await self._wait_started(within)
        await self._bus.wait_connected(max(0.0, until - self._clock.monotonic()))

    async def wait_activity(self, within: float) -> bool:
        """Return True when a message or a change of status is there, False after ``within`` seconds."""
        return await (self._wait_started(within) if self._loaded is None else self._loaded.wait_activity(within))

    def take(self) -> list[Inbound]:
        """All messages that came in since the last call, in order."""
        return [] if self._loaded is None else self._loaded.take()

    async def subscribe(self, subject: str) -> None:
        """Let messages on ``subject`` into the buffer; survives reconnects. BusDown before the start."""
        await self._bus.subscribe(subject)

    async def sync(self, spread: float = 1.0) -> None:
        """Ask every agent for its state (protocol 3)."""
        await self._bus.sync(spread)

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send now; BusDown where there is no connection (nothing is ever sent late)."""
        await self._bus.publish(subject, payload, headers)

    async def request(
        self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None, within: float = 5.0
    ) -> Answer:
        """Send and wait for one answer; BusDown, NoAgent, NoAnswer or NotAllowed."""
        return await self._bus.request(subject, payload, headers, within)

    async def gather(
        self,
        subject: str,
        payload: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        within: float = 2.0,
        quiet: float = 0.3,
    ) -> Sequence[Answer]:
        """Send and collect answers as `NatsBus.gather`."""
        return await self._bus.gather(subject, payload, headers=headers, within=within, quiet=quiet)

    async def serve(self, service: Service) -> None:
        """Answer on the endpoints of ``service``; survives reconnects. BusDown before the start."""
        await self._bus.serve(service)

    async def listen(self, subject: str, handler: Handler, queue: str = "") -> None:
        """Call ``handler`` for each message on ``subject``; survives reconnects. BusDown before the start."""
        await self._bus.listen(subject, handler, queue)

    def probe(self, server: str) -> Bus:
        """An unstarted bus to one configured server alone, as `NatsBus.probe`. BusDown before the start."""
        return self._bus.probe(server)

    @property
    def _bus(self) -> NatsBus:
        if self._loaded is None:
            raise BusDown("There is no connection to the bus yet.")
        return self._loaded

    async def _wait_started(self, within: float) -> bool:
        try:
            async with asyncio.timeout(within):
                await self._started.wait()
        except TimeoutError:
            return False
        return True
