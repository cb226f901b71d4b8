"""The agent on a real nats-server: what a console hears of it, asks of it, and sees come true."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from fxtop.agent.collectors.transporter import NatsMonitor
from fxtop.agent.config import AgentConfig
from fxtop.agent.service import Agent
from fxtop.agent.simulated.provider import SimulatedHost, SimulatedProvider
from fxtop.agent.simulated.site import SimulatedSite
from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import subscriptions
from fxtop.clock import SystemClock
from fxtop.cluster.records import JobState, Liveness, SessionKey
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.ids import NodeId, RequestId
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, Rack, free_port, settings
from tests.unit.agent.kit import MANAGER, TRUST, Asker

A, B = NodeId("viz01.example.edu"), NodeId("viz02.example.edu")
SESSIONS = 16


class Console:
    """Somebody with a store and an operator's key."""

    def __init__(self, bus: NatsBus) -> None:
        self.bus = bus
        self.store = Store(CLUSTER, SystemClock())
        self.asker = Asker(bus)

    async def until(self, condition: Callable[[], object]) -> None:
        """Return when ``condition`` holds of what was heard."""
        async with asyncio.timeout(WITHIN):
            while not condition():
                await self.bus.wait_activity(0.05)
                self.store.fold(self.bus.take())
                self.store.advance()

    async def job_ends(self, request: str) -> JobState:
        """Follow a job to its end."""
        jobs = self.store.jobs
        await self.until(lambda: (row := jobs.get(RequestId(request))) is not None and row.state.ended)
        return jobs[RequestId(request)].state

    def state(self, node: NodeId) -> str:
        """As the last heartbeat says."""
        row = self.store.nodes.get(node)
        return row.beat.state if row and row.beat else ""

    def sessions_on(self, node: NodeId) -> list[SessionKey]:
        """What is known to be there."""
        return [key for key in self.store.sessions if key.node == node]


class Site:
    """A server, an invented world of two nodes, and their agents; the first one is the cluster manager too."""

    def __init__(self, server: NatsServer, monitoring: int, folder: Path) -> None:
        self.server = server
        self.world = SimulatedSite((A, B), SystemClock(), sessions=SESSIONS, life=1e6)
        self.world.licenses.interval = 0.5
        for session in self.world.sessions:
            session.stubborn = False
        self._monitoring = monitoring
        self._folder = folder
        self.agents = [self._agent(A), self._agent(B)]
        self._living = asyncio.create_task(self.world.run())

    async def start(self) -> None:
        await asyncio.gather(*(agent.start() for agent in self.agents))

    async def stop(self) -> None:
        self._living.cancel()
        await asyncio.gather(*(agent.stop() for agent in self.agents))

    def _agent(self, node: NodeId) -> Agent:
        clock = SystemClock()
        monitor = NatsMonitor(f"http://127.0.0.1:{self._monitoring}", interval=0.5)
        return Agent(
            AgentConfig(CLUSTER, node, self._folder / node, trust=TRUST, interval=0.5, capacity=20, weight=2.0),
            NatsBus(settings(self.server, name=node), clock, CLUSTER),
            SimulatedProvider(self.world, node, clock),
            SimulatedHost(self.world, node, clock),
            clock,
            collectors=[monitor, self.world.licenses] if node == A else [],
            manager_key=MANAGER if node == A else None,
        )


@pytest.fixture
async def site(rack: Rack, tmp_path: Path) -> AsyncIterator[Site]:
    monitoring = free_port()
    site = Site(await rack.server(extra=f'http: "127.0.0.1:{monitoring}"'), monitoring, tmp_path)
    await site.start()
    yield site
    await site.stop()


@pytest.fixture
async def console(site: Site, park: BusPark) -> Console:
    """A console that joins when everything runs, and has heard of everybody."""
    bus = await park.bus(site.server, cluster_subjects=subscriptions(CLUSTER), sync_on_connect=True)
    console = Console(bus)
    await console.until(
        lambda: len(console.store.sessions) == len(site.world.sessions) and len(console.store.nodes) == 2
    )
    return console


