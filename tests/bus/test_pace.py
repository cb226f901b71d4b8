"""A busy connection is read in beats, and whoever waits for an answer doesn't wait for a beat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest

from fxtop.bus import joining, pace
from fxtop.bus.pace import Pace
from fxtop.bus.private import ReadingSide
from fxtop.bus.tasks import end
from tests.natskit import Authority, BusPark, Rack, RawClient, take, until

MUCH = 96 * 1024
"""Bytes; more than a stream holds before it stops reading by itself."""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beats that a test can wait for."""
    monkeypatch.setattr(pace, "LOOK", 0.02)
    monkeypatch.setattr(pace, "BEAT", 0.01)
    monkeypatch.setattr(pace, "BRISK", 0.01)


class Wire:
    """A socket on which ``rate`` messages are there at each beat."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.open = True
        self.pauses = 0
        self.heard = 0
        self.waiting = 0
        self.stirred = asyncio.Event()

    def pause(self) -> None:
        self.open = False
        self.pauses += 1
        self.waiting = self.rate
        self.stirred.set()

    def resume(self) -> None:
        self.open = True

    def unread(self) -> int:
        self.heard += min(1, self.waiting)
        self.waiting = max(0, self.waiting - 1)
        self.stirred.set()
        return self.waiting * pace.LEFT

    def told(self) -> int:
        self.heard += self.rate
        self.stirred.set()
        return self.heard

    async def until_stirred(self, times: int) -> None:
        for _ in range(times):
            self.stirred.clear()
            await self.stirred.wait()


@asynccontextmanager
async def kept(wire: Wire) -> AsyncIterator[Pace]:
    keeper = Pace(wire, wire.told)
    task = asyncio.create_task(keeper.keep())
    try:
        yield keeper
    finally:
        await end(task)


async def rest_long(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """Return in a rest of an hour."""
    while not wire.pauses:
        await wire.until_stirred(1)
    monkeypatch.setattr(pace, "BEAT", 3600.0)
    while wire.open:
        await wire.until_stirred(1)


async def test_a_quiet_connection_is_never_paused(quick: None) -> None:
    wire = Wire(0)
    async with kept(wire):
        await wire.until_stirred(4)
    assert wire.pauses == 0


async def test_a_busy_one_is_and_each_beat_reads_until_nothing_is_left(quick: None) -> None:
    wire = Wire(50)
    async with kept(wire):
        await wire.until_stirred(120)
        assert wire.pauses >= 1
    assert wire.open


async def test_what_comes_while_a_beat_reads_is_left_for_the_next(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(50)
    monkeypatch.setattr(wire, "unread", lambda: pace.LEFT - 1)
    async with kept(wire):
        await wire.until_stirred(3)
        while wire.pauses < 3:
            wire.stirred.clear()
            await wire.stirred.wait()


async def test_who_measures_an_answer_keeps_it_open(quick: None) -> None:
    wire = Wire(50)
    async with kept(wire) as keeper:
        with keeper.awake():
            before = wire.pauses
            await wire.until_stirred(20)
            assert wire.pauses == before
            assert wire.open
        await wire.until_stirred(120)
        assert wire.pauses > before


async def test_a_rest_goes_on_once_the_answer_was_measured(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(50)
    async with kept(wire) as keeper:
        await rest_long(wire, monkeypatch)
        before = wire.pauses
        with keeper.awake():
            assert wire.pauses == before
        assert wire.pauses == before + 1


async def test_a_question_ends_a_beat_and_its_answer_is_looked_for_in_short_ones(
    quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = Wire(50)
    async with kept(wire) as keeper:
        await rest_long(wire, monkeypatch)
        with keeper.brisk():
            before = wire.pauses
            while wire.pauses < before + 10:
                await wire.until_stirred(1)


async def test_nothing_is_read_in_a_rest_after_more_than_a_stream_holds(
    quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with streams() as (reader, writer):
        transport = writer.transport
        assert isinstance(transport, asyncio.ReadTransport)
        side = ReadingSide(transport, transport.get_extra_info("socket"))
        keeper, reading = Pace(side, lambda: 0), asyncio.create_task(reader.readexactly(MUCH))
        side.pause()
        writer.write(bytes(MUCH))  # which comes back
        while side.unread() < MUCH:  # noqa: ASYNC110  # the kernel tells nobody how much it holds
            await asyncio.sleep(0)

        async def beats() -> None:
            await keeper.beat()
            monkeypatch.setattr(pace, "BEAT", 3600.0)
            await keeper.beat()

        resting = asyncio.create_task(beats())
        await reading
        for _ in range(10):
            await asyncio.sleep(0)
        assert not transport.is_reading()
        await end(resting)


@asynccontextmanager
async def streams() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to somebody who says what was said, which is ``MUCH``."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(MUCH))
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1")
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname(), limit=32 * 1024)
    yield reader, writer
    writer.close()
    server.close()


@contextmanager
def counted_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[None]]:
    pauses: list[None] = []
    pause = ReadingSide.pause

    def counted(side: ReadingSide) -> None:
        pauses.append(None)
        pause(side)

    monkeypatch.setattr(ReadingSide, "pause", counted)
    yield pauses


@pytest.mark.parametrize("encrypted", [False, True], ids=["in the clear", "encrypted"])
async def test_all_that_is_said_arrives_in_order_however_it_is_read(
    rack: Rack, park: BusPark, authority: Authority, monkeypatch: pytest.MonkeyPatch, quick: None, encrypted: bool
) -> None:
    certificate = authority.certificate("localhost", "127.0.0.1") if encrypted else None
    server = await rack.server(tls=certificate)
    ca = authority.file if encrypted else None
    reader = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",), ca=ca)
    writer = await park.bus(server, ca=ca)
    with counted_pauses(monkeypatch) as pauses:
        sent = 0
        while not pauses or sent < 3000:
            await writer.publish("fxtop.test.hb.node.n1", b"%d" % sent)
            await asyncio.sleep(0)  # the reader lives in the same loop
            sent += 1
        assert [message.payload for message in await take(reader, sent)] == [b"%d" % number for number in range(sent)]


async def test_the_end_of_a_connection_that_is_read_in_beats_is_noticed(
    rack: Rack, park: BusPark, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",))
    raw = await RawClient.connect(server)
    with counted_pauses(monkeypatch) as pauses:
        while not pauses:
            await raw.publish(b"fxtop.test.hb.node.n1", b"beat")
        await server.kill()
        await until(bus, lambda: not bus.status.connected)
    await raw.close()


async def test_whoever_waits_for_many_answers_is_not_kept_waiting_by_a_rest(
    rack: Rack, park: BusPark, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",), ping_interval=3600.0)
    raw = await RawClient.connect(server)
    with counted_pauses(monkeypatch) as pauses:
        while not pauses or len(pauses) % 2:  # each beat pauses twice
            await raw.publish(b"fxtop.test.hb.node.n1", b"beat")
        monkeypatch.setattr(pace, "BEAT", 3600.0)
        before = len(pauses)
        while len(pauses) < before + 2:
            await raw.publish(b"fxtop.test.hb.node.n1", b"beat")
        bus.take()
        with bus.attentive():
            await raw.publish(b"fxtop.test.hb.node.n2", b"answer")
            await until(bus, lambda: any(message.payload == b"answer" for message in bus.take()))
    await raw.close()


async def test_answers_are_looked_for_often_while_a_connection_asks_who_is_there(
    rack: Rack, park: BusPark, monkeypatch: pytest.MonkeyPatch, quick: None
) -> None:
    monkeypatch.setattr(pace, "BEAT", 3600.0)
    monkeypatch.setattr(joining, "SPREAD", 3600.0)
    server = await rack.server()
    with counted_pauses(monkeypatch) as pauses:
        bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",), ping_interval=3600.0, sync_on_connect=True)
        raw = await RawClient.connect(server)
        while len(pauses) < 6:  # two in each beat
            await raw.publish(b"fxtop.test.hb.node.n1", b"beat")
            bus.take()
    await raw.close()
