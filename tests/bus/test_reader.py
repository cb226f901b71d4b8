"""The short way from the socket to a sink gives what nats-py's own parser gives, wherever the reads break off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nats.errors import ProtocolError
from nats.protocol.parser import Parser

from fxtop.bus.reader import MOST_LINE, Headers, Read, Reader, headers_of

WITH_SINK = (1, 12)
HEADER = b"NATS/1.0\r\nFxtop-Subject: %b\r\n\r\n"


class Heard:
    """As much of a client as a parser speaks to; keeps all that it is told, in order."""

    def __init__(self) -> None:
        self.all: list[tuple[object, ...]] = []
        self.stats = {"in_msgs": 0, "in_bytes": 0}

    async def _process_msg(self, sid: int, subject: bytes, _: bytes, data: bytes, headers: bytes | None) -> None:
        self.stats["in_msgs"] += 1
        self.stats["in_bytes"] += len(data)
        self.note(sid, subject.decode(), data, headers_of(headers or b""))

    async def _process_ping(self) -> None:
        self.all.append(("ping",))

    async def _process_pong(self) -> None:
        self.all.append(("pong",))

    async def _process_err(self, text: str) -> None:
        self.all.append(("error", text))

    async def _process_info(self, info: dict[str, Any]) -> None:
        self.all.append(("info", str(info)))

    def note(self, sid: int, subject: str, payload: bytes, headers: Headers) -> None:
        """Keep a message."""
        self.all.append((sid, subject, payload, dict(headers)))


def reader(heard: Heard) -> Reader:
    """A reader with sinks for two subscriptions."""

    def sink(sid: int, messages: Sequence[Read]) -> None:
        for read in messages:
            heard.note(sid, *read)

    return Reader(heard, {b"%d" % sid: partial(sink, sid) for sid in WITH_SINK})


def told(parser: Parser, chunks: Iterable[bytes]) -> None:
    """Let ``parser`` read ``chunks``, one after the other."""

    async def read() -> None:
        for chunk in chunks:
            await parser.parse(chunk)

    asyncio.run(read())


def message(sid: int, subject: bytes, payload: bytes, reply: bytes = b"", header: bytes | None = None) -> bytes:
    """A message as a server writes it."""
    to = b"%b %d%b" % (subject, sid, reply and b" " + reply)
    if header is None:
        return b"MSG %b %d\r\n%b\r\n" % (to, len(payload), payload)
    head = HEADER % header
    return b"HMSG %b %d %d\r\n%b%b\r\n" % (to, len(head), len(head) + len(payload), head, payload)


SUBJECTS = st.from_regex(rb"[a-z0-9%]{1,6}(\.[a-z0-9%]{1,6}){0,3}", fullmatch=True)
MESSAGES = st.builds(
    message,
    st.sampled_from([1, 2, 12, 120]),
    SUBJECTS,
    st.binary(max_size=30) | st.sampled_from([b"\r\n", b"MSG a 1 3\r\nabc\r\n", b"PING\r\n"]),
    st.just(b"") | SUBJECTS,
    st.none() | SUBJECTS,
)
OTHERS = st.sampled_from(
    [b"PING\r\n", b"PONG\r\n", b"+OK\r\n", b"-ERR 'no more 1 2'\r\n", b'INFO {"a": 1, "b": 2}\r\n']
)


@settings(deadline=None)
@given(st.lists(MESSAGES | OTHERS, max_size=8), st.data())
def test_everything_is_read_as_by_the_library_wherever_the_reads_break_off(
    said: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(said)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    short, plain = Heard(), Heard()
    told(reader(short), chunks)
    told(Parser(plain), chunks)
    assert (short.all, short.stats) == (plain.all, plain.stats)


def test_a_large_message_is_put_together_once_and_not_with_each_read() -> None:
    heard = Heard()
    whole = message(1, b"a.b", b"x" * 1_000_000)
    under = reader(heard)
    held: list[int] = []

    async def read() -> None:
        for at in range(0, len(whole), 1_000):
            await under.parse(whole[at : at + 1_000])
            held.append(len(under._held))

    asyncio.run(read())
    assert len(heard.all) == 1
    assert held[:-1] == list(range(1, len(held)))


GARBAGE = {
    "a size that is no number": b"MSG a 1 x\r\n",
    "a subscription that is no number": b"MSG a x 1\r\ny\r\n",
    "a message without a size": b"MSG a\r\n",
    "headers without a size": b"HMSG a 1 3\r\nabc\r\n",
    "another protocol": b"HELLO\r\n",
    "a line without an end": b"x" * (MOST_LINE + 1),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
def test_what_is_not_nats_is_refused(garbage: bytes) -> None:
    heard = Heard()
    with pytest.raises(ProtocolError):
        told(reader(heard), [message(1, b"a", b"good"), garbage])
    assert heard.all == [(1, "a", b"good", {})]


def test_a_word_of_the_server_instead_of_a_message_has_its_number_as_status() -> None:
    assert headers_of(b"NATS/1.0 503\r\n\r\n") == {"Status": "503"}
    assert headers_of(b"NATS/1.0 503 No Responders\r\nA: b\r\n\r\n") == {"Status": "503", "A": "b"}


@pytest.mark.parametrize("raw", [b"", b"\xff\xff", b"NATS/1.0", b"NATS/1.0\r\nno colon\r\n\r\n"])
def test_headers_that_are_none_say_nothing_of_what_a_message_stands_for(raw: bytes) -> None:
    assert "Fxtop-Subject" not in headers_of(raw)