async def test_a_console_that_joins_sees_nodes_sessions_servers_and_seats(site: Site, console: Console) -> None:
    store = console.store
    await console.until(lambda: store.transporters and store.licenses and all(r.facts for r in store.nodes.values()))
    (server,) = store.transporters.values()
    assert server.beat is not None
    assert (server.name, server.beat.via, server.beat.lame_duck) == ("n1", "http", False)
    facts = store.nodes[A].facts
    assert facts is not None
    assert (facts.provider, [link.name for link in facts.transporters]) == ("simulated", ["n1"])
    assert store.intake.lost == store.intake.old == store.intake.rejected_total == 0


async def test_a_drain_is_seen_through_to_the_empty_node(site: Site, console: Console) -> None:
    answer = await console.asker.ask("drain", {"then": "terminate"}, node=B, request="drain1")
    assert answer.reply.status == "accepted"
    await console.until(lambda: console.state(B) == "draining")
    assert await console.job_ends("drain1") is JobState.DONE
    await console.until(lambda: console.state(B) == "drained")
    assert console.sessions_on(B) == []
    await console.asker.ask("resume", node=B)
    await console.until(lambda: console.state(B) == "active")


async def test_a_terminated_session_goes_from_every_console(site: Site, console: Console) -> None:
    key = next(key for key, row in console.store.sessions.items() if row.body.state == "running")
    await console.asker.ask("terminate", {"sessions": [key.session], "grace": 0}, node=key.node, request="end1")
    assert await console.job_ends("end1") is JobState.DONE
    await console.until(lambda: key not in console.store.sessions)


async def test_a_rebalance_takes_effect_on_every_node(site: Site, console: Console) -> None:
    plan: dict[str, object] = {}

    async def planned() -> bool:
        plan.update((await console.asker.ask_managers("plan", {"policy": "sessions", "nodes": None})).reply.result)
        return "plan" in plan

    async with asyncio.timeout(WITHIN):
        while not await planned():
            await console.bus.wait_activity(0.1)
    await console.asker.ask_managers("rebalance", {"plan": plan["plan"]}, request="go1")
    assert await console.job_ends("go1") is JobState.DONE
    await console.until(lambda: {row.beat.weight for row in console.store.nodes.values() if row.beat} == {1.0})


async def test_a_malformed_request_is_counted_by_the_micro_service(site: Site, console: Console) -> None:
    subject = subjects.build(CLUSTER, "ctl.node", A, "weight")
    answer = await console.bus.request(subject, b"{", console.asker.headers(subject, b"{", "bad1"))
    assert answer.headers["Nats-Service-Error-Code"] == "400"
    answers = await console.bus.gather("$SRV.STATS.fxtop-agent", within=2, quiet=0.2)
    counts = {
        endpoint["subject"]: endpoint["num_errors"]
        for answer in answers
        for endpoint in json.loads(answer.payload)["endpoints"]
    }
    assert counts[subject] == 1
    assert sum(counts.values()) == 1
    assert {"fxtop.test.ctl.manager.plan", "fxtop.test.ctl.manager.rebalance"} <= counts.keys()


async def test_after_a_restart_of_the_server_everything_is_told_again(site: Site, console: Console) -> None:
    await site.server.kill()
    for session in site.world.places[B].sessions.copy().values():
        site.world.remove(session)
    await site.server.start()
    await console.until(lambda: not console.sessions_on(B))
    await console.until(lambda: all(row.liveness is Liveness.LIVE for row in console.store.nodes.values()))
    assert len(console.sessions_on(A)) == len(site.world.places[A].sessions)


async def test_a_server_that_is_about_to_go_is_seen_as_a_lame_duck(site: Site, console: Console) -> None:
    transporters = console.store.transporters
    await console.until(lambda: transporters)
    await site.server.lame_duck()
    await console.until(lambda: any(row.beat and row.beat.lame_duck for row in transporters.values()))


async def test_an_agent_that_stops_has_left(site: Site, console: Console) -> None:
    await site.agents[1].stop()
    await console.until(lambda: console.store.nodes[B].liveness is Liveness.LEFT)
    assert console.store.nodes[A].liveness is Liveness.LIVE
