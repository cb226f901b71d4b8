"""Joining a cluster for one command: connect, ask all agents for their state, wait until they have said it."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from fxtop.actions.listening import note_connection
from fxtop.bus.configured import bus_settings
from fxtop.bus.connection import NatsBus
from fxtop.bus.port import BusError, BusPhase, BusStatus
from fxtop.bus.settings import OBSERVED_KINDS, subscriptions
from fxtop.cli.answers import Answers, dropped, interrupted, not_answering, still_coming, unanswered
from fxtop.cli.output import say
from fxtop.clock import Clock, SystemClock
from fxtop.cluster.records import NodeRow
from fxtop.cluster.store import Store
from fxtop.config.error import ConfigError
from fxtop.config.settings import Settings
from fxtop.protocol.presence import ALL_CLASSES, HeartbeatClass
from fxtop.sources.moleculer.listener import MoleculerListener
from fxtop.sources.watch import Look

CONNECT_WITHIN: Final = 6.0
"""Seconds: enough for each of three servers to be tried once and refuse slowly."""

SPREAD: Final = 0.3
"""Seconds over which the agents spread their answers; a command is one asker and has somebody waiting for it."""

FIRST_WITHIN: Final = 1.5
"""Seconds for the first answer, the spread and a slow link included."""

QUIET: Final = 0.4
"""Seconds without an answer after which all are in; more than the spread."""

TRIP: Final = 5.0
"""Seconds for the server to answer a ping."""


class Scope(NamedTuple):
    """What a command has to hear, so that it asks for no more: with many nodes the rest is most of the time."""

    classes: tuple[HeartbeatClass, ...] = ALL_CLASSES
    """What the agents are asked for (protocol 3)."""
    kinds: tuple[str, ...] = OBSERVED_KINDS
    """The kinds of messages that are listened to."""


EVERYTHING: Final = Scope()
NODES: Final = Scope(("node",), tuple(kind for kind in OBSERVED_KINDS if kind not in ("session", "sessions")))
"""Nodes alone: a heartbeat counts its sessions, so that they needn't be told one by one."""


@dataclass(slots=True)
class Joined:
    """A cluster as one command sees it."""

    settings: Settings
    clock: Clock
    bus: NatsBus
    store: Store
    moleculer: MoleculerListener | None = None
    """Who listens to FastX's own bus, once somebody does."""
    classes: tuple[HeartbeatClass, ...] = ALL_CLASSES
    """What the agents are asked for."""
    missing: str = ""
    """A sentence on what their answers may lack; empty where nothing is known to be missing."""

    async def connect(self) -> None:
        """Return when connected; BusDown when each server was tried, for nobody waits for a command to try again."""
        until = self.clock.monotonic() + CONNECT_WITHIN
        while self.bus.status.phase is BusPhase.CONNECTING and (left := until - self.clock.monotonic()) > 0:
            await self.bus.wait_activity(left)
        await self.bus.wait_connected(0.0)

    def fold(self) -> float | None:
        """Take in what has come; the monotonic moment of the first answer to `sync` among it, if there is one."""
        note_connection(self.store, self.bus.status)
        batch = self.bus.take()
        self.store.fold(batch)
        if self.moleculer is not None:
            self.store.overhear(self.moleculer.take())
        self.store.advance()
        return next((message.at for message in batch if message.synced), None)

    def sight(self, look: Look, interval: float) -> None:
        """Take in what the servers show without agents."""
        self.store.sight(look.sightings, interval)

    async def ask(self) -> None:
        """Ask all agents; BusDown where there is no connection."""
        await self.bus.sync(SPREAD, self.classes)

    async def sync(self) -> None:
        """Ask all agents, and return when they have answered. Heartbeats meanwhile don't count as answers.

        What may be missing is in `missing` then, and is said on standard error. BusDown where nothing could be asked.
        """
        before = self.bus.status
        with self.bus.attentive():
            await self._ask_and_hear(before)
        if self.missing:
            say(self.missing)

    async def _ask_and_hear(self, before: BusStatus) -> None:
        await self.ask()
        try:
            await self.bus.round_trip(TRIP)
            answers = Answers(self.clock.monotonic(), spread=SPREAD, first=FIRST_WITHIN, quiet=QUIET)
            with _nothing_collected():
                await self._hear_out(answers)
        except BusError as error:
            self.missing = interrupted(str(error))
        else:
            self.missing = self._missing(answers, before)

    async def _hear_out(self, answers: Answers) -> None:
        """Take in answers until there are no more. BusError: the connection is lost."""
        now = self.clock.monotonic
        while not answers.cut_off(now()):
            left = answers.left(now(), self._behind)
            if left > 0:
                await self.bus.wait_activity(left)
            else:
                await self.bus.round_trip(TRIP)  # what the server had for us by now was said in time
            first = self.fold()
            if first is not None:
                answers.came(first, now())
            elif left <= 0:
                return

    def _behind(self) -> bool:
        return bool(self._unanswered())

    def _unanswered(self) -> list[NodeRow]:
        return unanswered(list(self.store.nodes.values()), sessions="session" in self.classes)

    def _missing(self, answers: Answers, before: BusStatus) -> str:
        """What may be missing, in a sentence; empty where nothing is known to be."""
        status, nodes = self.bus.status, len(self.store.nodes)
        if status.reconnects != before.reconnects:
            return interrupted("")
        if status.dropped > before.dropped:
            return dropped(status.dropped - before.dropped)
        if answers.cut_off(self.clock.monotonic()):
            return still_coming(nodes)
        silent = self._unanswered()
        return not_answering(silent, nodes) if silent else ""


@asynccontextmanager
async def joined(settings: Settings, scope: Scope = EVERYTHING) -> AsyncIterator[Joined]:
    """The cluster of ``settings``, its present state known as far as its agents tell it and ``scope`` asks for it.

    What may be missing was said by then, and is in `Joined.missing`.

    Raises:
        ConfigError: the connection can't be made as it is configured.
        BusDown: no server takes us.
    """
    async with opened(settings, scope) as cluster:
        await cluster.connect()
        await cluster.sync()
        yield cluster


@asynccontextmanager
async def opened(settings: Settings, scope: Scope = EVERYTHING) -> AsyncIterator[Joined]:
    """The same, perhaps not connected yet. ConfigError as in `joined`."""
    cluster = _unconnected(settings, scope)
    await cluster.bus.start()
    try:
        yield cluster
    finally:
        await cluster.bus.stop()


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """What comes in meanwhile stays to the end of the command, so garbage is looked for in none of it, nor later."""
    usual = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if usual:
            gc.enable()


def _unconnected(settings: Settings, scope: Scope) -> Joined:
    clock = SystemClock()
    try:
        reach = bus_settings(settings, subjects=subscriptions(settings.slug, scope.kinds))
        bus = NatsBus(reach, clock, settings.slug)
    except ValueError as error:
        raise ConfigError(str(error)) from None
    return Joined(settings, clock, bus, Store(settings.slug, clock), classes=scope.classes)
