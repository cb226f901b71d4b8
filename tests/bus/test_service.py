"""Micro services and listeners: found, counted, answered also in error, and alive after a reconnect."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from fxtop.bus.connection import NatsBus
from fxtop.bus.port import Asked, Endpoint, Fault, Service
from tests.natskit import WITHIN, BusPark, Rack, until


class Agent:
    """A bus with a service of three endpoints."""

    def __init__(self, bus: NatsBus) -> None:
        self.bus = bus

    async def serve(self) -> None:
        endpoints = (
            Endpoint("ping", "fxtop.test.ctl.node.n1.ping", self.ping),
            Endpoint("drain", "fxtop.test.ctl.node.n1.drain", self.malformed),
            Endpoint("plan", "fxtop.test.ctl.manager.plan", self.broken, queue="fxtop-manager"),
        )
        metadata = {"cluster": "test", "node": "n1", "roles": "node"}
        await self.bus.serve(Service("fxtop-agent", "0.1.0", "the agent of n1", metadata, endpoints))
        await self.bus.gather("$SYS.REQ.USER.INFO", quiet=0.01)

    async def ping(self, asked: Asked) -> None:
        await self.bus.publish(asked.reply, b"pong")

    async def malformed(self, asked: Asked) -> None:
        raise Fault("400", "that is no JSON object", b'{"status":"failed"}')

    async def broken(self, asked: Asked) -> None:
        raise ZeroDivisionError("with a s3cret in it")


@pytest.fixture
async def agent(rack: Rack, park: BusPark) -> Agent:
    agent = Agent(await park.bus(await rack.server()))
    await agent.serve()
    return agent


async def srv(bus: NatsBus, verb: str) -> dict[str, Any]:
    """The one answer to ``$SRV.<verb>``."""
    (answer,) = await bus.gather(f"$SRV.{verb}", within=WITHIN, quiet=0.05)
    document: dict[str, Any] = json.loads(answer.payload)
    return document


async def test_it_is_found_by_ping(agent: Agent) -> None:
    ping = await srv(agent.bus, "PING")
    assert ping["type"] == "io.nats.micro.v1.ping_response"
    assert (ping["name"], ping["version"]) == ("fxtop-agent", "0.1.0")
    assert ping["metadata"] == {"cluster": "test", "node": "n1", "roles": "node"}
    assert (await srv(agent.bus, "PING.fxtop-agent"))["id"] == ping["id"]
    assert (await srv(agent.bus, f"PING.fxtop-agent.{ping['id']}"))["id"] == ping["id"]


async def test_info_names_the_endpoints(agent: Agent) -> None:
    info = await srv(agent.bus, "INFO")
    assert info["type"] == "io.nats.micro.v1.info_response"
    assert [(e["name"], e["subject"], e["queue_group"]) for e in info["endpoints"]] == [
        ("ping", "fxtop.test.ctl.node.n1.ping", ""),
        ("drain", "fxtop.test.ctl.node.n1.drain", ""),
        ("plan", "fxtop.test.ctl.manager.plan", "fxtop-manager"),
    ]


async def test_an_error_is_answered_with_its_headers_and_counted(agent: Agent) -> None:
    answer = await agent.bus.request("fxtop.test.ctl.node.n1.drain", b"x", within=WITHIN)
    assert answer.payload == b'{"status":"failed"}'
    assert answer.headers["Nats-Service-Error-Code"] == "400"
    assert answer.headers["Nats-Service-Error"] == "that is no JSON object"
    drain = (await srv(agent.bus, "STATS"))["endpoints"][1]
    assert (drain["num_requests"], drain["num_errors"]) == (1, 1)
    assert drain["last_error"] == "400: that is no JSON object"


async def test_a_mistake_in_a_handler_is_answered_without_its_text_and_survived(agent: Agent) -> None:
    for _ in range(2):
        answer = await agent.bus.request("fxtop.test.ctl.manager.plan", b"x", within=WITHIN)
        assert answer.headers["Nats-Service-Error-Code"] == "500"
        assert "s3cret" not in str(answer)
    plan = (await srv(agent.bus, "STATS"))["endpoints"][2]
    assert plan["num_errors"] == 2
    assert "s3cret" not in plan["last_error"]


async def test_good_requests_are_counted_with_their_time(agent: Agent) -> None:
    for _ in range(3):
        assert (await agent.bus.request("fxtop.test.ctl.node.n1.ping", b"", within=WITHIN)).payload == b"pong"
    ping = (await srv(agent.bus, "STATS"))["endpoints"][0]
    assert (ping["num_requests"], ping["num_errors"]) == (3, 0)
    assert ping["processing_time"] >= 3 * ping["average_processing_time"] > 0


async def test_it_is_the_same_service_after_a_reconnect(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    agent = Agent(await park.bus(server))
    await agent.serve()
    await agent.bus.request("fxtop.test.ctl.node.n1.ping", b"", within=WITHIN)
    before = await srv(agent.bus, "STATS")
    await server.kill()
    await until(agent.bus, lambda: not agent.bus.status.connected)
    await server.start()
    await agent.bus.wait_connected(WITHIN)
    await agent.bus.request("fxtop.test.ctl.node.n1.ping", b"", within=WITHIN)
    after = await srv(agent.bus, "STATS")
    assert after["id"] == before["id"]
    assert after["endpoints"][0]["num_requests"] == 2


async def test_a_queue_group_gives_each_request_to_one(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    counts = [0, 0]
    for number in range(2):
        bus = await park.bus(server)

        async def answer(asked: Asked, bus: NatsBus = bus, number: int = number) -> None:
            counts[number] += 1
            await bus.publish(asked.reply, b"")

        await bus.listen("fxtop.test.ctl.manager.plan", answer, queue="fxtop-manager")
        await bus.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    console = await park.bus(server)
    for _ in range(20):
        await console.gather("fxtop.test.ctl.manager.plan", quiet=0.01)
    assert sum(counts) == 20


async def test_a_lost_connection_does_not_cut_a_handler_short(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server)
    began, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(asked: Asked) -> None:
        began.set()
        await go_on.wait()
        ended.set()

    await bus.listen("fxtop.test.ctl.>", slow)
    await bus.publish("fxtop.test.ctl.node.n1.terminate", b"")
    async with asyncio.timeout(WITHIN):
        await began.wait()
        await server.kill()
        await until(bus, lambda: not bus.status.connected)
        go_on.set()
        await ended.wait()


async def test_a_listeners_mistake_does_not_end_the_listening(rack: Rack, park: BusPark) -> None:
    bus = await park.bus(await rack.server())
    heard: list[bytes] = []
    all_heard = asyncio.Event()

    async def stumble(asked: Asked) -> None:
        heard.append(asked.payload)
        if asked.payload == b"2":
            all_heard.set()
        raise ValueError("stumbled")

    await bus.listen("fxtop.test.sync", stumble)
    await bus.publish("fxtop.test.sync", b"1")
    await bus.publish("fxtop.test.sync", b"2")
    async with asyncio.timeout(WITHIN):
        await all_heard.wait()
    assert heard == [b"1", b"2"]
