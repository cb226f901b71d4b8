"""Everything between one cluster and one person: the bus, the store, the look at the servers, and the operator."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence

from fxtop.actions.arming import Arming
from fxtop.actions.chain.rotation import Retention
from fxtop.actions.guardrails.compile import compiled
from fxtop.actions.inflow import Inflow
from fxtop.actions.journal import Journal, JournalError
from fxtop.actions.keyring import Keyring
from fxtop.actions.listening import note_connection
from fxtop.actions.model import Refused
from fxtop.actions.operator import Operator
from fxtop.bus.configured import bus_settings
from fxtop.bus.connection import NatsBus
from fxtop.bus.port import Bus, BusDown
from fxtop.bus.settings import subscriptions
from fxtop.bus.tasks import end
from fxtop.clock import Clock
from fxtop.cluster.records import Dirty, Severity
from fxtop.cluster.store import Store
from fxtop.config.settings import Settings
from fxtop.protocol.ids import NodeId
from fxtop.sources.moleculer.listener import MoleculerListener
from fxtop.sources.watch import Look, ServerWatch


class ClusterLink:
    """One cluster as one person sees and steers it. Brought up to date by `pump`; belongs to one event loop."""

    def __init__(
        self,
        bus: Bus,
        store: Store,
        clock: Clock,
        operator: Operator,
        watch: ServerWatch | None,
        moleculer: MoleculerListener | None = None,
    ) -> None:
        self.bus = bus
        self.store = store
        self.clock = clock
        self.operator = operator
        self.silent: dict[str, str] = {}
        """Configured servers that can't be reached, by URL, each with the reason in a sentence."""
        self.moleculer = moleculer
        """Who listens to FastX's own bus, where that was asked for."""
        self.inflow = Inflow(bus, store, clock)
        self._watch = watch
        self._asking: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._remembering: asyncio.Task[None] | None = None
        self._asked_on: float | None = None
        """When the connection began on which it was asked what became of our requests."""

    @property
    def arming(self) -> Arming:
        """The switch between looking and acting."""
        return self.operator.arming

    async def start(self) -> None:
        """Begin connecting and looking; returns at once."""
        await self.bus.start()
        if self.moleculer is not None:
            await self.moleculer.start()
        self._remembering = asyncio.create_task(self._recollect(), name="recollection")
        if self._watch is not None:
            self._watching = asyncio.create_task(self._look(self._watch), name="server watch")

    async def stop(self) -> None:
        """Disarm and close for good."""
        self.arming.disarm("the cluster was left")
        tasks = (self._watching, self._remembering, self._asking)
        await end(*(task for task in tasks if task is not None))
        await self.bus.stop()

    def pump(self, most: int | None = None) -> Dirty:
        """Fold in what came over the bus (``most`` messages of it), let time pass, and return what changed."""
        note_connection(self.store, self.bus.status)
        self.inflow.take_in(most)
        if self.moleculer is not None:
            self._overhear(self.moleculer)
        self.store.advance()
        self.operator.advance()
        self._ask_after_ours()
        self._ask_what_we_may()
        return self.store.drain_dirty()

    def rejections(self) -> dict[str, int]:
        """Rejected messages by reason."""
        by_reason: Counter[str] = Counter()
        for (reason, _), count in self.store.intake.rejected.items():
            by_reason[reason] += count
        return dict(by_reason)

    def bad_jobs(self) -> int:
        """Ended jobs that somebody must look at and that nobody has dismissed."""
        return sum(job.state.bad and not job.dismissed for job in self.store.jobs.values())

    def _overhear(self, moleculer: MoleculerListener) -> None:
        self.store.overhear(moleculer.take())
        for remark in moleculer.take_remarks():
            self.store.announce(*remark)

    async def _recollect(self) -> None:
        """Take up what was asked for before the console was started."""
        try:
            await self.operator.recollect()
        except JournalError as error:
            self.store.announce(Severity.WARN, f"What was asked for before is not known: {error}")

    def _ask_after_ours(self) -> None:
        """On each new connection ask what became of requests of ours that nobody knows the end of."""
        status = self.bus.status
        if self._remembering is None or not self._remembering.done() or not status.connected:
            return
        if status.since != self._asked_on:
            self._asked_on = status.since
            self._remembering = asyncio.create_task(self._resolve(), name="questions")

    def _ask_what_we_may(self) -> None:
        """On each new connection, and every now and then, ask a few agents what the operator's key may do."""
        status = self.bus.status
        busy = self._asking is not None and not self._asking.done()
        if self._watching is None or busy or not status.connected or not self.operator.may_act:
            return
        nodes = self.operator.permissions.due(status.since)
        if nodes:
            self._asking = asyncio.create_task(self._ask(nodes), name="permissions")

    async def _ask(self, nodes: Sequence[NodeId]) -> None:
        await self.operator.permissions.ask(nodes)

    async def _resolve(self) -> None:
        with contextlib.suppress(Refused, JournalError):  # then who looks at the jobs sees that nobody knows
            await self.operator.resolve()

    async def _look(self, watch: ServerWatch) -> None:
        with contextlib.suppress(BusDown):  # then the first rounds are skipped
            await self.bus.wait_connected(watch.interval)
        await watch.watch(lambda look: self._saw(look, watch.interval))

    def _saw(self, look: Look, interval: float) -> None:
        self.silent = dict(look.silent)
        self.store.sight(look.sightings, interval)


def open_link(settings: Settings, clock: Clock, keyring: Keyring | None = None) -> ClusterLink:
    """The link that ``settings`` ask for, not yet started.

    Raises:
        ValueError: a server's URL can't be read.
        KeyFileError: there is an operator's key, and it can't be used.
        ConfigError: something else in the settings can't be used.
    """
    reach = bus_settings(settings, subjects=subscriptions(settings.slug), sync_on_connect=True)
    bus = NatsBus(reach, clock, settings.slug)
    store = Store(settings.slug, clock)
    operator, watch = appoint(settings, bus, store, clock, keyring), ServerWatch(bus, bus.probe)
    return ClusterLink(bus, store, clock, operator, watch, overhearing(settings, bus, clock))


def overhearing(settings: Settings, bus: Bus, clock: Clock) -> MoleculerListener | None:
    """Who listens to FastX's own bus, where ``settings`` ask for it; what is read-only says nothing there either."""
    if not settings.moleculer:
        return None
    return MoleculerListener(bus, clock, discover=settings.moleculer_discover and not settings.read_only)


def appoint(settings: Settings, bus: Bus, store: Store, clock: Clock, keyring: Keyring | None = None) -> Operator:
    """The operator that ``settings`` name, disarmed, with the key and the journal that they name.

    Raises:
        KeyFileError: there is a key, and it can't be used.
        ConfigError: a rule of the site can't be.
    """
    return Operator(
        bus,
        store,
        clock,
        Arming(clock, settings.arm_minutes, settings.read_only),
        Journal(settings.journal, Retention.of_mib(settings.journal_mib, settings.journal_keep)),
        (keyring or Keyring()).signer(settings),
        settings.operator,
        bulk=settings.bulk,
        rules=compiled(settings.guardrails).of_cluster(settings.slug, settings.cluster),
        cancel_seconds=settings.cancel_seconds,
    )
