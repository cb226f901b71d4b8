"""Which requests were taken on, so that none has its effect twice (protocol 4)."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Final

import msgspec

from fxtop.agent import durable
from fxtop.agent.order import Order
from fxtop.clock import Clock
from fxtop.protocol.control import JobProgress, Reply
from fxtop.protocol.ids import RequestId

MARGIN: Final = 900.0
"""Seconds that a request is remembered after it expired: no clock in a cluster should be off by more."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A request that was taken on. Without ``reply`` it was begun and nobody knows how far it came."""

    order: Order
    fingerprint: str
    until: float
    """Unix seconds."""
    reply: Reply | None = None
    open: bool = False
    """Whether its work still goes on; such an entry is kept however old it is."""
    end: JobProgress | None = None
    """How its work ended."""


def fingerprint(subject: str, key: str, payload: bytes) -> str:
    """What a request is, apart from its id: the same id with another fingerprint is another request."""
    return hashlib.sha256(b"\n".join((subject.encode(), key.encode(), payload))).hexdigest()


class Ledger:
    """The remembered requests of one agent, on disk before anything is done about them."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._entries = {entry.order.request: entry for entry in _load(path)}
        self._writing = asyncio.Lock()

    def recall(self, request: RequestId) -> Entry | None:
        """What is remembered of ``request``."""
        return self._entries.get(request)

    def unanswered(self) -> list[Entry]:
        """Requests that were begun and never came to a reply, because the agent ended between."""
        return [entry for entry in self._entries.values() if entry.reply is None]

    def open(self) -> list[Entry]:
        """Requests whose work has not ended."""
        return [entry for entry in self._entries.values() if entry.open]

    async def begin(self, order: Order, print_: str) -> None:
        """Remember that ``order`` is about to be carried out. StateError: it isn't, so it must not be."""
        try:
            await self._keep(Entry(order=order, fingerprint=print_, until=order.expires + MARGIN))
        except durable.StateError:
            del self._entries[order.request]
            raise

    async def settle(self, order: Order, print_: str, reply: Reply, *, work: bool = False) -> None:
        """Remember the ``reply``; with ``work`` the request stays open until `close`.

        StateError: it is remembered until the agent ends, and not longer.
        """
        until = order.expires + MARGIN
        await self._keep(Entry(order=order, fingerprint=print_, until=until, reply=reply, open=work))

    async def close(self, request: RequestId, end: JobProgress) -> None:
        """The work of ``request`` has ended, and that is how: remembered as long as a request that came now."""
        entry = self._entries.get(request)
        if entry is not None:
            until = max(entry.until, self._clock.now() + MARGIN)
            await self._keep(msgspec.structs.replace(entry, open=False, end=end, until=until))

    async def _keep(self, entry: Entry) -> None:
        """Put ``entry`` on disk with all others that are still needed."""
        async with self._writing:
            now = self._clock.now()
            self._entries = {key: old for key, old in self._entries.items() if old.open or old.until > now}
            self._entries[entry.order.request] = entry
            content = msgspec.json.encode(list(self._entries.values()))
            await asyncio.to_thread(durable.replace, self._path, content)


def _load(path: Path) -> list[Entry]:
    content = durable.read(path)
    if content is None:
        return []
    try:
        return msgspec.json.decode(content, type=list[Entry])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise durable.damaged(path, error) from error
