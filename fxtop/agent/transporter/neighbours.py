"""Which NATS servers have an agent beside them that tells of them, so that no two tell of one."""

from __future__ import annotations

from typing import Final

from fxtop.bus.port import Asked, Bus
from fxtop.clock import Clock
from fxtop.protocol.decode import Rejected, decode
from fxtop.protocol.ids import ClusterSlug, ServerId
from fxtop.protocol.subjects import wildcard
from fxtop.protocol.transporter import TransporterHeartbeat

MOST: Final = 1_000
"""Servers that are remembered, so that nobody can fill the agent's memory with invented ones."""
SILENT_AFTER: Final = 3.0
"""Intervals after which an agent is taken to tell of its server no longer (protocol 1: stale)."""


class Neighbours:
    """Listens on the agent's own bus to what agents tell of the servers beside them."""

    def __init__(self, bus: Bus, cluster: ClusterSlug, clock: Clock) -> None:
        self._bus = bus
        self._subject = wildcard(cluster, "hb.transporter")
        self._cluster = cluster
        self._clock = clock
        self._until: dict[ServerId, float] = {}

    async def run(self) -> None:
        """Begin to listen; the bus goes on with it as long as it runs."""
        await self._bus.listen(self._subject, self.hear)

    async def hear(self, said: Asked) -> None:
        """Take a heartbeat of somebody, who may be this agent itself: that one tells of others as not beside them."""
        try:
            beat = decode(said.subject, said.payload, self._cluster).message
        except Rejected:
            return
        if isinstance(beat, TransporterHeartbeat) and beat.beside:
            now = self._clock.monotonic()
            if beat.server not in self._until and len(self._until) >= MOST:
                self._until = {server: until for server, until in self._until.items() if until > now}
            if beat.server in self._until or len(self._until) < MOST:
                self._until[beat.server] = now + SILENT_AFTER * beat.interval

    def tell_of(self, server: ServerId) -> bool:
        """Whether an agent beside ``server`` tells of it."""
        return self._until.get(server, 0.0) > self._clock.monotonic()
