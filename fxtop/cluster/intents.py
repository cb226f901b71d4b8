"""What others are about to do, as their consoles announce it. Hints: nobody signed them, so nothing is decided by them.

They are few and short-lived. What is announced beyond a bound, or by one's own console, is not taken up.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

from fxtop.cluster.tables import Tables
from fxtop.protocol import subjects
from fxtop.protocol.consent import INTENT, IntentNotice
from fxtop.protocol.ids import NodeId

MOST: Final = 200
"""Announcements at a time; more than so many people are not at it at once."""


class Intention(msgspec.Struct, frozen=True):
    """Somebody has a plan before them."""

    id: str
    operator: str
    verb: str
    nodes: frozenset[NodeId]
    sessions: int
    since: float
    """Monotonic seconds at which it was first heard of."""
    until: float
    """Monotonic seconds after which it doesn't hold any more."""


class Intents:
    """The announcements that hold now."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._known: dict[str, Intention] = {}
        self._own: set[str] = set()

    def own(self, id_: str) -> None:
        """An announcement of our own, which comes back to us like any other."""
        self._own.add(id_)

    def hear(self, notice: IntentNotice, at: float) -> None:
        """Take an announcement that was received at monotonic ``at``."""
        self._tables.intake.accept()
        before = self._known.pop(notice.id, None)
        if notice.id in self._own or not notice.ttl:
            return
        self.advance(at)
        if len(self._known) >= MOST:
            subject = subjects.build(self._tables.cluster, INTENT, notice.id)
            self._tables.intake.reject("full", subject, f"{MOST} plans are announced already")
            return
        since = before.since if before else at
        nodes = frozenset(notice.nodes)
        self._known[notice.id] = Intention(
            notice.id, notice.operator, notice.verb, nodes, notice.sessions, since, at + notice.ttl
        )

    def about(self, nodes: Collection[NodeId]) -> tuple[Intention, ...]:
        """What others are about to do to any of ``nodes``, the longest known first."""
        now = self._tables.clock.monotonic()
        found = [each for each in self._known.values() if each.until > now and not each.nodes.isdisjoint(nodes)]
        return tuple(sorted(found, key=lambda each: (each.since, each.id)))

    def advance(self, now: float) -> None:
        """Forget what doesn't hold any more."""
        for id_ in [id_ for id_, each in self._known.items() if each.until <= now]:
            del self._known[id_]
