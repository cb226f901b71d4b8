"""Which requests were taken on, so that none has its effect twice (protocol 4)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection
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


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds."""

    forgotten: float
    """The latest expiry of a request that is no longer kept, Unix seconds by its sender's clock."""
    entries: list[Entry]
    since: float = 0.0
    """Unix seconds from which on every request that was taken on is in it, but for those that grew too old."""


class Ledger:
    """The remembered requests of one agent, on disk before anything is done about them."""

    def __init__(self, path: Path, clock: Clock, taken: Collection[RequestId] = ()) -> None:
        """The ledger in the file ``path``.

        Args:
            path: A file that isn't there is a memory that begins now: nobody knows whether there was one.
            clock: time.
            taken: What was taken on lately by another record (`fxtop.agent.taken`). Where one of these is not in the
                file, that is an old one that was put in its place.

        Raises:
            StateError: the file can't be read.
        """
        self._path = path
        self._clock = clock
        book = _load(path) or Book(forgotten=0.0, entries=[], since=clock.now())
        self._forgotten = book.forgotten
        self._entries = {entry.order.request: entry for entry in book.entries}
        self._lost = frozenset(taken) - self._entries.keys()
        self._since = clock.now() if self._lost else book.since
        self._writing = asyncio.Lock()

    @property
    def memory(self) -> float:
        """Seconds back to which it knows of every request that was taken on."""
        return min(MARGIN, max(0.0, self._clock.now() - self._since))

    def has_lost(self, request: RequestId) -> bool:
        """Whether ``request`` was taken on, and the ledger that knew of it is gone."""
        return request in self._lost

    def may_have_forgotten(self, order: Order) -> bool:
        """Whether ``order`` may have been carried out and is remembered no more.

        So it is where the clock was set back after requests had been forgotten for their age: by that clock they are
        valid once more.
        """
        return order.expires <= self._forgotten

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
            self._forget(self._clock.now())
            self._entries[entry.order.request] = entry
            book = Book(forgotten=self._forgotten, entries=list(self._entries.values()), since=self._since)
            await asyncio.to_thread(durable.replace, self._path, msgspec.json.encode(book))

    def _forget(self, now: float) -> None:
        over = [entry for entry in self._entries.values() if not entry.open and entry.until <= now]
        for entry in over:
            del self._entries[entry.order.request]
            self._forgotten = max(self._forgotten, entry.order.expires)


def _load(path: Path) -> Book | None:
    content = durable.read(path)
    if content is None:
        return None
    try:
        return msgspec.json.decode(content, type=Book)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise durable.damaged(path, error) from error
