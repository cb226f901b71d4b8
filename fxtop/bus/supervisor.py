"""The outer loop: whatever happens to a connection, another one is made."""

from __future__ import annotations

import asyncio
import random
from typing import Any, Final, Protocol

import nats.errors

from fxtop.bus.addresses import AddressBook
from fxtop.bus.backoff import Backoff
from fxtop.bus.credentials import fingerprint
from fxtop.bus.link import Link, LinkReports
from fxtop.bus.settings import BusSettings
from fxtop.bus.status import StatusBoard
from fxtop.bus.tasks import end
from fxtop.bus.words import Cause, Trouble, explain, lame_duck

STEADY: Final = 5.0
"""Seconds after which a connection counts as a good one: when it is lost, the next is tried at once."""
LOGIN_PAUSE: Final = 2.0
"""Least seconds between two refused logins: checking a bcrypt token costs a server about 120 ms of CPU."""
SECRET_POLL: Final = 0.5
"""Seconds between two looks at whether a refused secret was replaced."""
CALM: Final = 5.0
"""Seconds that open questions are given before a server that is shutting down is left."""
SUCCESSOR_PAUSE: Final = 2.0


class Crew(LinkReports, Protocol):
    """Who lives on a connection."""

    async def join(self, link: Link) -> None:
        """Settle on a new connection; raises what nats-py raises when it is gone already."""
        ...

    async def settle(self, within: float) -> None:
        """Return when nothing is under way on the present connection, or after ``within`` seconds."""
        ...

    def part(self, link: Link) -> None:
        """Let go of a connection that is over."""
        ...


class Supervisor:
    """Keeps one connection alive until it is cancelled."""

    def __init__(
        self, settings: BusSettings, book: AddressBook, board: StatusBoard, crew: Crew, rng: random.Random
    ) -> None:
        self._settings = settings
        self._book = book
        self._board = board
        self._crew = crew
        self._backoff = Backoff(settings.retry_first, settings.retry_last, rng)

    async def run(self) -> None:
        """Connect, and connect again, for ever."""
        successor: Link | None = None
        while True:
            link = successor or await self._reach()
            successor = await self._live(link)

    async def _reach(self) -> Link:
        """A connection to the first server that takes one, however long that lasts."""
        while True:
            causes = []
            for address in self._book.round():
                link = Link(address, self._settings, self._crew)
                cause = await link.open()
                if cause is None:
                    return link
                causes.append(cause)
            worst = min(causes, key=lambda cause: cause.trouble)
            self._board.down(worst)
            await self._pause(worst)

    async def _live(self, link: Link) -> Link | None:
        """The life of ``link``; a successor where one was found before it ended."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        cause: Cause | None = None
        successor: Link | None = None
        try:
            if self._settings.discover:
                self._book.learn(link.client.discovered_servers, link.address)
            await self._crew.join(link)
            successor = await self._until_over(link)
            cause = None if successor else link.ended.result()
        except (nats.errors.Error, OSError) as error:  # it went while joining
            cause = link.ended.result() if link.ended.done() else explain(error, link.address, self._settings)
        finally:
            self._crew.part(link)
            self._board.lost(cause)
            await link.close(politely=cause is None)
        if cause is None or loop.time() - began >= STEADY:
            self._backoff.reset()
        else:
            await self._pause(cause)
        return successor

    async def _until_over(self, link: Link) -> Link | None:
        """Wait for the end of ``link``, or for a successor when its server is shutting down."""
        pinging = asyncio.create_task(link.keep_pinging())
        pacing = asyncio.create_task(link.keep_pace())
        leaving = asyncio.create_task(link.leaving.wait())
        try:
            either: set[asyncio.Future[Any]] = {link.ended, leaving}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if link.ended.done():
                return None
            self._board.note(lame_duck(link.address))
            return await self._successor(link)
        finally:
            await end(pinging, pacing, leaving)

    async def _successor(self, link: Link) -> Link | None:
        """Another server's connection, taken at a calm moment; None when ``link`` ended first."""
        await self._crew.settle(CALM)
        while not link.ended.done():
            for address in self._book.round(avoid=link.address):
                candidate = Link(address, self._settings, self._crew)
                if await candidate.open() is None:
                    return candidate
            await asyncio.wait({link.ended}, timeout=SUCCESSOR_PAUSE)
        return None

    async def _pause(self, cause: Cause) -> None:
        """Wait before the next round; not longer than until a refused secret is replaced."""
        refused = cause.trouble is Trouble.LOGIN
        known = fingerprint(self._settings) if refused else None
        loop = asyncio.get_running_loop()
        until = loop.time() + self._backoff.next(at_least=LOGIN_PAUSE if refused else 0.0)
        while (left := until - loop.time()) > 0:
            await asyncio.sleep(min(left, SECRET_POLL))
            if refused and fingerprint(self._settings) != known:
                return
