"""The parts of the bus that need no server."""

from __future__ import annotations

import asyncio
import logging
import random
import socket
import ssl
import tracemalloc
from functools import partial
from urllib.parse import urlparse

import nats.errors
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.pretty import pretty_repr

from fxtop.bus.addresses import Address, AddressBook, parse
from fxtop.bus.backoff import Backoff
from fxtop.bus.buffer import MOMENT, OVERHEAD, Buffer
from fxtop.bus.listener import inbox
from fxtop.bus.quiet import hush
from fxtop.bus.reader import NO_HEADERS, Read
from fxtop.bus.settings import BusSettings, subscriptions
from fxtop.bus.status import Meter
from fxtop.bus.tasks import end
from fxtop.bus.words import Trouble, explain
from fxtop.protocol.ids import ClusterSlug


class StandingClock:
    """A clock that stands where it is put."""

    def __init__(self) -> None:
        self.time = 100.0

    def monotonic(self) -> float:
        return self.time

    def now(self) -> float:
        return 1_700_000_000.0 + self.time


# addresses


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("mgr1", "nats://mgr1:4222"),
        ("mgr1:4333", "nats://mgr1:4333"),
        ("tls://mgr1.example.edu", "tls://mgr1.example.edu:4222"),
        ("tls://ann:pw@mgr1:1", "tls://mgr1:1"),
        ("nats://[::1]:4222", "nats://[::1]:4222"),
    ],
)
def test_a_servers_url_is_completed_and_shown_without_a_login(text: str, url: str) -> None:
    assert parse(text).url == url


@pytest.mark.parametrize("text", ["wss://mgr1:443", "tls://:4222", "nats://mgr1:99999", "nats://s3cret@mgr1:port"])
def test_what_is_no_servers_url_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match="a server's URL") as caught:
        parse(text)
    assert "s3cret" not in str(caught.value)


def test_a_login_in_a_url_is_decoded_and_not_shown() -> None:
    address = parse("tls://ann:p%40ss@mgr1")
    assert (address.user, address.password) == ("ann", "p@ss")
    assert "p@ss" not in repr(address) + pretty_repr(address)
    assert "ann" not in repr(address) + pretty_repr(address)


@given(st.text())
def test_any_text_is_an_address_or_a_sentence(text: str) -> None:
    try:
        assert parse(text).port > 0
    except ValueError as error:
        assert str(error).startswith("a server's URL")


def test_configured_servers_are_tried_before_those_that_were_told_of() -> None:
    book = AddressBook(("tls://mgr1", "tls://mgr2"), random.Random(1))
    book.learn([urlparse("tls://10.0.0.3:4222"), urlparse("tls://mgr2:4222")], told_by=parse("tls://mgr1"))
    for _ in range(20):
        order = [address.host for address in book.round()]
        assert sorted(order[:2]) == ["mgr1", "mgr2"]
        assert order[2:] == ["10.0.0.3"]
    assert book.round()[2].tls_name == "mgr1"
    assert [address.host for address in book.round(avoid=parse("tls://mgr2"))] == ["mgr1", "10.0.0.3"]


def test_the_order_of_configured_servers_is_left_to_chance() -> None:
    book = AddressBook(("mgr1", "mgr2"), random.Random(1))
    assert {book.round()[0].host for _ in range(50)} == {"mgr1", "mgr2"}


def test_no_server_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="no server is configured"):
        AddressBook((), random.Random(1))


# buffer


def test_a_full_buffer_keeps_the_newest_and_counts() -> None:
    buffer = Buffer(StandingClock(), lambda: None, max_messages=2)
    for number in range(5):
        buffer.add("s", b"%d" % number)
    assert [message.payload for message in buffer.take()] == [b"3", b"4"]
    assert buffer.dropped == 3
    buffer.add("s", b"5")
    assert [message.payload for message in buffer.take()] == [b"5"]


def test_a_buffer_is_bounded_in_bytes_too() -> None:
    buffer = Buffer(StandingClock(), lambda: None, max_bytes=2 * OVERHEAD + 20)
    for number in range(9):
        buffer.add("s", b"x" * number)
    assert [len(message.payload) for message in buffer.take()] == [7, 8]
    buffer.add("s", b"x" * 1000)
    assert (len(buffer), buffer.dropped) == (0, 8)
    buffer.add("s", b"y")
    assert len(buffer) == 1


def test_a_full_buffer_stays_within_its_bytes_however_small_the_messages_are() -> None:
    buffer = Buffer(StandingClock(), lambda: None, max_bytes=100 * 1024)
    tracemalloc.start()
    for number in range(5_000):
        buffer.add(f"subject.{number}", b"%d" % number)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 1.5 * 100 * 1024
    assert buffer.dropped == 5_000 - len(buffer)


def test_each_message_has_the_moment_it_came() -> None:
    clock = StandingClock()
    buffer = Buffer(clock, lambda: None)
    buffer.add("a", b"")
    clock.time = 105.0
    buffer.add("b", b"", synced=True)
    assert [(m.subject, m.at, m.synced) for m in buffer.take()] == [("a", 100.0, False), ("b", 105.0, True)]


