"""Folding in heartbeats of nodes: what comes thousands of times a second, and so in one piece.

A call costs as much as to decode two fields, and so does a look into what isn't a plain dict, set or struct. What a
heartbeat changes as a rule stands in `Beats.fold` itself; what it seldom does is called.
"""

from __future__ import annotations

from typing import Final

import msgspec

from fxtop.cluster import notices
from fxtop.cluster.allowance import ORDINARY
from fxtop.cluster.census import SKEW_SHOWN
from fxtop.cluster.history import History
from fxtop.cluster.records import NodeRow
from fxtop.cluster.roster import LIVE, Roster
from fxtop.cluster.sequence import AGAIN, OLD, RESTARTED
from fxtop.cluster.tables import Tables
from fxtop.protocol.ids import NodeId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.node import NodeHeartbeat

FIGURES: Final = 4
"""What of a heartbeat has a history: CPU, memory, load, and the number of sessions."""

_set: Final = msgspec.structs.force_setattr


class Beats:
    """The reducer of ``hb.node``."""

    def __init__(self, tables: Tables, roster: Roster[NodeId, NodeRow]) -> None:
        self._tables = tables
        self._roster = roster
        self._large = tables.allowance.beyond("hb.node")
        self._order = tables.intake.sequence("hb.node")

    def fold(self, beat: NodeHeartbeat, inbound: Inbound) -> None:
        """Fold a heartbeat in, which nobody else has seen yet."""
        tables, node, boot, at = self._tables, beat.node, beat.boot, inbound.at
        row = tables.nodes.get(node)
        large = len(inbound.payload) > ORDINARY or (self._large and node in self._large)
        if (row is None or large) and self._roster.refuses("hb.node", node, inbound):
            return
        order = self._order.admit(node, boot, beat.seq, beat.ts, inbound.synced)
        if order is OLD:
            return
        if row is None or row.liveness is not LIVE:
            row = self._roster.heard(node, at)
        row.heard = at
        old = row.beat
        if old is None or old.boot != boot or old.state != beat.state or beat.interval < old.interval:
            self._stands(row, old, beat)
        else:
            _set(beat, "boot", old.boot)
        _set(beat, "node", row.id)  # the texts that the row has already, and not once more with each heartbeat
        row.beat = beat
        skew, skewed = beat.ts - at - tables.wall_offset, tables.census.skewed
        row.skew = skew
        if (-SKEW_SHOWN <= skew <= SKEW_SHOWN) is (node in skewed.keys):
            skewed.mark(row.id, node not in skewed.keys)
        total, closed = beat.sessions.total, tables.census.closed
        is_open = beat.state == "active" and beat.weight > 0 and (beat.capacity is None or total < beat.capacity)
        if is_open is (node in closed.keys):
            closed.mark(row.id, not is_open)
        if order is not AGAIN:
            history = row.history
            if history is None or history.figures < FIGURES:
                history = row.history = History(FIGURES)
            mem = beat.mem_used / beat.mem_total if beat.mem_total else 0.0
            history.push_four(at, beat.cpu, mem, beat.load.one, total)
        if order is RESTARTED:
            notices.restarted(tables, row.id)
        tables.node_changed(row)

    def forget(self, node: NodeId) -> None:
        """Let a node go that none will be heard of again."""
        self._order.forget(node)

    def _stands(self, row: NodeRow, old: NodeHeartbeat | None, beat: NodeHeartbeat) -> None:
        """Note what is new: the first heartbeat, another start of the agent, another state, or a shorter interval."""
        tables, node = self._tables, row.id
        row.beat = beat
        _set(beat, "boot", self._order.streams[node].boot)
        if old is None or beat.interval < old.interval:
            self._roster.hasten(node)
        if old is None or beat.state != old.state:
            tables.census.drains.move(node, old.state if old else None, beat.state)
            if old is not None:
                notices.drain_changed(tables, node, beat)
