"""Anything on any subject of a real bus, to a real agent and a console's store: counted, and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from fxtop.agent.config import AgentConfig
from fxtop.agent.service import Agent
from fxtop.agent.simulated.provider import SimulatedHost, SimulatedProvider
from fxtop.agent.simulated.site import SimulatedSite
from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import subscriptions
from fxtop.clock import SystemClock
from fxtop.cluster.store import Store
from fxtop.protocol.decode import MAX_PAYLOAD
from fxtop.protocol.ids import NodeId
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, Rack, RawClient, settings
from tests.unit.agent.kit import TRUST, Asker

NODE = NodeId("viz01.example.edu")
TOKEN = NODE.replace(".", "%2E")
SESSIONS = 5

DEEP = 20_000

BODIES = {
    "nothing": b"",
    "no JSON": b"x",
    "no UTF-8": b'{"v":1,"node":"\xff\xfe"}',
    "half a surrogate": rb'{"v":1,"node":"\ud800"}',
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "no field": b'{"v":1}',
    "another version": b'{"v":2,"ts":1.0,"boot":"b","seq":1}',
    "no version": b'{"ts":1.0,"boot":"b","seq":1}',
    "wrong types": b'{"v":1,"ts":"now","boot":7,"seq":"one","node":[],"cpu":{},"sessions":4,"request":{}}',
    "not a number": b'{"v":1,"ts":NaN,"boot":"b","seq":1}',
    "endless": b'{"v":1,"ts":1e999,"boot":"b","seq":1}',
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    "too large": json.dumps({"v": 1, "text": "x" * MAX_PAYLOAD}).encode(),
}
"""What is no message on any subject. (A `sync` may be empty: then all is meant.)"""

SUBJECTS = (
    *(f"{class_}.{TOKEN}" for class_ in ("hb.node", "facts.node", "sessions")),
    f"session.{TOKEN}.s1",
    *(f"{class_}.S1" for class_ in ("hb.transporter", "hb.store", "hb.license")),
    *("job.r1", f"audit.{TOKEN}", f"bye.node.{TOKEN}"),
)
ASKING = (
    "sync",
    *(f"ctl.node.{TOKEN}.{verb}" for verb in ("drain", "terminate", "message", "weight")),
    "ctl.manager.plan",
)
NO_SUBJECTS = (
    "hb.node",
    "hb.node.%ZZ",
    "hb.node.viz01%2eexample",
    "hb.nobody.x",
    "session.x",
    "bye.x",
    "job.a.b",
)

HEADERS = {
    "none": b"NATS/1.0\r\n\r\n",
    "a status": b"NATS/1.0 503 No Responders\r\n\r\n",
    "no name": b"NATS/1.0\r\n: x\r\n\r\n",
    "no UTF-8": b"NATS/1.0\r\nFxtop-Signature: \xff\xfe\r\nFxtop-Expires: NaN\r\n\r\n",
    "no header": b"garbage",
}


@dataclass
class Scene:
    """A server, one agent on it, a console's store, and somebody who sends what he likes."""

    world: SimulatedSite
    bus: NatsBus
    store: Store
    vandal: RawClient

    async def until(self, condition: Callable[[], object]) -> None:
        """Return when ``condition`` holds of what was heard."""
        async with asyncio.timeout(WITHIN):
            while not condition():
                await self.bus.wait_activity(0.05)
                self.store.fold(self.bus.take())

    def known(self) -> tuple[object, ...]:
        """What must be as it was."""
        store = self.store
        rows = (store.nodes, store.sessions, store.transporters, store.licenses, store.shares, store.jobs)
        return (*(set(each) for each in rows), [row.beat and row.beat.state for row in store.nodes.values()])


@pytest.fixture
async def agent(rack: Rack, tmp_path: Path) -> AsyncIterator[tuple[NatsServer, SimulatedSite]]:
    server = await rack.server()
    clock = SystemClock()
    world = SimulatedSite((NODE,), clock, sessions=SESSIONS)
    agent = Agent(
        AgentConfig(CLUSTER, NODE, tmp_path / "agent", trust=TRUST, interval=0.2),
        NatsBus(settings(server), clock, CLUSTER),
        SimulatedProvider(world, NODE, clock),
        SimulatedHost(world, NODE, clock),
        clock,
    )
    await agent.start()
    yield server, world
    await agent.stop()


@pytest.fixture
async def scene(agent: tuple[NatsServer, SimulatedSite], park: BusPark) -> AsyncIterator[Scene]:
    server, world = agent
    bus = await park.bus(server, cluster_subjects=subscriptions(CLUSTER), sync_on_connect=True)
    made = Scene(world, bus, Store(CLUSTER, SystemClock()), await RawClient.connect(server))
    await made.until(lambda: len(made.store.sessions) == len(world.sessions) and made.store.nodes)
    yield made
    await made.vandal.close()


def garbage() -> Iterator[tuple[str, bytes]]:
    """Every body on every subject that the console hears, and a good body where no subject is."""
    yield from product(SUBJECTS, BODIES.values())
    yield from product(NO_SUBJECTS, [b'{"v":1}'])


async def test_a_console_counts_it_and_shows_what_it_showed(scene: Scene) -> None:
    before, accepted = scene.known(), scene.store.intake.accepted
    sent = list(garbage())
    for subject, body in sent:
        await scene.vandal.publish(f"fxtop.{CLUSTER}.{subject}".encode(), body)
    await scene.until(lambda: scene.store.intake.rejected_total == len(sent))
    assert scene.known() == before
    await scene.until(lambda: scene.store.intake.accepted > accepted)


async def test_an_agent_does_nothing_and_answers_the_next_request(scene: Scene) -> None:
    before = scene.known()
    for subject, body in product(ASKING, BODIES.values()):
        await scene.vandal.publish(f"fxtop.{CLUSTER}.{subject} _INBOX.nobody".encode(), body)
    for subject, headers in product(ASKING, HEADERS.values()):
        await scene.vandal.publish(f"fxtop.{CLUSTER}.{subject}".encode(), b"{}", headers)
    answer = await Asker(scene.bus).ask("drain", node=NODE)
    assert answer.reply.status == "accepted"
    await scene.until(lambda: scene.store.jobs)
    assert [job.id for job in scene.store.jobs.values()] == [answer.reply.request]
    assert scene.known()[:5] == before[:5]


async def test_bytes_that_are_no_headers_end_nothing(scene: Scene) -> None:
    for headers in HEADERS.values():
        await scene.vandal.publish(f"fxtop.{CLUSTER}.hb.node.{TOKEN}".encode(), b"{}", headers)
    await scene.until(lambda: scene.store.intake.rejected_total == len(HEADERS))
    assert scene.bus.status.reconnects == 0
