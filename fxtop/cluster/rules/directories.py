"""What can be wrong with where nodes keep FastX's directories."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.census import LOCAL_DIR
from fxtop.cluster.nodes import TEMP_DIR
from fxtop.cluster.records import Finding
from fxtop.cluster.rules import troubles
from fxtop.cluster.rules.crowd import SHOWN, on_nodes, rows, subject_of
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming
from fxtop.protocol.ids import NodeId


def network_temp(store: Store) -> Iterator[Finding]:
    """Nodes whose sessions keep their temporary files on a network mount."""
    nodes = sorted(store.census.network_temp)
    if nodes:
        yield troubles.temp_on_network(
            subject_of(nodes, "nodes"),
            on_nodes(nodes),
            evidence=tuple(_lies(store, node, TEMP_DIR) for node in nodes[:SHOWN]),
            rows=rows("nodes", nodes),
        )


def shared_local(store: Store) -> Iterator[Finding]:
    """FX_LOCAL_DIR at the same place of the network on several nodes, and nothing in its path tells them apart."""
    for path, members in store.census.local_dirs.members.items():
        nodes = sorted(members)
        if len(nodes) > 1:
            yield troubles.local_shared(
                path,
                f"FX_LOCAL_DIR is {path} on a network file system on {len(nodes)} nodes: {naming(nodes)}",
                evidence=tuple(_lies(store, node, LOCAL_DIR) for node in nodes[:SHOWN]),
                rows=rows("nodes", nodes),
            )


def _lies(store: Store, node: NodeId, name: str) -> str:
    facts = store.nodes[node].facts
    for directory in facts.dirs if facts is not None else ():
        if directory.name == name:
            return f"{node}: {name} is {directory.path} ({directory.fstype or 'some network file system'})"
    return node
