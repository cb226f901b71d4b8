"""The short way from the socket to a sink: NATS's client protocol, taken apart for the messages that are many.

nats-py's parser matches a regular expression, moves its buffer and runs a coroutine for each message, and an answer to
a sync goes through a queue and a task too. Here it is one search for the end of the line and one split, at half the
cost (1.5 us against 3). Whatever is not for a sink goes to nats-py's parser, one whole operation at a time, so that all
else means what it means there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from nats.errors import ProtocolError
from nats.protocol.parser import Parser

Headers = Mapping[str, str]
"""A message's headers. The server's own word instead of a message has its number as ``Status``."""
Read = tuple[str, bytes, Headers]
"""A message's subject, payload and headers."""
Sink = Callable[[Sequence[Read]], None]
"""Takes messages that came together, in their order; returns at once and never raises."""

NO_HEADERS: Final[Headers] = MappingProxyType({})
MOST_LINE: Final = 1024 * 1024
"""Bytes without an end of line, beyond which it isn't NATS that speaks there. A large cluster's INFO has some 10 KB."""
_END: Final = b"\r\n"
PLAIN: Final = 4
"""Words of what comes most: MSG, a subject, a subscription, and a size. A subject for an answer would be one more."""
_WORDS: Final = {b"MSG": PLAIN, b"HMSG": 5}
"""What has a payload, whose size is the last word of the line, with the words that it has at least."""


class Reader(Parser):
    """nats-py's parser, with a short way to ``sinks``, by the ids of their subscriptions as the server says them."""

    def __init__(self, client: Any, sinks: Mapping[bytes, Sink]) -> None:
        super().__init__(client)
        self._client = client
        self._sinks = sinks

    def reset(self) -> None:
        """Forget what was read and not used yet."""
        super().reset()
        self._held: list[bytes] = []
        self._missing = 0
        """Bytes without which what is held can't be used."""

    async def parse(self, data: bytes = b"") -> None:
        """Take what was read from the socket, wherever it breaks off.

        Raises:
            ProtocolError: it isn't NATS's protocol.
        """
        self._held.append(data)
        self._missing -= len(data)
        if self._missing > 0:
            return
        data, self._held, self._missing = b"".join(self._held), [], 0
        used = self._hand_on(data, 0)
        while used < len(data):
            stop = _stop(data, used)
            if stop > len(data):
                self._held, self._missing = [data[used:]], stop - len(data)
                return
            await super().parse(data[used:stop])
            used = self._hand_on(data, stop)

    def _hand_on(self, data: bytes, at: int) -> int:
        """Give the messages from ``at`` on to their sinks, up to one not theirs or not whole; where that is."""
        find, sinks, length = data.find, self._sinks, len(data)
        messages = octets = 0
        together: list[Read] = []
        taker: Sink | None = None
        while (end := find(_END, at)) > 0:
            words = data[at:end].split(b" ")
            size, plain = words[-1], len(words) == PLAIN and words[0] == b"MSG"
            if not (plain or len(words) >= _WORDS.get(words[0], len(words) + 1)) or not size.isdigit():
                break
            sink = sinks.get(words[2])
            body = start = end + 2
            stop = start + int(size)
            if sink is None or stop + 2 > length:
                break
            headers = NO_HEADERS
            if not plain and words[0] == b"HMSG":
                body += int(words[-2])
                headers = headers_of(data[start:body])
            if sink is not taker:
                if taker is not None:
                    taker(together)
                taker, together = sink, []
            together.append((words[1].decode("utf-8", "replace"), data[body:stop], headers))
            at = stop + 2
            messages += 1
            octets += stop - body
        if taker is not None:
            taker(together)
        self._client.stats["in_msgs"] += messages
        self._client.stats["in_bytes"] += octets
        return at


def _stop(data: bytes, at: int) -> int:
    """Where the operation at ``at`` ends, as far as is known; beyond ``data`` where that isn't there yet."""
    end = data.find(_END, at)
    if end < 0:
        if len(data) - at > MOST_LINE:
            raise ProtocolError
        return len(data) + 1
    kind, *words = data[at:end].split(b" ")
    sized = kind in _WORDS and words and words[-1].isdigit()
    return end + 2 + (int(words[-1]) + 2 if sized else 0)


def headers_of(raw: bytes) -> Headers:
    """The headers that stand before a payload (NATS/1.0: a line of its own, then ``name: value``)."""
    first, *lines = raw.decode("utf-8", "replace").split("\r\n")
    headers = {name: value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}
    status = first.removeprefix("NATS/1.0").strip().partition(" ")[0]
    return {"Status": status, **headers} if status else headers
