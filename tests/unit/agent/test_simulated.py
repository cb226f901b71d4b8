"""The invented cluster: plausible, repeatable, obedient to drains and weights, and never passing for a real one."""

from __future__ import annotations

import asyncio

import pytest

from fxtop.agent.collectors.port import Collector
from fxtop.agent.providers.port import HostProbe, ProviderError, SessionProvider, UnknownSession
from fxtop.agent.simulated.provider import SimulatedHost, SimulatedProvider
from fxtop.agent.simulated.session import SEATED, SimulatedSession
from fxtop.agent.simulated.site import TICK, SimulatedSite
from fxtop.protocol.ids import NodeId, SessionId
from tests.unit.agent.kit import SetClock

A, B, C = (NodeId(name) for name in ("viz01", "viz02", "viz03"))


class World:
    """A site with its clock."""

    def __init__(self, *, sessions: int = 30, seed: int = 7, life: float = 600.0, seats: int | None = None) -> None:
        self.clock = SetClock()
        self.site = SimulatedSite((A, B, C), self.clock, sessions=sessions, seed=seed, life=life, seats=seats)

    def pass_(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            self.clock.move(TICK)
            self.site.advance()

    def provider(self, node: NodeId = A) -> SimulatedProvider:
        return SimulatedProvider(self.site, node, self.clock)

    def host(self, node: NodeId = A) -> SimulatedHost:
        return SimulatedHost(self.site, node, self.clock)

    def one(self, state: str) -> SimulatedSession:
        return next(session for session in self.site.sessions if session.state == state)


@pytest.fixture
def world() -> World:
    return World()


def test_the_parts_fit_the_agents_ports(world: World) -> None:
    provider: SessionProvider = world.provider()
    host: HostProbe = world.host()
    collector: Collector = world.site.licenses
    assert (provider.name, collector.kind, host) == ("simulated", "license", host)


async def test_the_same_seed_makes_the_same_world() -> None:
    worlds = World(seed=3), World(seed=3), World(seed=4)
    for world in worlds:
        world.pass_(60)
    first, second, other = [await world.provider().sessions() for world in worlds]
    assert first == second
    assert first != other


async def test_everything_invented_says_so(world: World) -> None:
    assert world.provider().name == "simulated"
    assert (await world.host().facts()).metadata == {"simulated": "yes"}
    licenses = await world.site.licenses.read()
    assert "simulated" in licenses.server
    assert {pool.isv for pool in licenses.pools} == {"simulated"}
    pending = world.one("pending")
    assert pending.pending is not None and "simulated" in pending.pending.scheduler


def test_there_are_about_as_many_sessions_as_asked_for(world: World) -> None:
    world.pass_(1200)
    assert 10 <= len(world.site.sessions) <= 50


def test_people_come_and_go(world: World) -> None:
    before = {session.id for session in world.site.sessions}
    world.pass_(600)
    after = {session.id for session in world.site.sessions}
    assert before - after
    assert after - before


async def test_what_waits_has_no_process_and_what_runs_has_one(world: World) -> None:
    bodies = [session.body(world.clock.now()) for session in world.site.sessions]
    for body in bodies:
        if body.state == "pending":
            assert body.pending is not None
            assert (body.pid, body.cpu, body.mem, body.idle, body.clients) == (None,) * 5
        elif body.state in ("running", "disconnected"):
            assert body.pid and body.display and body.mem
            assert body.clients == (body.state == "running")


def test_a_node_that_takes_no_sessions_gets_none(world: World) -> None:
    world.site.places[A].taking = False
    there = {s.id for s in world.site.places[A].sessions.values()}
    world.site.surge(40)
    world.pass_(300)
    assert {s.id for s in world.site.places[A].sessions.values()} <= there


async def test_a_drained_node_empties_in_the_end(world: World) -> None:
    await world.provider().placement(taking=False, weight=1.0)
    world.pass_(4 * 3600)
    assert world.site.places[A].sessions == {}
    assert world.site.places[B].sessions


def test_twice_the_weight_gets_about_twice_the_sessions() -> None:
    world = World(sessions=0)
    world.site.places[A].weight = 2.0
    for place in world.site.places.values():
        place.capacity = 1000
    world.site.licenses._seats = 1000
    world.site.surge(600)
    counts = {node: len(place.sessions) for node, place in world.site.places.items()}
    assert counts[A] > 1.4 * counts[B]


async def test_the_machine_follows_its_sessions(world: World) -> None:
    busy = await world.host().sample()
    for session in list(world.site.places[A].sessions.values()):
        world.site.remove(session)
    world.site.places[A].taking = False
    world.pass_(1)
    idle = await world.host().sample()
    assert idle.cpu < busy.cpu
    assert idle.mem_used < busy.mem_used
    assert idle.load[0] < busy.load[0]
    assert idle.load[2] > idle.load[0] * 0.99


async def test_a_change_is_noticed_and_nothing_else_is(world: World) -> None:
    provider = world.provider()
    await provider.sessions()
    waiting = asyncio.ensure_future(provider.changed())
    await asyncio.sleep(0)
    assert not waiting.done()
    world.site.hang_one(A)
    await waiting


async def test_a_session_ends_when_it_is_asked_to(world: World) -> None:
    session = next(s for s in world.site.sessions if s.state == "running" and not s.stubborn)
    provider = world.provider(session.node)
    steps = provider.terminate(session.id, 10.0)
    assert not (await anext(steps)).gone
    assert session.state == "ending"
    world.pass_(2)
    assert (await anext(steps)).gone
    assert session.id not in world.site.places[session.node].sessions


async def test_a_stubborn_session_is_killed_after_the_grace(world: World) -> None:
    session = world.one("running")
    session.stubborn = True
    steps = [step async for step in world.provider(session.node).terminate(session.id, 0.0)]
    assert [step.gone for step in steps] == [False, True]
    assert "killed" in steps[-1].detail
    assert session.id not in world.site.places[session.node].sessions


async def test_what_is_not_there_can_not_be_ended(world: World) -> None:
    with pytest.raises(UnknownSession):
        await anext(world.provider().terminate(SessionId("nothing"), 1.0))


async def test_a_message_is_kept_with_its_session(world: World) -> None:
    session = world.one("running")
    await world.provider(session.node).message(session.id, "save your work")
    assert session.messages == ["save your work"]


async def test_a_waiting_session_moves_and_starts_elsewhere(world: World) -> None:
    session = world.one("pending")
    source = session.node
    to = next(node for node in (A, B, C) if node != source)
    await world.provider(source).requeue(session.id, to)
    assert session.id not in {body.id for body in await world.provider(source).sessions()}
    assert session.id in {body.id for body in await world.provider(to).sessions()}
    world.pass_(600)
    assert session.state != "pending"


async def test_nothing_moves_to_a_node_that_takes_no_sessions(world: World) -> None:
    session = world.one("pending")
    to = next(node for node in (A, B, C) if node != session.node)
    world.site.places[to].taking = False
    with pytest.raises(ProviderError, match="takes no session"):
        await world.provider(session.node).requeue(session.id, to)


async def test_every_session_that_started_holds_a_seat_of_its_user_on_its_host(world: World) -> None:
    world.pass_(120)
    seats = sorted((holder.user, holder.host) for holder in (await world.site.licenses.read()).holders)
    started = [session for session in world.site.sessions if session.state in SEATED]
    assert seats == sorted((s.user, world.site.places[s.node].host) for s in started)
    assert (await world.host().facts()).host == world.site.places[A].host


async def test_without_a_free_seat_nobody_starts_and_denials_are_counted() -> None:
    world = World(sessions=20, seats=5)
    full = await world.site.licenses.read()
    assert (full.pools[0].count, full.pools[0].inuse) == (5, 5)
    world.site.surge(20)
    denied = await world.site.licenses.read()
    assert denied.pools[0].denials_total > full.pools[0].denials_total
    assert denied.pools[0].inuse == 5


async def test_ghosts_keep_their_seats_until_those_are_taken_back(world: World) -> None:
    ghosts = world.site.leave_ghosts(3)
    free = world.site.licenses.free
    bodies = {session.id: session.body(0.0) for session in world.site.sessions}
    assert {bodies[ghost].state for ghost in ghosts} == {"ghost"}
    for ghost in ghosts:
        session = next(s for s in world.site.sessions if s.id == ghost)
        async for _ in world.provider(session.node).terminate(ghost, 0.0):
            pass
    assert world.site.licenses.free == free
    world.site.licenses.release_ghosts()
    assert world.site.licenses.free == free + 3


def test_a_session_that_hangs_never_starts(world: World) -> None:
    hanging = world.site.hang_one(A)
    world.pass_(7200)
    session = world.site.find(A, hanging)
    assert session.state == "pending"
    assert session.pending is not None and "maintenance" in (session.pending.reason or "")


async def test_a_licence_server_that_is_down_says_why(world: World) -> None:
    world.site.licenses.unreachable = "Error connecting to rlm server"
    reading = await world.site.licenses.read()
    assert (reading.reachable, reading.error, reading.pools) == (False, "Error connecting to rlm server", [])
