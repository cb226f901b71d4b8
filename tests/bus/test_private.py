"""What fxtop needs of nats-py beyond its public names, and that it also works without."""

from __future__ import annotations

import asyncio

import nats.aio.client
import nats.aio.transport
import pytest

import fxtop.bus.private
from fxtop.bus.port import Asked
from fxtop.bus.private import missing_names
from tests.natskit import WITHIN, BusPark, Rack, RawClient, take, until


def test_this_nats_py_has_every_private_name_that_is_used() -> None:
    assert missing_names() == []


def test_a_release_that_moved_a_name_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(nats.aio.client.Client, "_process_headers")
    assert missing_names() == ["Client._process_headers"]


def test_a_release_with_another_parser_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats.aio.client, "Parser", lambda client: object())
    assert missing_names() == ["Client._ps"]


async def test_messages_arrive_without_the_short_way_too(
    rack: Rack, park: BusPark, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fxtop.bus.private, "has_parser", lambda client: False)
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",))
    for number in range(10):
        await bus.publish("fxtop.test.hb.node.n1", b"%d" % number)
    assert [message.payload for message in await take(bus, 10)] == [b"%d" % number for number in range(10)]


async def test_a_connection_ends_without_the_hard_way_too(
    rack: Rack, park: BusPark, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fxtop.bus.private, "_writer", lambda client: None)
    server = await rack.server()
    bus = await park.bus(server, ping_interval=0.1)
    server.freeze()
    await until(bus, lambda: not bus.status.connected)
    server.thaw()
    await until(bus, lambda: bus.status.connected)


async def test_a_subject_that_is_no_text_is_handed_on_marked(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",))
    raw = await RawClient.connect(server)
    await raw.publish(b"fxtop.test.hb.node.\xff\xfe", b"garbage")
    (message,) = await take(bus, 1)
    assert message.subject == "fxtop.test.hb.node.\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"
    await raw.close()


@pytest.mark.parametrize(
    ("subject", "headers"),
    [
        pytest.param(b"fxtop.test.ctl.node.\xff", None, id="a subject that is no text"),
        pytest.param(b"fxtop.test.ctl.node.n1", b"NATS/1.0", id="headers cut short"),
        pytest.param(b"fxtop.test.ctl.node.n1", b"NATS/1.0 \xff\xff\xff\r\n\r\n", id="a status that is no text"),
        pytest.param(b"fxtop.test.ctl.node.n1", b"\xff" * 40, id="headers that are none"),
    ],
)
async def test_garbage_does_not_end_the_reading(
    rack: Rack, park: BusPark, subject: bytes, headers: bytes | None
) -> None:
    server = await rack.server()
    bus = await park.bus(server)
    heard: asyncio.Queue[bytes] = asyncio.Queue()

    async def hear(asked: Asked) -> None:
        heard.put_nowait(asked.payload)

    await bus.listen("fxtop.test.ctl.>", hear)
    await bus.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    raw = await RawClient.connect(server)
    await raw.publish(subject, b"garbage", headers)
    await raw.publish(b"fxtop.test.ctl.node.n1", b"good")
    async with asyncio.timeout(WITHIN):
        assert [await heard.get(), await heard.get()] == [b"garbage", b"good"]
    assert bus.status.reconnects == 0
    await raw.close()


async def test_a_subject_that_the_librarys_parser_would_take_apart_is_handed_on(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",))
    raw = await RawClient.connect(server)
    await raw.publish(b"fxtop.test.hb.form\x0cfeed", b"garbage")
    assert [message.subject for message in await take(bus, 1)] == ["fxtop.test.hb.form\x0cfeed"]
    assert bus.status.reconnects == 0
    await raw.close()


async def test_a_subject_that_breaks_the_librarys_parser_costs_one_reconnect(
    rack: Rack, park: BusPark, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fxtop.bus.private, "has_parser", lambda client: False)
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",))
    raw = await RawClient.connect(server)
    await raw.publish(b"fxtop.test.hb.form\x0cfeed", b"garbage")
    await until(bus, lambda: bus.status.connected and bus.status.reconnects == 1)
    assert "can't be read as NATS's protocol" in (bus.status.last_error or "")
    await raw.publish(b"fxtop.test.hb.node.n1", b"good")
    assert [message.payload for message in await take(bus, 1)] == [b"good"]
    await raw.close()


async def test_a_connection_that_is_closed_meanwhile_is_called_closed_and_not_unseen(rack: Rack) -> None:
    server = await rack.server()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.spec.port)
    await reader.readline()
    client = fxtop.bus.private.Client(must_encrypt=True)
    client._transport = nats.aio.transport.TcpTransport()  # type: ignore[no-untyped-call]  # nats-py has no types there
    client._transport._io_writer = writer
    writer.close()
    with pytest.raises(ConnectionResetError):
        fxtop.bus.private.require_encryption(client)
