"""Letting others see what is about to be done, and seeing what they are about to do.

An announcement is a hint that nobody signed: it is shown, and nothing is decided by it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from fxtop.actions.arming import Arming
from fxtop.actions.guardrails.foresee import nodes_of
from fxtop.actions.model import Plan
from fxtop.actions.words import listed
from fxtop.bus.port import Bus, BusError
from fxtop.cluster.intents import Intention
from fxtop.cluster.records import JobRow
from fxtop.protocol import subjects
from fxtop.protocol.consent import INTENT, MOST_NODES, IntentNotice
from fxtop.protocol.encode import encode
from fxtop.protocol.ids import NodeId
from fxtop.views.format import plural, spoken_duration

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

EVERY: Final = 5.0
"""Seconds between two announcements of the same thing."""
HOLDS: Final = 16.0
"""Seconds that one holds: three may be lost."""
LOOK: Final = 0.25
"""Seconds between two looks for others, who are told at once that they are not alone."""


class Announcement:
    """Tells the other consoles of one plan, from the moment it is shown to the moment it is sent or left.

    Nothing is said unless control is armed and the bus is there.
    """

    def __init__(self, bus: Bus, store: Store, arming: Arming, operator: str, plan: Plan) -> None:
        self._bus = bus
        self._store = store
        self._arming = arming
        self._id = secrets.token_hex(12)
        self._nodes = [NodeId(node) for node in nodes_of(plan)[:MOST_NODES]]
        self._operator = operator
        self._plan = plan
        self._said = False
        store.intents.own(self._id)

    async def keep(self, look: Callable[[], None] = lambda: None) -> None:
        """Say it until cancelled; ``look`` takes in what came over the bus, where nobody else does."""
        met: set[str] = set()
        due = 0.0
        while True:
            look()
            others = {each.id for each in self._store.intents.about(self._nodes)}
            now = self._store.clock.monotonic()
            if now >= due or others - met:
                await self._say(HOLDS)
                due = now + EVERY
            met |= others
            await asyncio.sleep(LOOK)

    async def leave(self) -> None:
        """Take it back."""
        if self._said:
            await self._say(0.0)

    async def _say(self, ttl: float) -> None:
        if not (self._arming.armed and self._bus.status.connected):
            return
        intent = self._plan.intent
        notice = IntentNotice(
            v=1,
            id=self._id,
            operator=self._operator,
            verb=intent.verb,
            nodes=self._nodes,
            sessions=len(intent.sessions),
            ttl=ttl,
        )
        with suppress(BusError):  # a hint that can't be given is none
            await self._bus.publish(subjects.build(self._store.cluster, INTENT, self._id), encode(notice))
            self._said = True


def others(plan: Plan, store: Store) -> tuple[str, ...]:
    """Who else is at the nodes of ``plan`` since it was made, in sentences."""
    nodes = [NodeId(node) for node in nodes_of(plan)]
    now = store.clock.monotonic()
    intentions = (_intention(each, nodes, now) for each in store.intents.about(nodes))
    return (*intentions, *(_begun(job) for job in _since(plan, store, nodes)))


def _intention(each: Intention, nodes: Collection[NodeId], now: float) -> str:
    shared = sorted(each.nodes.intersection(nodes))
    size = f" ({plural(each.sessions, 'session')})" if each.sessions else ""
    since = spoken_duration(now - each.since)
    return f"{each.operator or 'Somebody'} is about to {each.verb} {listed(shared)}{size}, for {since} now (unproven)."


def _since(plan: Plan, store: Store, nodes: Iterable[NodeId]) -> Iterable[JobRow]:
    jobs = {job.id: job for node in nodes for job in store.book.touching(node)}
    return (job for job in jobs.values() if job.requested_at > plan.made_at)


def _begun(job: JobRow) -> str:
    who = "You" if job.mine else job.operator or "Somebody"
    return f"{who} asked meanwhile for the {job.verb} of {job.target}{f': {job.reason}' if job.reason else ''}."
