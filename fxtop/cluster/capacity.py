"""Where sessions are and where more may go: sessions of each node against what it is meant to carry.

Histogram, plans and the cluster manager all read this, so that they agree.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import msgspec

from fxtop.cluster.liveness import is_heard
from fxtop.cluster.records import NodeRow
from fxtop.cluster.store import Store
from fxtop.protocol.ids import NodeId
from fxtop.protocol.node import NodeState

LAUNCHER: Final = "launcher"
"""The FastX service that starts sessions; a node without it takes none."""


class Placement(msgspec.Struct, frozen=True):
    """One node as a place for sessions."""

    node: NodeId
    sessions: int
    capacity: int | None
    """None where nobody said how many it is meant to carry."""
    weight: float
    state: NodeState
    accepting: bool
    """Whether new sessions may be placed here now."""

    @property
    def free(self) -> int | None:
        """Sessions that still fit; None where the capacity is unknown."""
        return max(0, self.capacity - self.sessions) if self.capacity is not None else None


class Room(msgspec.Struct, frozen=True):
    """What some nodes can take together."""

    launchers: int
    """Nodes that take new sessions."""
    sessions: int
    """Sessions on those."""
    free: int | None
    """Sessions that still fit there; None where the capacity of one of them is unknown."""


def placement(row: NodeRow) -> Placement | None:
    """A node as a place for sessions; None before its first heartbeat."""
    beat = row.beat
    if beat is None:
        return None
    return Placement(
        node=row.id,
        sessions=beat.sessions.total,
        capacity=beat.capacity,
        weight=beat.weight,
        state=beat.state,
        accepting=is_launcher(row) and is_heard(row.liveness) and beat.state == "active" and beat.weight > 0,
    )


def is_launcher(row: NodeRow) -> bool:
    """Whether a node starts sessions; taken for granted while its services are not known."""
    return row.facts is None or not row.facts.services or LAUNCHER in row.facts.services


def placements(store: Store, nodes: Collection[NodeId] | None = None) -> list[Placement]:
    """All nodes that start sessions, or those of ``nodes``, by id. Nodes that are lost or left are no place."""
    rows = store.nodes.values() if nodes is None else [store.nodes[node] for node in nodes if node in store.nodes]
    found = [placement(row) for row in rows if is_launcher(row) and is_heard(row.liveness)]
    return sorted((each for each in found if each is not None), key=lambda each: each.node)


def room(store: Store, without: Collection[NodeId] = ()) -> Room:
    """What the nodes that take sessions can still take, leaving out those of ``without``."""
    taking = [each for each in placements(store) if each.accepting and each.node not in without]
    free = [each.free for each in taking]
    known = [each for each in free if each is not None]
    return Room(
        launchers=len(taking),
        sessions=sum(each.sessions for each in taking),
        free=sum(known) if len(known) == len(free) else None,
    )
