"""Which nodes are connected to which transporter: as nodes say (``facts.transporters``), and as servers show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final

from fxtop.cluster.hosts import Hosts
from fxtop.cluster.tables import Tables
from fxtop.protocol.ids import NodeId, ServerId
from fxtop.protocol.node import TransporterLink

MOST_LINKS: Final = 16
"""Transporters that are kept of what one node names; a cluster has a handful."""
MOST_SERVERS: Final = 10_000
"""Transporters that all nodes may name together."""


class Links:
    """Keeps ``nodes`` of the transporter rows. What is told of a server that has no row yet is kept until it has."""

    def __init__(self, tables: Tables, hosts: Hosts) -> None:
        self._tables = tables
        self._hosts = hosts
        self._told: dict[ServerId, set[NodeId]] = {}
        self._servers: dict[NodeId, frozenset[ServerId]] = {}
        self._shown: dict[ServerId, frozenset[NodeId]] = {}

    def told(self, node: NodeId, links: Iterable[TransporterLink]) -> None:
        """Take a node's own word for what it is connected to."""
        room = len(self._told) < MOST_SERVERS
        now = frozenset(link.server_id for link in islice(links, MOST_LINKS) if room or link.server_id in self._told)
        before = self._servers.get(node, frozenset())
        if now == before:
            return
        if now:
            self._servers[node] = self._tables.sharing.links(now)
        else:
            self._servers.pop(node, None)
        for server in before - now:
            self._told[server].discard(node)
            if not self._told[server]:
                del self._told[server]
            self._show_one(server, node, node in self._shown.get(server, ()))
        for server in now - before:
            self._told.setdefault(server, set()).add(node)
            self._show_one(server, node, True)

    def shown(self, clients: Mapping[ServerId, Iterable[str]]) -> None:
        """Take the names of connected clients, by server, for those nodes that have such a name."""
        nodes = {server: self._nodes_among(names) for server, names in clients.items()}
        before, self._shown = self._shown, nodes
        for server in before.keys() | nodes.keys():
            if before.get(server) != nodes.get(server):
                self.show(server)

    def show(self, server: ServerId) -> None:
        """Bring the row of a transporter up to date, if there is one."""
        row = self._tables.transporters.get(server)
        if row is None:
            return
        nodes = self._told.get(server, set()) | self._shown.get(server, frozenset())
        if nodes != row.nodes:
            row.nodes = nodes
            self._tables.transporter_changed(row)

    def _show_one(self, server: ServerId, node: NodeId, connected: bool) -> None:
        """Bring the row of a transporter up to date for one node: a join must not look at all nodes for each."""
        row = self._tables.transporters.get(server)
        if row is not None and (node in row.nodes) is not connected:
            (row.nodes.add if connected else row.nodes.discard)(node)
            self._tables.transporter_changed(row)

    def _nodes_among(self, names: Iterable[str]) -> frozenset[NodeId]:
        found = (self._hosts.resolve(name) for name in names)
        return frozenset(node for node in found if node is not None)
