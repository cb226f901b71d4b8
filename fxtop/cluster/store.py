"""The store: the one writer of everything that is known of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from fxtop.clock import Clock
from fxtop.cluster.nodes import Nodes
from fxtop.cluster.records import Dirty, Row
from fxtop.cluster.sessions import Sessions
from fxtop.cluster.snapshots import Snapshots
from fxtop.cluster.tables import Tables
from fxtop.protocol.decode import Rejected, decode
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.inbound import Inbound

Reducer = Callable[[Any, Inbound], None]
"""What folds the messages of one subject class; it is only ever given that class's struct."""


class Store(Tables):
    """All that is known of one cluster. `fold`, `sight` and `advance` write; everybody else reads."""

    def __init__(self, cluster: ClusterSlug, clock: Clock) -> None:
        super().__init__(cluster, clock)
        snapshots = Snapshots()
        self._nodes = Nodes(self)
        self._sessions = Sessions(self, self._nodes, snapshots)
        self._reducers: dict[str, Reducer] = {
            "hb.node": self._nodes.beat,
            "facts.node": self._nodes.facts,
            "session": self._sessions.change,
            "sessions": self._sessions.part,
        }

    def fold(self, batch: Iterable[Inbound]) -> None:
        """Decode and fold in messages in the order they came. Whatever the bytes are, it counts them and goes on."""
        self.wall_offset = self.clock.now() - self.clock.monotonic()
        for inbound in batch:
            try:
                decoded = decode(inbound.subject, inbound.payload, self.cluster)
            except Rejected as rejected:
                self.intake.reject(rejected.reason, inbound.subject, rejected.detail)
                continue
            reducer = self._reducers.get(decoded.kind)
            if reducer is not None:
                reducer(decoded.message, inbound)

    def advance(self) -> None:
        """Let time pass: silence is noticed, and what follows from it is marked dirty. Ages alone mark nothing."""
        self._nodes.advance(self.clock.monotonic())

    def drain_dirty(self) -> Dirty:
        """The ids that changed since the last call."""
        dirty, self.dirty = self.dirty, Dirty()
        return dirty

    def age(self, row: Row) -> float:
        """Seconds since anything was heard of ``row``."""
        return max(0.0, self.clock.monotonic() - row.heard)

    def heard_anything(self) -> bool:
        """Whether any message was taken at all; before that an empty pane means that nothing is known."""
        return self.intake.accepted > 0
