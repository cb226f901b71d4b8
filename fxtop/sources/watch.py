"""Looking at all servers again and again, also at those that the present one doesn't see.

Servers whose routes don't work stay islands: each takes clients, and none shows the others. So every configured server
that doesn't answer through the bus is visited over a short connection of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from fxtop.bus.port import Bus, BusError, BusPhase
from fxtop.cluster.records import Sighting
from fxtop.protocol.ids import ServerId
from fxtop.sources.servers import sightings

log = logging.getLogger(__name__)

INTERVAL: Final = 10.0
"""Seconds between two looks."""
VISIT_WITHIN: Final = 4.0
"""Seconds for the connect of a visit."""


class Look(Struct, frozen=True):
    """All servers at one moment."""

    sightings: tuple[Sighting, ...] = ()
    """Each server once; those with the same ``via`` see each other."""
    silent: Mapping[str, str] = field(default_factory=dict)
    """Configured servers that can't be reached, by URL, with the reason in a sentence."""


class _Visit(NamedTuple):
    """What one configured server showed."""

    url: str
    server: ServerId | None
    found: Sequence[Sighting]
    failure: str | None


class ServerWatch:
    """Looks at the servers of one cluster every ``interval`` seconds.

    Args:
        bus: The console's connection.
        open_probe: Makes an unstarted bus to one of the configured servers alone (`NatsBus.probe`).
        interval: Seconds between two looks.
    """

    def __init__(self, bus: Bus, open_probe: Callable[[str], Bus], interval: float = INTERVAL) -> None:
        self.interval = interval
        self._bus = bus
        self._open_probe = open_probe
        self._ids: dict[str, ServerId] = {}
        """Who was last found under a configured URL; a server's id is new at each of its starts."""

    async def watch(self, tell: Callable[[Look], None]) -> None:
        """Look for ever and ``tell``; rounds without a connection are skipped."""
        while True:
            try:
                tell(await self.look())
            except BusError as error:
                log.info("the servers could not be looked at: %s", error)
            await asyncio.sleep(self.interval)

    async def look(self) -> Look:
        """One round. BusError where the bus itself can't ask."""
        found = {sighting.server: sighting for sighting in await sightings(self._bus)}
        status = self._bus.status
        if status.server and status.server_id:
            self._ids[status.server] = ServerId(status.server_id)
        missing = [url for url in status.servers if self._ids.get(url) not in found]
        visits = await asyncio.gather(*(self._visit(url) for url in missing))
        silent: dict[str, str] = {}
        for visit in visits:
            if visit.failure is not None:
                silent[visit.url] = visit.failure
            if visit.server is not None:
                self._ids[visit.url] = visit.server
            add_island(found, visit.found)
        return Look(tuple(found.values()), silent)

    async def _visit(self, url: str) -> _Visit:
        bus = self._open_probe(url)
        await bus.start()
        try:
            await _settle(bus)
            server = bus.status.server_id
            return _Visit(url, ServerId(server) if server else None, await sightings(bus, via=url), None)
        except BusError as error:
            return _Visit(url, None, (), bus.status.last_error or str(error))
        finally:
            await bus.stop()


def add_island(found: dict[ServerId, Sighting], visited: Sequence[Sighting]) -> None:
    """Add what a visit showed. Where it shows a server that was seen already, they are one island."""
    known = next((found[sighting.server] for sighting in visited if sighting.server in found), None)
    for sighting in visited:
        if sighting.server not in found:
            found[sighting.server] = sighting if known is None else replace(sighting, via=known.via)


async def _settle(bus: Bus) -> None:
    """Return when the first attempt to connect has worked or failed."""
    loop = asyncio.get_running_loop()
    until = loop.time() + VISIT_WITHIN
    while bus.status.phase is BusPhase.CONNECTING and (left := until - loop.time()) > 0:
        await bus.wait_activity(left)
