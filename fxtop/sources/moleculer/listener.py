"""Listening to FastX's own bus over the console's connection, beside what fxtop's agents say."""

from __future__ import annotations

import asyncio

from fxtop.bus.port import Asked, Bus
from fxtop.clock import Clock
from fxtop.cluster.voices import Voice
from fxtop.sources.moleculer.discovery import Discovery
from fxtop.sources.moleculer.mesh import Mesh, Namespace, Remark
from fxtop.sources.moleculer.packets import SUBJECTS, Packet, Unread, read


class MoleculerListener:
    """Hears FastX's brokers; nothing of it goes through the buffer of fxtop's own messages.

    Args:
        bus: The console's connection.
        clock: Time.
        discover: Whether brokers may be asked who they are; else only what they say by themselves is known.
    """

    def __init__(self, bus: Bus, clock: Clock, *, discover: bool = False) -> None:
        self._bus = bus
        self._mesh = Mesh(clock)
        self._discovery = Discovery(bus, clock) if discover else None
        self._heard = asyncio.Event()
        self.answers = 0
        """How many brokers have answered the question who they are."""

    @property
    def discovers(self) -> bool:
        """Whether brokers are asked who they are."""
        return self._discovery is not None

    @property
    def namespaces(self) -> tuple[Namespace, ...]:
        """What was learned of each namespace."""
        return self._mesh.namespaces()

    async def start(self) -> None:
        """Begin to listen, now or when the bus is connected."""
        for subject in SUBJECTS:
            await self._bus.listen(subject, self._hear)

    def take(self) -> list[Voice]:
        """The brokers of which something was heard since the last call."""
        return self._mesh.take()

    def take_remarks(self) -> list[Remark]:
        """What is worth saying since the last call."""
        return self._mesh.take_remarks()

    async def wait_heard(self, within: float) -> bool:
        """Return True when something was heard since the last call, False after ``within`` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._heard.wait()
        except TimeoutError:
            return False
        self._heard.clear()
        return True

    async def _hear(self, asked: Asked) -> None:
        try:
            packet = read(asked.subject, asked.payload)
        except Unread as unread:
            self._mesh.miss(unread.prefix, unread.trouble)
            return
        if packet is not None:
            self._mesh.hear(packet)
            self._heard.set()
            if self._discovery is not None:
                await self._ask(self._discovery, packet)

    async def _ask(self, discovery: Discovery, packet: Packet) -> None:
        prefix, body = packet.prefix, packet.body
        if packet.target == discovery.sender:
            self.answers += 1
            discovery.answered(prefix)
        informed = self._mesh.informed(prefix, body.sender)
        await discovery.heard(prefix, body.ver, body.sender, informed=informed)
