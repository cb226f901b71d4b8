"""An operator on a real bus: what is signed here verifies there, and what the bus says of a request is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from fxtop.actions.arming import Arming
from fxtop.actions.journal import Journal
from fxtop.actions.model import Intent
from fxtop.actions.operator import Operator
from fxtop.bus.connection import NatsBus
from fxtop.bus.port import Asked
from fxtop.clock import SystemClock
from fxtop.cluster.records import JobState
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.control import HEADER_OPERATOR, HEADER_REQUEST
from fxtop.protocol.ids import NodeId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.signing import NkeySigner, new_seed, verify
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, Rack

NODE = NodeId("viz07.example.edu")


class Desk:
    """An armed operator with one node in view."""

    def __init__(self, bus: NatsBus, folder: Path) -> None:
        clock = SystemClock()
        self.bus = bus
        self.signer = NkeySigner(new_seed())
        self.store = Store(CLUSTER, clock)
        arming = Arming(clock)
        journal = Journal(folder / "journal.jsonl")
        self.operator = Operator(bus, self.store, clock, arming, journal, self.signer, "Änn Ø")
        beat = {
            "v": 1, "ts": clock.now(), "boot": "b", "seq": 1, "node": NODE, "interval": 300.0, "state": "active",
            "cpu": 0.1, "load": [0.1, 0.1, 0.1], "cores": 8, "mem_used": 1, "mem_total": 8,
            "sessions": {"pending": 0, "running": 0, "disconnected": 0}, "uptime": 1.0,
        }  # fmt: skip
        subject = subjects.build(CLUSTER, "hb.node", NODE)
        self.store.fold([Inbound(subject, msgspec.json.encode(beat), clock.monotonic())])
        arming.arm()

    async def drain(self) -> str:
        """Drain the node; the request."""
        made = await self.operator.prepare(Intent("drain", nodes=(NODE,), reason="kernel update"))
        sent = await self.operator.commit(made, made.confirmation.expect)
        return sent.requests[0]


@pytest.fixture
async def server(rack: Rack) -> AsyncIterator[NatsServer]:
    yield await rack.server()


async def test_a_request_verifies_at_its_receiver_and_is_followed_to_its_end(
    server: NatsServer, park: BusPark, tmp_path: Path
) -> None:
    agent = await park.bus(server)
    desk = Desk(await park.bus(server), tmp_path)
    await desk.bus.subscribe(subjects.wildcard(CLUSTER, "job"))
    seen: list[Asked] = []

    async def answer(asked: Asked) -> None:
        seen.append(asked)
        request = asked.headers[HEADER_REQUEST]
        reply = {"v": 1, "request": request, "status": "accepted"}
        await agent.publish(asked.reply, msgspec.json.encode(reply))
        end = {
            "v": 1, "request": request, "node": NODE, "verb": "drain", "status": "done", "done": 1, "total": 1,
            "ts": 1.0,
        }  # fmt: skip
        await agent.publish(subjects.build(CLUSTER, "job", request), msgspec.json.encode(end))

    await agent.listen(subjects.wildcard(CLUSTER, "ctl.node"), answer)
    request = await desk.drain()
    jobs = await desk.operator.settled([request], WITHIN)
    assert [job.state for job in jobs] == [JobState.DONE]
    asked = seen[0]
    assert verify(asked.subject, asked.headers, asked.payload, SystemClock().now()) == desk.signer.public_key
    assert asked.headers[HEADER_OPERATOR] == "Änn Ø"


async def test_a_node_without_an_agent_is_told_at_once(server: NatsServer, park: BusPark, tmp_path: Path) -> None:
    desk = Desk(await park.bus(server), tmp_path)
    await desk.drain()
    job = next(iter(desk.store.jobs.values()))
    assert job.state is JobState.FAILED
    assert job.detail == "no agent answers for viz07.example.edu: it is not running or not connected"
