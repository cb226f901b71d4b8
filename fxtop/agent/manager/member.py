"""A manager among the managers of a cluster."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from typing import Final

from fxtop.agent.identity import Identity
from fxtop.agent.manager.fleet import Fleet, survey
from fxtop.agent.manager.reach import Reach
from fxtop.agent.manager.shelf import PLAN_CLASS, PlanShelf, SharedPlan
from fxtop.agent.manager.verbs import MakePlan, Rebalance
from fxtop.agent.order import Refusal, Verb
from fxtop.bus.port import Bus, BusDown, BusError
from fxtop.clock import Clock
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.encode import encode
from fxtop.protocol.ids import NodeId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.signing import Signer

log = logging.getLogger(__name__)

OBSERVED: Final = ("hb.node", "facts.node", "bye.node", "session", "sessions")
"""The classes of messages that a plan is made from."""
SPREAD: Final = 1.0
"""Seconds within which the agents answer a manager that joins."""
SETTLE: Final = 0.5
"""Seconds that the last of them gets beyond that."""


class ClusterManager:
    """Keeps a view of the whole cluster, and answers for it."""

    def __init__(self, identity: Identity, bus: Bus, clock: Clock, signer: Signer) -> None:
        self._identity = identity
        self._bus = bus
        self._clock = clock
        self._store = Store(identity.cluster, clock)
        self._shelf = PlanShelf(clock)
        self._reach = Reach(bus, identity, clock, signer)
        self._asked: float | None = None

    @property
    def store(self) -> Store:
        """Its view of the cluster."""
        return self._store

    @property
    def verbs(self) -> Sequence[Verb]:
        """What it answers."""
        return (
            MakePlan(self._survey, self._shelf, self._clock, self._tell_others),
            Rebalance(self._survey, self._shelf, self._clock, self._reach),
        )

    async def join(self) -> None:
        """Begin to listen to the nodes, and to what other managers plan."""
        for kind in OBSERVED:
            await self._bus.subscribe(subjects.wildcard(self._identity.cluster, kind))
        await self._bus.listen(subjects.wildcard(self._identity.cluster, PLAN_CLASS), self._shelf.hear)

    async def ask_around(self) -> None:
        """Have all nodes say how they are, as after each connect."""
        try:
            await self._bus.sync(SPREAD)
        except BusDown as error:
            log.info("The nodes could not be asked: %s", error)
            return
        if self._asked is None:
            self._asked = self._clock.monotonic()

    def fold(self, batch: Sequence[Inbound]) -> None:
        """Take in what was heard."""
        self._store.fold(batch)
        self._store.drain_dirty()

    def _survey(self, among: Collection[NodeId] | None) -> Fleet:
        self.fold(self._bus.take())
        if self._asked is None or self._clock.monotonic() < self._asked + SPREAD + SETTLE:
            raise Refusal("not_ready", "This manager has just begun and doesn't know all nodes: ask again in a moment.")
        return survey(self._store, among)

    async def _tell_others(self, shared: SharedPlan) -> None:
        subject = subjects.build(self._identity.cluster, PLAN_CLASS, shared.plan.plan)
        try:
            await self._bus.publish(subject, encode(shared))
        except BusError as error:
            log.warning("The other managers were not told of plan %s: %s", shared.plan.plan, error)
