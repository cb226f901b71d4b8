"""The store: the one writer of everything that is known of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from fxtop.clock import Clock
from fxtop.cluster.acting import Acting
from fxtop.cluster.forgetting import Forgetting
from fxtop.cluster.hosts import Hosts
from fxtop.cluster.intents import Intents
from fxtop.cluster.jobs import JobBook
from fxtop.cluster.licenses import Licenses
from fxtop.cluster.links import Links
from fxtop.cluster.nodes import Nodes
from fxtop.cluster.presence import Farewell
from fxtop.cluster.records import Dirty, NodeRow, Row, Sighting
from fxtop.cluster.refused import RECENT, Refused
from fxtop.cluster.seats import Seats
from fxtop.cluster.sessions import Sessions
from fxtop.cluster.shares import Shares
from fxtop.cluster.snapshots import Snapshots
from fxtop.cluster.tables import Tables
from fxtop.cluster.transporters import Transporters
from fxtop.cluster.unofficial import Unofficial
from fxtop.cluster.users import Users
from fxtop.cluster.voices import Voice
from fxtop.cluster.waits import Waits
from fxtop.protocol.consent import IntentNotice
from fxtop.protocol.control import Audit, JobProgress
from fxtop.protocol.decode import Rejected, take_apart
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.inbound import Inbound

Reducer = Callable[[Any, Inbound], None]
"""Folds the messages of one subject class in; it is only ever given that class's struct."""

NamedReducer = Callable[[Any, Any, Inbound], None]
"""As `Reducer`, for messages that only their subject says the sender of; that comes first."""


class Store(Tables):
    """All that is known of one cluster. `fold`, `sight`, `overhear` and `advance` write; everybody else reads."""

    def __init__(self, cluster: ClusterSlug, clock: Clock) -> None:
        super().__init__(cluster, clock)
        acting, hosts, snapshots = Acting(self), Hosts(), Snapshots()
        links = Links(self, hosts)
        self.book = JobBook(self, acting)
        self.refused = Refused()
        self.intents = Intents(self)
        self.seats = Seats(self, hosts, snapshots.complete)
        self.waits = Waits(self)
        self.by_user = Users(self)
        self._forgetting = Forgetting(self, self._forget)
        self._nodes = Nodes(self, acting, hosts, links, self.seats, self._forgetting)
        self._unofficial = Unofficial(self, self._nodes)
        self._sessions = Sessions(self, self._nodes, snapshots, acting, self.seats, self.waits, self.by_user)
        self._transporters = Transporters(self, links)
        self._licenses = Licenses(self, self.seats)
        self._shares = Shares(self)
        self._reducers: dict[str, Reducer] = {
            "hb.node": self._nodes.beats.fold,
            "facts.node": self._nodes.facts,
            "session": self._sessions.change,
            "sessions": self._sessions.part,
            "hb.transporter": self._transporters.beat,
            "hb.license": self._licenses.beat,
            "hb.store": self._shares.beat,
            "job": self._progress,
            "intent": self._intent,
        }
        self._named_reducers: dict[str, NamedReducer] = {
            "audit": self._audit,
            "bye.node": Farewell(self.intake, "node", self._nodes.roster.leave).bye,
            "bye.transporter": Farewell(self.intake, "transporter", self._transporters.roster.leave).bye,
            "bye.license": Farewell(self.intake, "license", self._licenses.roster.leave).bye,
            "bye.store": Farewell(self.intake, "store", self._shares.roster.leave).bye,
        }

    def fold(self, batch: Iterable[Inbound]) -> None:
        """Decode and fold in messages in the order they came. Whatever the bytes are, it counts them and goes on."""
        self.wall_offset = self.clock.now() - self.clock.monotonic()
        reducers, cluster = self._reducers, self.cluster
        for inbound in batch:
            try:
                kind, ids, message = take_apart(inbound.subject, inbound.payload, cluster)
            except Rejected as rejected:
                self.intake.reject(rejected.reason, inbound.subject, rejected.detail)
                continue
            reducer = reducers.get(kind)
            if reducer is not None:
                reducer(message, inbound)
            elif kind in self._named_reducers:
                self._named_reducers[kind](ids[0], message, inbound)
        self._settle()

    def sight(self, sightings: Sequence[Sighting], interval: float) -> None:
        """Take one round of the token-only view of the servers; the next one comes in ``interval`` seconds."""
        self._transporters.sight(sightings, interval)
        self._settle()

    def overhear(self, voices: Iterable[Voice]) -> None:
        """Take what was heard on FastX's own bus, unofficially."""
        self._unofficial.hear(voices)
        self._settle()

    def advance(self, until: float | None = None) -> None:
        """Let time pass: silence is noticed, and what follows from it is marked dirty. Ages alone mark nothing.

        Monotonic ``until`` is the moment up to which all that came is folded in; None is now. Who is silent is judged
        by it: of somebody whose heartbeat waits to be folded in nobody can say so.
        """
        now = self.clock.monotonic() if until is None else until
        for kind in (self._nodes, self._transporters, self._licenses, self._shares):
            kind.roster.advance(now)
        self._forgetting.advance(now)
        self._unofficial.advance(now)
        self.waits.advance(now)
        self.book.advance(now)
        self.refused.advance(now)
        self._settle()

    def drain_dirty(self) -> Dirty:
        """The ids that changed since the last call."""
        self.turn()
        dirty, self.dirty = self.dirty, Dirty()
        return dirty

    def age(self, row: Row) -> float:
        """Seconds since anything was heard of ``row``."""
        return max(0.0, self.clock.monotonic() - row.heard)

    def heard_anything(self) -> bool:
        """Whether anything was ever heard or seen; before that an empty pane means that nothing is known."""
        return self.intake.accepted > 0 or bool(self.transporters or self.nodes)

    def _settle(self) -> None:
        """Make what hangs together consistent again, once a batch."""
        self._unofficial.settle()
        self._transporters.settle()
        self.seats.settle()
        self.herald.flush()
        self.turn()

    def _forget(self, row: NodeRow) -> None:
        """Let go of a node that is gone for good; one that FastX's own bus still tells of stays, as that sees it."""
        if row.unofficial is not None:
            self._forgetting.stood(row)
            return
        self._sessions.forget(row)
        self._unofficial.forget(row.id)
        self._nodes.forget(row)

    def _progress(self, progress: JobProgress, inbound: Inbound) -> None:
        self.intake.accept()
        self.book.progress(progress, inbound.at)

    def _intent(self, notice: IntentNotice, inbound: Inbound) -> None:
        self.intents.hear(notice, inbound.at)

    def _audit(self, source: str, audit: Audit, inbound: Inbound) -> None:
        self.intake.accept()
        ago = min(RECENT, max(0.0, self.clock.now() - audit.ts)) if inbound.synced else 0.0
        self.refused.audit(source, audit, inbound.at - ago)
        if not audit.more:
            self.book.audit(source, audit, inbound.at)
