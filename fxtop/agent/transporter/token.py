"""The NATS server on this host by its greeting and the shared token: what is known where nothing else is on."""

from __future__ import annotations

import socket
from typing import Final

from fxtop.agent.collectors.port import WatchedClass
from fxtop.agent.transporter.local import LocalServer
from fxtop.bus.greeting import Greeting
from fxtop.bus.port import Bus, BusError
from fxtop.cluster.records import Sighting
from fxtop.protocol.ids import ServerId
from fxtop.protocol.transporter import COUNTED, TransporterHeartbeat
from fxtop.sources.servers import sightings

UNSEEN: Final = ("uptime", "routes")
"""What neither the greeting nor the account's figures tell."""
_ANY: Final = ("", "0.0.0.0", "::")  # noqa: S104  # compared with, never bound to
_WITHIN: Final = 1.0


class TokenView:
    """The server at ``local``. Its counters are those of the agent's own account, which is all of FastX's clients.

    Args:
        local: the server.
        bus: the agent's own; None where there is none, and then nothing is counted.
        interval: seconds between two readings.
    """

    kind: WatchedClass = "transporter"

    def __init__(self, local: LocalServer, bus: Bus | None, *, interval: float = 5.0) -> None:
        self.interval = interval
        self._local = local
        self._bus = bus

    async def read(self) -> TransporterHeartbeat:
        """What is known now. Raises CollectError."""
        sighted = await self._sighted()
        greeting = await self._greeting(sighted)
        server = ServerId(greeting.server_id)
        return told(greeting, sighted.get(server), leaving=self._leaves(server), interval=self.interval)

    async def _greeting(self, sighted: dict[ServerId, Sighting]) -> Greeting:
        """What the server said of itself; it is asked anew only where it isn't seen to be the same still."""
        known = await self._local.known()
        server = ServerId(known.server_id)
        return known if server in sighted or self._leaves(server) else await self._local.asked()

    async def _sighted(self) -> dict[ServerId, Sighting]:
        if self._bus is None or not self._bus.status.connected:
            return {}
        try:
            return {each.server: each for each in await sightings(self._bus, within=_WITHIN)}
        except BusError:
            return {}  # the login may not ask: the greeting is what is left

    def _leaves(self, server: ServerId) -> bool:
        """Whether the agent's own connection heard from this server that it is shutting down."""
        status = None if self._bus is None else self._bus.status
        return status is not None and status.lame_duck and status.server_id == server


def told(greeting: Greeting, seen: Sighting | None, *, leaving: bool, interval: float) -> TransporterHeartbeat:
    """What a greeting and the account's figures come to. What they don't tell is named in ``unknown``."""
    return TransporterHeartbeat(
        v=1,
        ts=0.0,
        boot="",
        seq=0,
        server=ServerId(greeting.server_id),
        name=greeting.server_name or greeting.server_id,
        version=greeting.version,
        host=socket.gethostname() if greeting.host in _ANY else greeting.host,
        port=greeting.port if 0 <= greeting.port < 65536 else 0,
        uptime=0.0,
        connections=seen.connections if seen else 0,
        total_connections=seen.total_connections if seen else 0,
        subscriptions=seen.subscriptions if seen else 0,
        routes=[],
        in_msgs=seen.in_msgs if seen else 0,
        out_msgs=seen.out_msgs if seen else 0,
        in_bytes=seen.in_bytes if seen else 0,
        out_bytes=seen.out_bytes if seen else 0,
        slow_consumers=seen.slow_consumers if seen else 0,
        tls_required=greeting.tls_required,
        lame_duck=greeting.ldm or leaving,
        jetstream=greeting.jetstream,
        via="info",
        unknown=list(dict.fromkeys((*UNSEEN, *(() if seen else COUNTED)))),
        interval=interval,
    )
