"""NATS servers by the system account ``$SYS`` (nats-server 2.15), which shows of all what HTTP monitoring does of one.

A server in lame duck mode answers no such question any more, and says so once, in an event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Container, Coroutine, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import msgspec

from fxtop.agent.collectors.http import Page
from fxtop.agent.collectors.port import CollectError, WatchedClass
from fxtop.agent.collectors.transporter import heartbeat
from fxtop.agent.transporter.local import LocalServer
from fxtop.agent.transporter.neighbours import Neighbours
from fxtop.bus.port import Answer, Asked, Bus, BusError
from fxtop.clock import Clock
from fxtop.config.site.own_names import own_names
from fxtop.protocol.ids import ServerId
from fxtop.protocol.text import inert
from fxtop.protocol.transporter import COUNTED, TransporterHeartbeat

KINDS: Final = ("VARZ", "ROUTEZ", "HEALTHZ")
LAME_DUCK: Final = "$SYS.SERVER.*.LAMEDUCK"
SHUTDOWN: Final = "$SYS.SERVER.*.SHUTDOWN"
WITHIN: Final = 0.8
"""Seconds for a connection, and for an answer."""
QUIET: Final = 0.3
"""Seconds without a further answer after which all servers have answered."""
LONGEST_LEAVE: Final = 600.0
"""Seconds for which a server that said that it leaves and was not heard to end is taken to be leaving."""

Pages = Mapping[str, Page]


class _Header(msgspec.Struct):
    id: str


class _Error(msgspec.Struct):
    code: int = 500
    description: str = ""


class _Reply(msgspec.Struct):
    server: _Header
    data: msgspec.Raw = msgspec.Raw(b"")
    error: _Error | None = None


class _Health(msgspec.Struct):
    status_code: int = 200


class SystemAccount:
    """Questions to the servers over ``bus``, whose login is of the system account."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._leaving: dict[ServerId, float] = {}

    async def run(self) -> None:
        """Keep the connection, and hear which servers leave, until this is cancelled."""
        await self._bus.listen(LAME_DUCK, self._on_lame_duck)
        await self._bus.listen(SHUTDOWN, self._on_shutdown)
        await self._bus.start()
        try:
            await asyncio.Event().wait()
        finally:
            await self._bus.stop()

    def leaves(self, server: ServerId) -> bool:
        """Whether ``server`` said that it is shutting down, and isn't gone yet as far as that is known."""
        since = self._leaving.get(server)
        return since is not None and self._clock.monotonic() - since < LONGEST_LEAVE

    async def one(self, server: ServerId) -> Pages:
        """The pages of ``server``. Raises CollectError."""
        await self._connected()
        questions = (self._bus.request(f"$SYS.REQ.SERVER.{server}.{kind}", b"", within=WITHIN) for kind in KINDS)
        answers = await _asked(*questions)
        return dict(zip(KINDS, map(page, answers), strict=True))

    async def all(self) -> dict[ServerId, Pages]:
        """The pages of all servers that answered every question. Raises CollectError."""
        await self._connected()
        kinds = await _asked(
            *(self._bus.gather(f"$SYS.REQ.SERVER.PING.{kind}", within=WITHIN, quiet=QUIET) for kind in KINDS)
        )
        by_kind = {kind: _by_server(answers) for kind, answers in zip(KINDS, kinds, strict=True)}
        whole = set.intersection(*(set(pages) for pages in by_kind.values()))
        if not whole:
            raise CollectError("No server answered over $SYS: check that this login is of the system account.")
        return {server: {kind: by_kind[kind][server] for kind in KINDS} for server in sorted(whole)}

    async def _connected(self) -> None:
        try:
            await self._bus.wait_connected(WITHIN)
        except BusError as error:
            raise CollectError(f"By the system account: {error}") from error

    async def _on_lame_duck(self, event: Asked) -> None:
        self._leaving[_subject_of(event)] = self._clock.monotonic()

    async def _on_shutdown(self, event: Asked) -> None:
        self._leaving.pop(_subject_of(event), None)


