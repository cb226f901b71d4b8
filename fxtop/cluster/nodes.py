"""Folding what nodes say of themselves: facts, and that they are there at all. Of heartbeats see `beats`."""

from __future__ import annotations

from typing import Final

from fxtop.cluster.acting import Acting
from fxtop.cluster.beats import Beats
from fxtop.cluster.census import LOCAL_DIR, SKEW_SHOWN, on_network, services_of
from fxtop.cluster.forgetting import Forgetting
from fxtop.cluster.hosts import Hosts
from fxtop.cluster.links import Links
from fxtop.cluster.liveness import is_heard
from fxtop.cluster.records import Liveness, NodeRow
from fxtop.cluster.roster import Kind, Roster
from fxtop.cluster.seats import Seats
from fxtop.cluster.sequence import OLD
from fxtop.cluster.tables import MAX_NODES, Tables
from fxtop.protocol.ids import NodeId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.node import NodeFacts

TEMP_DIR: Final = "FX_TEMP_DIR"
LEFTOVER: Final = "leftovers/"
"""What notes about settings without effect begin with (protocol 2)."""
FAILED: Final = "failed"
"""As systemd names the state of a unit that ended badly."""


class Nodes:
    """The reducer of ``facts.node``, and the one place where node rows are made and change standing."""

    def __init__(
        self, tables: Tables, acting: Acting, hosts: Hosts, links: Links, seats: Seats, forgetting: Forgetting
    ) -> None:
        self._tables = tables
        self._forgetting = forgetting
        self._acting = acting
        self._hosts = hosts
        self._links = links
        self._seats = seats
        self._facts = tables.intake.sequence("facts.node")
        self.roster: Roster[NodeId, NodeRow] = Roster(
            tables,
            tables.nodes,
            Kind(
                one="node",
                many="nodes",
                most=MAX_NODES,
                make=self._make,
                name=lambda row: row.id,
                interval=lambda row: row.interval,
                stood=self._stood,
            ),
        )
        self.beats = Beats(tables, self.roster)

    def facts(self, facts: NodeFacts, inbound: Inbound) -> None:
        """Fold in what changes rarely."""
        if self.roster.refuses("facts.node", facts.node, inbound):
            return
        order = self._facts.admit(self.own(facts.node), facts.boot, facts.seq, facts.ts, inbound.synced)
        if order is OLD:
            return
        row = self.heard(facts.node, facts.ts, inbound)
        facts = self._tables.sharing.facts(facts, row.id, self._facts.streams[row.id].boot)
        self._tables.drift.told(row.facts, facts)
        self._note(row, facts)
        row.facts = facts
        self._answers_to(row.id, facts.host)
        self._links.told(row.id, facts.transporters)
        self._tables.node_changed(row)

    def own(self, node: NodeId) -> NodeId:
        """The id that the node's row has, so that it is kept once and not once for each class of its messages."""
        row = self._tables.nodes.get(node)
        return row.id if row is not None else node

    def heard(self, node: NodeId, ts: float, inbound: Inbound) -> NodeRow:
        """The row of a node that a message sent at ``ts`` just spoke of."""
        row = self.roster.heard(node, inbound.at)
        skew = row.skew = ts - inbound.at - self._tables.wall_offset
        self._tables.census.skewed.mark(row.id, not -SKEW_SHOWN <= skew <= SKEW_SHOWN)
        return row

    def forget(self, row: NodeRow) -> None:
        """Let a node go that no agent ever spoke of, or none will again. Its sessions are gone already."""
        tables = self._tables
        del tables.nodes[row.id]
        self.beats.forget(row.id)
        self._facts.forget(row.id)
        for kind in ("hb.node", "facts.node"):
            tables.allowance.release(kind, row.id)
        tables.census.forget(row)
        if row.facts is not None:
            tables.drift.gone(row.facts)
        tables.dirty.nodes.add(row.id)
        self._links.told(row.id, ())
        self._seats.hosts_changed(self._hosts.names(row.id))
        self._hosts.forget(row.id)

    def _make(self, node: NodeId, at: float) -> NodeRow:
        self._answers_to(node, node)
        return NodeRow(id=node, heard=at, acting=self._acting.on_node(node))

    def _answers_to(self, node: NodeId, host: str) -> None:
        """Let whoever looks for ``host`` find the node."""
        before = self._hosts.names(node)
        if self._hosts.name(node, host):
            self._seats.hosts_changed((*before, *self._hosts.names(node)))

    def _stood(self, row: NodeRow, before: Liveness | None) -> None:
        """Let the sessions of a node follow it."""
        self._tables.census.nodes.move(row.id, before, row.liveness)
        self._tables.node_changed(row)
        self._forgetting.stood(row)
        for session in row.sessions.values():
            session.liveness = row.liveness
            self._tables.session_changed(session)
        if before is not None and is_heard(before) != is_heard(row.liveness):
            self._seats.node_changed(row.id)

    def _note(self, row: NodeRow, facts: NodeFacts) -> None:
        """Keep what findings are made from; ``row`` still holds the facts that were known before."""
        census = self._tables.census
        census.network_temp.mark(row.id, on_network(facts, TEMP_DIR) is not None)
        census.local_dirs.move(row.id, on_network(row.facts, LOCAL_DIR), on_network(facts, LOCAL_DIR))
        census.services.move(row.id, services_of(row.facts), services_of(facts))
        census.leftovers.mark(row.id, any(about.startswith(LEFTOVER) for about in facts.notes))
        census.failed_units.mark(row.id, any(unit.active == FAILED for unit in facts.units))
