"""Folding what nodes say of themselves: heartbeats, facts, and that they are there at all."""

from __future__ import annotations

from typing import Final

from fxtop.cluster import notices
from fxtop.cluster.history import Ring
from fxtop.cluster.liveness import Watch
from fxtop.cluster.records import Liveness, NodeRow, Severity
from fxtop.cluster.sequence import Order
from fxtop.cluster.tables import MAX_NODES, Tables
from fxtop.protocol.ids import NodeId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.node import NodeFacts, NodeHeartbeat

SKEW_SHOWN: Final = 2.0
"""Seconds that a sender's clock may differ from ours before it is worth a word (protocol 1)."""
TEMP_DIR: Final = "FX_TEMP_DIR"


class Nodes:
    """The reducer of ``hb.node`` and ``facts.node``, and the one place where node rows are made and change standing."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._watch: Watch[NodeId, NodeRow] = Watch(tables.nodes, lambda row: row.interval)
        self._beats = tables.intake.sequence("hb.node")
        self._facts = tables.intake.sequence("facts.node")

    def beat(self, beat: NodeHeartbeat, inbound: Inbound) -> None:
        """Fold a heartbeat in."""
        row = self._tables.nodes.get(beat.node)
        if row is None and self.full(beat.node, inbound):
            return
        order = self._beats.admit(beat.node, beat.boot, beat.seq, beat.ts, inbound.synced)
        if order is Order.OLD:
            return
        row = self.heard(beat.node, beat.ts, inbound)
        old, row.beat = row.beat, beat
        if old is None or beat.interval < old.interval:
            self._watch.expect(row.id)
        if old is None or beat.state != old.state:
            self._drain_changed(row, old, beat)
        if order is Order.RESTARTED:
            self._tables.announce(Severity.INFO, f"The agent on {row.id} was started anew.")
        if order is not Order.AGAIN:
            _sample(row, beat, inbound.at)
        self._tables.node_changed(row)

    def facts(self, facts: NodeFacts, inbound: Inbound) -> None:
        """Fold in what changes rarely."""
        if self._tables.nodes.get(facts.node) is None and self.full(facts.node, inbound):
            return
        order = self._facts.admit(facts.node, facts.boot, facts.seq, facts.ts, inbound.synced)
        if order is Order.OLD:
            return
        row = self.heard(facts.node, facts.ts, inbound)
        row.facts = facts
        temp_on_network = any(d.name == TEMP_DIR and d.network for d in facts.dirs)
        (self._tables.census.network_temp.add if temp_on_network else self._tables.census.network_temp.discard)(row.id)
        self._tables.node_changed(row)

    def full(self, node: NodeId, inbound: Inbound) -> bool:
        """Whether there is no room for a row of another node; counts the message that would need it."""
        if len(self._tables.nodes) < MAX_NODES:
            return False
        self._tables.intake.reject("full", inbound.subject, f"{MAX_NODES} nodes are known, {node} is not taken up")
        return True

    def heard(self, node: NodeId, ts: float, inbound: Inbound) -> NodeRow:
        """The row of a node that a message just spoke of, made where there is none, and live."""
        row = self._tables.nodes.get(node)
        if row is None:
            row = self._make(node, inbound.at)
        elif row.liveness is not Liveness.LIVE:
            silent = inbound.at - row.heard
            row.heard = inbound.at
            self._back(row, silent)
        row.heard = inbound.at
        row.skew = ts - inbound.at - self._tables.wall_offset
        if not -SKEW_SHOWN <= row.skew <= SKEW_SHOWN:
            self._tables.census.skewed.add(node)
        elif self._tables.census.skewed:
            self._tables.census.skewed.discard(node)
        return row

    def leave(self, node: NodeId) -> None:
        """The node said goodbye."""
        row = self._tables.nodes.get(node)
        if row is not None and row.liveness is not Liveness.LEFT:
            self._stand(row, Liveness.LEFT)
            self._tables.announce(Severity.INFO, f"Node {node} left.")

    def advance(self, now: float) -> None:
        """Let silence be seen."""
        changed = self._watch.overdue(now)
        for row, liveness in changed:
            self._stand(row, liveness)
        notices.fell_silent(self._tables, "node", "nodes", [(row.id, liveness) for row, liveness in changed])

    def _make(self, node: NodeId, at: float) -> NodeRow:
        row = NodeRow(id=node, heard=at, acting=self._tables.acting.on_node(node))
        self._tables.nodes[node] = row
        self._tables.census.nodes.move(node, None, row.liveness)
        self._tables.node_changed(row)
        self._watch.expect(node)
        return row

    def _back(self, row: NodeRow, silent: float) -> None:
        notices.came_back(self._tables, f"Node {row.id}", row.liveness, silent)
        self._stand(row, Liveness.LIVE)
        self._watch.expect(row.id)

    def _stand(self, row: NodeRow, liveness: Liveness) -> None:
        """Give a node and its sessions another liveness."""
        self._tables.census.nodes.move(row.id, row.liveness, liveness)
        row.liveness = liveness
        self._tables.node_changed(row)
        for session in self._tables.sessions_on(row):
            session.liveness = liveness
            self._tables.session_changed(session)

    def _drain_changed(self, row: NodeRow, old: NodeHeartbeat | None, beat: NodeHeartbeat) -> None:
        self._tables.census.drains.move(row.id, old.state if old else None, beat.state)
        if old is not None:
            notices.drain_changed(self._tables, row.id, beat)


def _sample(row: NodeRow, beat: NodeHeartbeat, at: float) -> None:
    """Keep the figures that have a history, once a heartbeat."""
    if row.cpu is None or row.mem is None or row.load is None or row.count is None:
        row.cpu, row.mem, row.load, row.count = Ring(), Ring(), Ring(), Ring()
    row.cpu.push(at, beat.cpu)
    row.mem.push(at, beat.mem_used / beat.mem_total if beat.mem_total else 0.0)
    row.load.push(at, beat.load[0])
    row.count.push(at, beat.sessions.total)
