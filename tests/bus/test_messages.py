"""Messages, questions and answers on a connection that works."""

from __future__ import annotations

import asyncio

import pytest

import fxtop.bus.listener
from fxtop.bus.addresses import Address, AddressBook
from fxtop.bus.port import Asked, BusPhase
from fxtop.protocol.presence import SYNC_SUBJECT_HEADER
from tests.natskit import WITHIN, BusPark, Rack, take, until


async def test_a_bus_says_what_it_is_connected_to(rack: Rack, park: BusPark) -> None:
    server = await rack.server("mgr1", token="s3cret")
    bus = await park.bus(server, token="s3cret")
    status = bus.status
    assert status.phase is BusPhase.CONNECTED
    assert status.server == server.url
    assert status.server_name == "mgr1"
    assert status.server_version is not None
    assert not status.tls


async def test_subscribed_messages_come_out_in_order(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    console = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",))
    agent = await park.bus(server)
    for number in range(100):
        await agent.publish(f"fxtop.test.hb.node.n{number % 3}", str(number).encode())
    assert [message.payload for message in await take(console, 100)] == [str(n).encode() for n in range(100)]


async def test_a_request_is_answered_by_whoever_listens(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    console, agent = await park.bus(server), await park.bus(server)

    async def answer(asked: Asked) -> None:
        await agent.publish(asked.reply, asked.payload.upper(), {"Seen": asked.headers["Fxtop-Request"]})

    await agent.listen("fxtop.test.ctl.node.n1.ping", answer)
    await agent.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    got = await console.request("fxtop.test.ctl.node.n1.ping", b"hello", {"Fxtop-Request": "r1"})
    assert got.payload == b"HELLO"
    assert got.headers["Seen"] == "r1"


async def test_answers_to_a_sync_come_as_what_they_stand_for(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    console, agent = await park.bus(server), await park.bus(server)

    async def answer(asked: Asked) -> None:
        await agent.publish(asked.reply, b"beat", {SYNC_SUBJECT_HEADER: "fxtop.test.hb.node.n1"})

    await agent.listen("fxtop.test.sync", answer)
    await agent.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    await console.sync()
    (message,) = await take(console, 1)
    assert (message.subject, message.payload, message.synced) == ("fxtop.test.hb.node.n1", b"beat", True)


async def test_an_answer_to_a_sync_that_stands_for_nothing_is_handed_in_to_be_rejected(
    rack: Rack, park: BusPark
) -> None:
    server = await rack.server()
    console, agent = await park.bus(server), await park.bus(server)

    async def answer(asked: Asked) -> None:
        await agent.publish(asked.reply, b"beat")

    await agent.listen("fxtop.test.sync", answer)
    await agent.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    await console.sync()
    (message,) = await take(console, 1)
    assert message.subject.startswith("_INBOX.")
    assert message.synced


async def test_a_sync_that_nobody_hears_leaves_nothing_in_the_buffer(rack: Rack, park: BusPark) -> None:
    bus = await park.bus(await rack.server())
    await bus.sync()
    await bus.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    assert bus.take() == []


async def test_waiting_for_activity_is_over_when_a_message_comes(rack: Rack, park: BusPark) -> None:
    bus = await park.bus(await rack.server(), cluster_subjects=("fxtop.test.hb.>",))
    while await bus.wait_activity(0.01):
        bus.take()
    await bus.publish("fxtop.test.hb.node.n1", b"x")
    assert await bus.wait_activity(WITHIN)
    assert await bus.wait_activity(WITHIN), "it is still there"
    assert len(bus.take()) == 1


async def test_requests_that_a_slow_handler_has_no_room_for_are_counted_as_dropped(
    rack: Rack, park: BusPark, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fxtop.bus.listener, "MAX_WAITING", 2)
    bus = await park.bus(await rack.server())
    began, go_on = asyncio.Event(), asyncio.Event()

    async def slow(asked: Asked) -> None:
        began.set()
        await go_on.wait()

    await bus.listen("fxtop.test.ctl.>", slow)
    await bus.publish("fxtop.test.ctl.node.n1.ping", b"the one under way")
    await began.wait()
    for _ in range(5):
        await bus.publish("fxtop.test.ctl.node.n1.ping", b"two wait, three don't fit")
    await until(bus, lambda: bus.status.dropped == 3)


async def test_a_fault_of_fxtops_own_is_said_and_not_shown_as_a_connection(
    park: BusPark, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(self: AddressBook, avoid: Address | None = None) -> list[Address]:
        raise ZeroDivisionError

    monkeypatch.setattr(AddressBook, "round", stumble)
    bus = await park.bus("nats://127.0.0.1:1", connected=False)
    await until(bus, lambda: bus.status.phase is BusPhase.STOPPED)
    assert "a fault in fxtop (ZeroDivisionError)" in (bus.status.last_error or "")