class SystemView:
    """The server on this host as ``$SYS`` shows it; with ``neighbours`` also those that no other agent tells of."""

    kind: WatchedClass = "transporter"

    def __init__(
        self,
        account: SystemAccount,
        local: LocalServer | None,
        neighbours: Neighbours | None = None,
        *,
        interval: float = 5.0,
    ) -> None:
        self.interval = interval
        self._account = account
        self._local = local
        self._neighbours = neighbours
        self._names: frozenset[str] | None = None
        self._last: dict[ServerId, TransporterHeartbeat] = {}

    async def read(self) -> TransporterHeartbeat | tuple[TransporterHeartbeat, ...]:
        """The servers now, that of this host first. Raises CollectError."""
        if self._neighbours is None:
            return await self._beside()
        return await self._around(self._neighbours)

    async def _beside(self) -> TransporterHeartbeat:
        if self._local is None:
            raise CollectError("No server of this host is named: set address in [collect.transporter].")
        server = ServerId((await self._local.known()).server_id)
        if self._account.leaves(server):
            return self._leaving(server)
        try:
            pages = await self._account.one(server)
        except CollectError:
            if self._account.leaves(server):
                return self._leaving(server)
            again = ServerId((await self._local.asked()).server_id)
            if again == server:
                raise
            pages = await self._account.one(again)  # a server that starts anew has a new id
        beat = self._told(pages, beside=True)
        self._last = {beat.server: beat}
        return beat

    async def _around(self, neighbours: Neighbours) -> tuple[TransporterHeartbeat, ...]:
        pages = await self._account.all()
        mine = await self._mine(pages)
        leaving = [server for server in self._last if server not in pages and self._account.leaves(server)]
        told = [self._leaving(server) for server in leaving if not neighbours.tell_of(server)]
        for server, each in pages.items():
            if server == mine or not neighbours.tell_of(server):
                told.append(self._told(each, beside=server == mine))
        self._last = {beat.server: beat for beat in told}
        return tuple(sorted(told, key=lambda beat: (not beat.beside, beat.name)))

    async def _mine(self, answering: Container[ServerId]) -> ServerId | None:
        """The server of this host; None where it has none, or it is down: the others are told of all the same."""
        if self._local is None:
            return None
        try:
            server = ServerId((await self._local.known()).server_id)
            if server in answering or self._account.leaves(server):
                return server
            return ServerId((await self._local.asked()).server_id)
        except CollectError:
            return None

    def _told(self, pages: Pages, *, beside: bool) -> TransporterHeartbeat:
        if beside and self._names is None:
            self._names = own_names()
        names = self._names if beside else None
        beat = heartbeat(*(pages[kind] for kind in KINDS), interval=self.interval, own_names=names, via="sys")
        return beat if beside else msgspec.structs.replace(beat, beside=False)

    def _leaving(self, server: ServerId) -> TransporterHeartbeat:
        """A server that answers nothing any more since it leaves: what may have changed isn't known."""
        last = self._last.get(server)
        if last is None:
            raise CollectError(f"The transporter {server} is shutting down, and was never seen before.")
        return msgspec.structs.replace(last, lame_duck=True, unknown=list(COUNTED))


def page(answer: Answer) -> Page:
    """What ``$SYS`` answers, as the page that HTTP monitoring would show. Raises CollectError."""
    return _page(_decode(answer))


def _page(reply: _Reply) -> Page:
    if reply.error is not None or not reply.data:
        why = inert(reply.error.description, 200) if reply.error else "no data"
        raise CollectError(f"The server refused: {why}.")
    try:
        status = msgspec.json.decode(reply.data, type=_Health).status_code
    except (msgspec.DecodeError, RecursionError):
        status = HTTPStatus.OK.value  # no word on health
    return Page(status, bytes(reply.data))


def _decode(answer: Answer) -> _Reply:
    try:
        return msgspec.json.decode(answer.payload, type=_Reply)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CollectError(f"A server said something over $SYS that can't be read: {error}.") from error


def _by_server(answers: Sequence[Answer]) -> dict[ServerId, Page]:
    """Pages by the server that they are about; those that can't be read count as none."""
    pages = {}
    for answer in answers:
        try:
            reply = _decode(answer)
            pages[ServerId(reply.server.id)] = _page(reply)
        except CollectError:
            continue
    return pages


async def _asked(*questions: Coroutine[Any, Any, Any]) -> Sequence[Any]:
    try:
        return await asyncio.gather(*questions)
    except BusError as error:
        raise CollectError(f"By the system account: {error}") from error


def _subject_of(event: Asked) -> ServerId:
    return ServerId(event.subject.split(".")[2])
