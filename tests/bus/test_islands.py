"""The servers of a cluster as the token alone shows them, also when they don't see each other."""

from __future__ import annotations

import asyncio

import pytest

from fxtop.bus.connection import NatsBus
from fxtop.bus.port import BusDown
from fxtop.bus.tasks import end
from fxtop.cluster.records import Sighting
from fxtop.sources.servers import sightings
from fxtop.sources.watch import Look, ServerWatch
from tests.natskit import BusPark, NatsServer, Rack, until

TOKEN = "s3cret"


def islands(look: Look) -> list[set[str]]:
    """Names of servers by what showed them, largest island first."""
    groups: dict[str, set[str]] = {}
    for sighting in look.sightings:
        groups.setdefault(sighting.via, set()).add(sighting.name)
    return sorted(groups.values(), key=lambda names: (-len(names), min(names)))


async def console(park: BusPark, servers: list[NatsServer]) -> tuple[NatsBus, ServerWatch]:
    bus = await park.bus(*servers, token=TOKEN, name="console")
    return bus, ServerWatch(bus, bus.probe)


async def test_every_server_of_a_cluster_answers_also_those_without_clients(rack: Rack, park: BusPark) -> None:
    servers = await rack.cluster(3, token=TOKEN)
    bus, watch = await console(park, servers)
    look = await watch.look()
    assert islands(look) == [{"n1", "n2", "n3"}]
    assert look.silent == {}
    mine = next(sighting for sighting in look.sightings if sighting.server == bus.status.server_id)
    assert mine.clients == ("console",)
    assert mine.connections == 1
    assert mine.cluster == "fx"
    assert mine.version == bus.status.server_version


async def test_counters_come_from_the_servers(rack: Rack, park: BusPark) -> None:
    server = await rack.server(token=TOKEN)
    bus, _ = await console(park, [server])
    for _ in range(10):
        await bus.publish("fxtop.test.hb.node.n1", b"12345")
    (first,) = await sightings(bus)
    assert first.in_msgs >= 10
    assert first.in_bytes >= 50
    assert first.slow_consumers == 0


async def test_servers_whose_routes_do_not_work_are_islands(rack: Rack, park: BusPark) -> None:
    servers = await rack.cluster(3, token=TOKEN, islands=True)
    _, watch = await console(park, servers)
    assert islands(await watch.look()) == [{"n1"}, {"n2"}, {"n3"}]


async def test_a_visit_leaves_nothing_behind(rack: Rack, park: BusPark) -> None:
    servers = await rack.cluster(2, token=TOKEN, islands=True)
    bus, watch = await console(park, servers)
    look = await watch.look()
    other = next(sighting for sighting in look.sightings if sighting.server != bus.status.server_id)
    assert other.clients == ("console-probe",)
    visited = next(server for server in servers if server.spec.name == other.name)
    visitor = await park.bus(visited, token=TOKEN, name="later")
    (seen,) = await sightings(visitor)
    assert seen.clients == ("later",)


async def test_servers_that_are_seen_are_not_visited_again(rack: Rack, park: BusPark) -> None:
    servers = await rack.cluster(2, token=TOKEN)
    bus, _ = await console(park, servers)
    visited: list[str] = []

    def count(url: str) -> NatsBus:
        visited.append(url)
        return bus.probe(url)

    watch = ServerWatch(bus, count)
    await watch.look()
    assert len(visited) == 1
    await watch.look()
    assert len(visited) == 1


async def test_a_dead_server_is_named_with_its_reason(rack: Rack, park: BusPark) -> None:
    servers = await rack.cluster(2, token=TOKEN)
    bus, watch = await console(park, servers)
    dead = next(server for server in servers if server.url != bus.status.server)
    await dead.kill()
    look = await watch.look()
    assert islands(look) == [{server.spec.name for server in servers if server is not dead}]
    assert "connection refused" in look.silent[dead.url]


async def test_a_restarted_server_is_known_again(rack: Rack, park: BusPark) -> None:
    servers = await rack.cluster(2, token=TOKEN, islands=True)
    bus, watch = await console(park, servers)
    await watch.look()
    other = next(server for server in servers if server.url != bus.status.server)
    await other.kill()
    await other.start()
    assert islands(await watch.look()) == [{"n1"}, {"n2"}]


async def test_looking_goes_on_over_a_lost_connection(rack: Rack, park: BusPark) -> None:
    server = await rack.server(token=TOKEN)
    bus, _ = await console(park, [server])
    looks: asyncio.Queue[tuple[Sighting, ...]] = asyncio.Queue()
    watching = asyncio.create_task(
        ServerWatch(bus, bus.probe, interval=0.02).watch(lambda look: looks.put_nowait(look.sightings))
    )
    (first,) = await looks.get()
    await server.kill()
    await until(bus, lambda: not bus.status.connected)
    with pytest.raises(BusDown):
        await sightings(bus)
    await server.start()
    while True:
        (again,) = await looks.get()
        if again.server != first.server:
            break
    await end(watching)
