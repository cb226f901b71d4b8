"""The fleet as a plan sees it: frozen, and small enough to say whether it changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from fxtop.cluster.capacity import is_launcher
from fxtop.cluster.liveness import is_heard
from fxtop.cluster.records import Liveness, NodeRow
from fxtop.cluster.store import Store
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.node import NodeHeartbeat

STARTS_WINDOW: Final = 900.0
"""Seconds over which the rate of starts is taken."""


@dataclass(frozen=True, slots=True)
class FleetNode:
    """A node that speaks."""

    id: NodeId
    taking: bool
    """Whether new sessions may come: it neither drains nor is drained."""
    sessions: int
    """All of them, pending ones too."""
    capacity: int | None
    """None where nobody said; 0 is no seat at all."""
    weight: float
    cores: int
    load: float
    """Load average over 5 minutes."""
    mem_used: int
    mem_total: int

    @property
    def placing(self) -> bool:
        """Whether a plan may send sessions there. No capacity and no weight were given by somebody who meant it."""
        return self.taking and self.capacity != 0 and self.weight > 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pending session."""

    session: SessionId
    node: NodeId
    since: float
    """Unix seconds; 0 where nobody knows."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The nodes that a plan is about, in the order of their ids."""

    nodes: tuple[FleetNode, ...]
    waiting: tuple[Waiting, ...] = ()
    """Pending sessions, longest waiting first."""
    silent: tuple[NodeId, ...] = ()
    """Nodes that were asked for, or known, and don't speak."""
    others: tuple[NodeId, ...] = ()
    """Nodes that start no sessions: gateways, and managers of their own."""
    starts: float | None = None
    """Sessions that start in a second, lately; None where nobody tells when sessions started."""

    def fingerprint(self) -> str:
        """What must stay the same for a plan to hold: who is there, and who takes sessions."""
        lines = "\n".join(f"{node.id} {node.placing}" for node in self.nodes)
        return hashlib.sha256(lines.encode()).hexdigest()


def survey(store: Store, among: Collection[NodeId] | None = None) -> Fleet:
    """The fleet by what ``store`` knows, or the part of it that ``among`` names."""
    store.advance()
    asked = [row for row in store.nodes.values() if among is None or row.id in among]
    rows = [row for row in asked if is_launcher(row)]
    heard = {row.id: beat for row in rows if (beat := _present(row)) is not None}
    waiting = [
        Waiting(key.session, key.node, row.body.created or 0.0)
        for key, row in store.sessions.items()
        if key.node in heard and row.body.state == "pending"
    ]
    return Fleet(
        nodes=tuple(_node(id_, heard[id_]) for id_ in sorted(heard)),
        waiting=tuple(sorted(waiting, key=lambda pending: (pending.since, pending.session))),
        silent=tuple(sorted(row.id for row in rows if row.id not in heard and row.liveness is not Liveness.LEFT)),
        others=tuple(sorted(row.id for row in asked if not is_launcher(row))),
        starts=_starts(store, heard.keys()),
    )


def _present(row: NodeRow) -> NodeHeartbeat | None:
    return row.beat if is_heard(row.liveness) else None


def _node(id_: NodeId, beat: NodeHeartbeat) -> FleetNode:
    return FleetNode(
        id=id_,
        taking=beat.state == "active",
        sessions=beat.sessions.total,
        capacity=beat.capacity,
        weight=beat.weight,
        cores=max(1, beat.cores),
        load=beat.load.five,
        mem_used=beat.mem_used,
        mem_total=max(1, beat.mem_total),
    )


def _starts(store: Store, nodes: Collection[NodeId]) -> float | None:
    """Counted by the sessions that are still there, so sessions of a few minutes count for less than they are."""
    begun = [row for key, row in store.sessions.items() if key.node in nodes and row.body.state != "pending"]
    moments = [row.body.created - (row.skew or 0.0) for row in begun if row.body.created is not None]
    if begun and not moments:
        return None
    since = store.clock.now() - STARTS_WINDOW
    return sum(moment > since for moment in moments) / STARTS_WINDOW
