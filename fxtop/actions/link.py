"""Everything between one cluster and one person: the bus, the store, the look at the servers, and the operator.

The first screen shows what is here before the bus is spoken to and before anybody can act, so what those two need is
loaded when the link is started.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from fxtop.actions.arming import Arming
from fxtop.actions.errors import JournalError, Refused
from fxtop.actions.inflow import Inflow
from fxtop.actions.keyring import Keyring
from fxtop.actions.listening import note_connection
from fxtop.actions.words import signature_name
from fxtop.bus.configured import bus_settings
from fxtop.bus.late import LateBus
from fxtop.bus.port import Bus, BusDown
from fxtop.bus.settings import subscriptions
from fxtop.bus.tasks import end
from fxtop.clock import Clock
from fxtop.cluster.records import Dirty, Severity
from fxtop.cluster.store import Store
from fxtop.config.settings import Settings
from fxtop.protocol.ids import NodeId
from fxtop.sources.watch import Look, ServerWatch

if TYPE_CHECKING:
    from fxtop.actions.guardrails.judge import Guardrails
    from fxtop.actions.operator import Operator
    from fxtop.protocol.signing import Signer
    from fxtop.sources.moleculer.listener import MoleculerListener


class Appointment(NamedTuple):
    """An operator who has not begun: as much of one as looking at a cluster takes."""

    name: str
    arming: Arming
    begin: Callable[[], Operator]
    """Makes the operator, and loads what that takes."""


class ClusterLink:
    """One cluster as one person sees and steers it: `inflow` folds in, `settle` follows. Belongs to one event loop."""

    def __init__(
        self,
        bus: Bus,
        store: Store,
        clock: Clock,
        operator: Operator | Appointment,
        watch: ServerWatch | None,
        moleculer: MoleculerListener | None = None,
    ) -> None:
        self.bus = bus
        self.store = store
        self.clock = clock
        self.arming = operator.arming
        """The switch between looking and acting."""
        self.operator_name = operator.name
        """Who acts, as people know them."""
        self._operator = None if isinstance(operator, Appointment) else operator
        self._appoint = operator.begin if isinstance(operator, Appointment) else lambda: operator
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
    def operator(self) -> Operator:
        """The one who acts, from the first time on that somebody asks."""
        if self._operator is None:
            self._operator = self._appoint()
        return self._operator

    @property
    def trouble(self) -> str | None:
        """Why the journal lacks something that happened, as a sentence, or None."""
        return None if self._operator is None else self._operator.trouble

    def objection(self, action: str) -> str | None:
        """Why the operator's key may not do ``action``, as a sentence; None where it may, or nobody said so yet."""
        return None if self._operator is None else self._operator.permissions.objection(action)

    async def start(self) -> None:
        """Begin connecting and looking; returns as soon as what that takes is loaded, beside the event loop."""
        await self.bus.start()
        await self._begin()
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

    def settle(self) -> Dirty:
        """Let time pass, and return what changed since the last time."""
        note_connection(self.store, self.bus.status)
        if self.moleculer is not None:
            self._overhear(self.moleculer)
        self.store.advance(self.inflow.complete_until)
        if self._operator is not None:
            self._operator.advance()
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

    async def _begin(self) -> None:
        """Have the operator here; who asks for one meanwhile is served at once, and that one stays."""
        if self._operator is None:
            made = await asyncio.to_thread(self._appoint)
            self._operator = self._operator or made

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
    bus = LateBus(reach, clock, settings.slug)
    store = Store(settings.slug, clock)
    appointment, watch = _appointment(settings, bus, store, clock, keyring), ServerWatch(bus, bus.probe)
    return ClusterLink(bus, store, clock, appointment, watch, overhearing(settings, bus, clock))


def overhearing(settings: Settings, bus: Bus, clock: Clock) -> MoleculerListener | None:
    """Who listens to FastX's own bus, where ``settings`` ask for it; what is read-only says nothing there either."""
    if not settings.moleculer:
        return None
    from fxtop.sources.moleculer.listener import MoleculerListener  # noqa: PLC0415  # loaded by those who ask for it

    return MoleculerListener(bus, clock, discover=settings.moleculer_discover and not settings.read_only)


def appoint(settings: Settings, bus: Bus, store: Store, clock: Clock, keyring: Keyring | None = None) -> Operator:
    """The operator that ``settings`` name, disarmed, with the key and the journal that they name.

    Raises:
        KeyFileError: there is a key, and it can't be used.
        ConfigError: a rule of the site can't be.
    """
    return _appointment(settings, bus, store, clock, keyring).begin()


def _appointment(settings: Settings, bus: Bus, store: Store, clock: Clock, keyring: Keyring | None) -> Appointment:
    """What can be wrong with the settings is found here. Raises as `appoint`."""
    arming = Arming(clock, settings.arm_minutes, settings.read_only)
    signer, rules = (keyring or Keyring()).signer(settings), _rules(settings)
    return Appointment(
        signature_name(settings.operator),
        arming,
        lambda: _operator(settings, bus, store, clock, arming, signer, rules),
    )


def _rules(settings: Settings) -> Guardrails | None:
    """The site's rules for this cluster; None where there are none at all."""
    if not settings.guardrails.rules:
        return None
    from fxtop.actions.guardrails.compile import compiled  # noqa: PLC0415  # few have rules, and reading them takes much

    return compiled(settings.guardrails).of_cluster(settings.slug, settings.cluster)


def _operator(
    settings: Settings,
    bus: Bus,
    store: Store,
    clock: Clock,
    arming: Arming,
    signer: Signer | None,
    rules: Guardrails | None,
) -> Operator:
    """The operator himself, with all that acting takes."""
    from fxtop.actions.chain.rotation import Retention  # noqa: PLC0415  # after the first screen, as the module says
    from fxtop.actions.journal import Journal  # noqa: PLC0415  # as above
    from fxtop.actions.operator import Operator  # noqa: PLC0415  # as above

    return Operator(
        bus,
        store,
        clock,
        arming,
        Journal(settings.journal, Retention.of_mib(settings.journal_mib, settings.journal_keep)),
        signer,
        settings.operator,
        bulk=settings.bulk,
        rules=rules,
        cancel_seconds=settings.cancel_seconds,
    )
