"""Messages, questions and answers on a connection that works."""

from __future__ import annotations

from fxtop.bus.port import Asked, BusPhase
from fxtop.protocol.presence import SYNC_SUBJECT_HEADER
from tests.natskit import BusPark, Rack, take


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
