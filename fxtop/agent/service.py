"""The agent, put together."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress

import fxtop
from fxtop.agent.announcer import Announcer
from fxtop.agent.background import Background
from fxtop.agent.bus_log import BusLog
from fxtop.agent.collectors.port import Collector
from fxtop.agent.config import AgentConfig
from fxtop.agent.desk import Desk
from fxtop.agent.history import HistoryAnswers
from fxtop.agent.identity import Identity
from fxtop.agent.manager.member import ClusterManager
from fxtop.agent.outbox import Outbox
from fxtop.agent.pace import Pace
from fxtop.agent.placement import Placement
from fxtop.agent.placement_table import TableKeeper
from fxtop.agent.providers.port import HostProbe, SessionProvider
from fxtop.agent.refusals import PERIOD
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.signal import Signal
from fxtop.agent.sync import NodeSpeaker, SyncAnswers
from fxtop.agent.trust import Trust
from fxtop.agent.watch import Watch
from fxtop.bus.port import Bus, Endpoint, Service
from fxtop.clock import Clock
from fxtop.protocol import subjects
from fxtop.protocol.history import KIND as HISTORY
from fxtop.protocol.signing import Signer

SERVICE_NAME = "fxtop-agent"
BUS_LOOK = 60.0


class Agent:
    """One node's agent. The bus is its own: it is started and stopped with it.

    Args:
        config: what it was told.
        bus: a bus that nobody else uses; it subscribes to nothing by itself.
        provider: whatever knows the sessions.
        host: whatever knows the machine.
        clock: time.
        collectors: what it follows beside the node.
        manager_key: makes it a cluster manager, which signs its requests to other nodes with it.

    Raises:
        StateError: its state directory can't be read.
    """

    def __init__(
        self,
        config: AgentConfig,
        bus: Bus,
        provider: SessionProvider,
        host: HostProbe,
        clock: Clock,
        *,
        collectors: Sequence[Collector] = (),
        manager_key: Signer | None = None,
    ) -> None:
        roles = ("node", *(["manager"] if manager_key else []), *dict.fromkeys(c.kind for c in collectors))
        self.config = config
        self.identity = Identity.fresh(config.cluster, config.node, roles)
        self._bus = bus
        self._provider = provider
        self._clock = clock
        self._background = Background(config.node)
        self._stopping = asyncio.Event()
        news = Signal()
        self.board = SessionBoard(config.node, news)
        self.placement = Placement(config.placement_file, news, config.weight)
        self._outbox = Outbox(bus, self.identity, clock)
        self._announcer = Announcer(config, self._outbox, self.board, self.placement, provider, host)
        self._watches = [Watch(collector, self._outbox, self.identity, clock) for collector in collectors]
        self._desk = Desk(
            config,
            self.identity,
            bus,
            clock,
            provider=provider,
            board=self.board,
            placement=self.placement,
            outbox=self._outbox,
            background=self._background,
        )
        self._history = HistoryAnswers(self._desk.journal, bus, self.identity)
        speaker = NodeSpeaker(self._announcer, self._watches, self._desk.jobs, self._desk.refusals)
        self._sync = SyncAnswers((speaker,), config.node)
        self._manager = ClusterManager(self.identity, bus, clock, manager_key) if manager_key else None
        self._table = self._make_table()
        self._service = self._make_service()
        self.placement.listen(self._announcer.placement_changed)

    async def run(self) -> None:
        """Run until `stop` is called or the task is cancelled, then say goodbye."""
        try:
            await self.start()
            await self._stopping.wait()
        finally:
            await self.stop()

    def relist(self, trust: Trust) -> None:
        """Go by another list of keys from now on; requests that were taken on go on."""
        self._desk.relist(trust)

    async def start(self) -> None:
        """Begin; returns when the agent listens, whether or not the bus is there yet."""
        await self._bus.start()
        await self._announcer.placement_changed()
        await self._announcer.look_at_host()
        await self._announcer.look_at_facts()
        await self._look_at_sessions()
        if self._manager is not None:
            await self._manager.join()
        if self._table is not None:
            await self._table.join()
            self._background.start(self._table.run(), "placement table")
        await self._bus.listen(subjects.build(self.identity.cluster, "sync"), self._sync.handle)
        await self._bus.listen(subjects.build(self.identity.cluster, HISTORY), self._history.handle)
        await self._bus.serve(self._service)
        for work, name in (
            (self._follow_bus(), "bus"),
            (self._beat(), "heartbeat"),
            (self._follow_host(), "host"),
            (self._follow_sessions(), "sessions"),
            (self._follow_facts(), "facts"),
            (self._tell_snapshots(), "snapshots"),
            (self._tell_refusals(), "refusals"),
        ):
            self._background.start(work, name)
        for watch in self._watches:
            self._background.start(watch.run(), watch.kind)

    async def stop(self, *, bye: bool = True) -> None:
        """End. Without ``bye`` nobody is told, as if the agent had been killed. Jobs are taken up at the next start."""
        self._stopping.set()
        await self._sync.stop()
        await self._history.stop()
        await self._background.stop()
        await self._desk.refusals.flush()
        if bye:
            await self._announcer.bye(self._clock.now(), self.identity.boot)
            for watch in self._watches:
                await watch.bye()
        await self._bus.stop()

    def _make_table(self) -> TableKeeper | None:
        path = self.config.placement_table
        if path is None:
            return None
        store = self._manager.store if self._manager else None
        return TableKeeper(path, self.identity, self._bus, self._clock, store)

    def _endpoints(self) -> Iterator[Endpoint]:
        yield from self._desk.endpoints()
        if self._manager is not None:
            yield from self._desk.manager_endpoints(*self._manager.verbs)

    def _make_service(self) -> Service:
        return Service(
            name=SERVICE_NAME,
            version=fxtop.__version__,
            description=f"fxtop agent of {self.config.node}",
            metadata={
                "cluster": self.identity.cluster,
                "node": self.identity.node,
                "roles": ",".join(self.identity.roles),
            },
            endpoints=tuple(self._endpoints()),
        )

    async def _follow_bus(self) -> None:
        """Say everything on each new connection: nobody knows what of the last one's words arrived."""
        connection: float | None = None
        bus_log = BusLog()
        while True:
            status = self._bus.status
            bus_log.note(status)
            if status.connected and status.since != connection:
                connection = status.since
                self._announcer.connected_to(status)
                await self._announcer.tell_all()
                if self._manager is not None:
                    await self._manager.ask_around()
            await self._bus.wait_activity(BUS_LOOK)
            heard = self._bus.take()
            for listener in (self._manager, self._table):
                if listener is not None:
                    listener.fold(heard)

    async def _beat(self) -> None:
        """Heartbeats of agents that start together are spread over the interval."""
        first = random.SystemRandom().uniform(0, self.config.interval)
        pace = Pace(self.config.interval, self._clock, first)
        while True:
            await pace.wait()
            await self._announcer.beat()

    async def _follow_host(self) -> None:
        pace = Pace(self.config.host_every or self.config.interval / 2, self._clock)
        while True:
            await pace.wait()
            await self._announcer.look_at_host()

    async def _follow_sessions(self) -> None:
        """At once when the provider knows of a change, and every now and then when it doesn't, or failed."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.config.poll_every):
                    await (self._provider.changed() if self._announcer.sees_sessions else self._stopping.wait())
            await self._look_at_sessions()

    async def _follow_facts(self) -> None:
        told = self._clock.monotonic()
        while True:
            await asyncio.sleep(min(self.config.facts_look, self.config.facts_every))
            changed = await self._announcer.look_at_facts()
            if changed or self._clock.monotonic() - told >= self.config.facts_every:
                told = self._clock.monotonic()
                await self._announcer.tell_facts()

    async def _tell_snapshots(self) -> None:
        pace = Pace(self.config.snapshot_every, self._clock)
        while True:
            await pace.wait()
            await self._announcer.tell_sessions()

    async def _tell_refusals(self) -> None:
        pace = Pace(PERIOD, self._clock)
        while True:
            await pace.wait()
            await self._desk.refusals.flush()

    async def _look_at_sessions(self) -> None:
        """Once the sessions are known, what the last life of the agent left can be judged."""
        await self._announcer.look_at_sessions()
        await self._desk.recover()