def test_messages_that_come_together_share_their_moment() -> None:
    clock = StandingClock()
    buffer = Buffer(clock, lambda: None)
    for step in range(6):
        clock.time = 100.0 + 0.4 * MOMENT * step
        buffer.add("a", b"")
    moments = [message.at for message in buffer.take()]
    assert moments == pytest.approx([100.0] * 3 + [100.0 + 1.2 * MOMENT] * 3)
    assert len({id(moment) for moment in moments}) == 2


@pytest.mark.parametrize("most", [100, 5, 2, 1])
@pytest.mark.parametrize("most_bytes", [100 * OVERHEAD, 3 * OVERHEAD + 40, OVERHEAD])
def test_messages_that_were_read_together_are_kept_as_one_by_one(most: int, most_bytes: int) -> None:
    stirred: list[str] = []
    one, other = (
        Buffer(StandingClock(), partial(stirred.append, name), max_messages=most, max_bytes=most_bytes)
        for name in ("one", "other")
    )
    for lengths in ((), (1, 2), (3, 9, 1, 2), (1,)):
        read: list[Read] = [(f"s.{length}", b"x" * length, NO_HEADERS) for length in lengths]
        for subject, payload, _ in read:
            one.add(subject, payload)
        other.extend(read)
        assert (len(other), other.dropped, stirred.count("other")) == (len(one), one.dropped, stirred.count("one"))
    assert other.take() == one.take()


# where answers go


@pytest.mark.parametrize("reply", ["", "_INBOX.a.b", "_INBOX_ann.x", "my.own.inbox", "mol.x"])
def test_an_answer_goes_where_it_was_asked_to(reply: str) -> None:
    assert inbox(reply) == reply


@pytest.mark.parametrize("reply", ["$SYS.x", "$SRV.PING", "MOL.INFO", "MOL-x.REQ.y", "fxtop.fastx.hb.node.a", "fxtop"])
def test_nobody_makes_us_speak_where_others_believe_us(reply: str) -> None:
    assert inbox(reply) == ""


# rates and delays


def test_rates_are_those_of_the_last_seconds() -> None:
    meter = Meter()
    msgs = 0
    for second in range(20):
        msgs += 1000 if second < 10 else 10
        rates = meter.read(float(second), msgs, msgs * 400)
    assert rates == (10.0, 4000.0)


def test_a_rate_stands_still_between_samples() -> None:
    meter = Meter()
    meter.read(0.0, 0, 0)
    assert meter.read(1.0, 100, 0) == meter.read(1.2, 500, 0) == (100.0, 0.0)


def test_the_first_reading_is_no_rate() -> None:
    assert Meter().read(1.0, 5, 5) == (0.0, 0.0)


def test_delays_grow_to_a_bound_and_start_again() -> None:
    backoff = Backoff(0.5, 8.0, random.Random(1))
    delays = [backoff.next() for _ in range(50)]
    assert 0.25 <= delays[0] <= 0.5
    assert all(4.0 <= delay <= 8.0 for delay in delays[4:])
    backoff.reset()
    assert backoff.next() <= 0.5
    assert backoff.next(at_least=3.0) >= 1.5


# words


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (ConnectionRefusedError(), Trouble.REFUSED),
        (ConnectionResetError(), Trouble.CLOSED),
        (socket.gaierror(), Trouble.UNRESOLVED),
        (TimeoutError(), Trouble.TIMEOUT),
        (nats.errors.TimeoutError(), Trouble.TIMEOUT),
        (nats.errors.UnexpectedEOF(), Trouble.CLOSED),
        (nats.errors.AuthorizationError(), Trouble.LOGIN),
        (nats.errors.Error("nats: 'Authentication Timeout'"), Trouble.LOGIN),
        (nats.errors.Error("nats: 'maximum connections exceeded'"), Trouble.CLOSED),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number"), Trouble.TLS),
        (KeyError("anything else"), Trouble.PROTOCOL),
    ],
)
def test_every_error_becomes_a_sentence(error: Exception, trouble: Trouble) -> None:
    cause = explain(error, Address("mgr1", 4222), BusSettings(servers=("mgr1",)))
    assert cause.trouble is trouble
    assert "mgr1" in cause.sentence
    assert cause.sentence.endswith(".")


def test_what_a_server_says_reaches_no_terminal_as_it_is() -> None:
    cause = explain(nats.errors.Error("nats: '\x1b[2Jgone'"), Address("mgr1", 4222), BusSettings(servers=("mgr1",)))
    assert "\x1b" not in cause.sentence


# the rest


def test_a_console_listens_to_one_wildcard_for_each_kind() -> None:
    assert subscriptions(ClusterSlug("prod")) == (
        "fxtop.prod.hb.>",
        "fxtop.prod.facts.>",
        "fxtop.prod.session.>",
        "fxtop.prod.sessions.>",
        "fxtop.prod.bye.>",
        "fxtop.prod.job.>",
        "fxtop.prod.audit.>",
        "fxtop.prod.intent.>",
    )


def test_asyncios_chatter_about_tls_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    hush()
    log = logging.getLogger("asyncio")
    log.warning("returning true from eof_received() has no effect when using ssl")
    log.warning("something else")
    assert caplog.messages == ["something else"]


async def test_a_task_that_lost_its_cancellation_ends_all_the_same() -> None:
    lost = 0

    async def stubborn() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                lost += 1
                if lost == 3:
                    raise

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await end(task, patience=0.001)
    assert task.cancelled()
    assert lost == 3
