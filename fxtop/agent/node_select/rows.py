"""The rows of the placement table, from what an agent hears."""

from __future__ import annotations

from fxtop.agent.node_select.table import TableRow
from fxtop.cluster.capacity import is_launcher
from fxtop.cluster.records import NodeRow
from fxtop.cluster.store import Store
from fxtop.protocol.node import NodeHeartbeat


def table_rows(store: Store) -> list[TableRow]:
    """All nodes that start sessions, by id, as they are now; a node that was never heard to beat is none of them."""
    store.advance()
    beats = {row.id: row.beat for row in store.nodes.values() if row.beat is not None and is_launcher(row)}
    return [_table_row(store, store.nodes[node], beats[node]) for node in sorted(beats)]


def _table_row(store: Store, row: NodeRow, beat: NodeHeartbeat) -> TableRow:
    return TableRow(
        node=row.id,
        aliases=(row.host,) if row.host not in ("", row.id) else (),
        state=beat.state,
        weight=beat.weight,
        capacity=beat.capacity,
        pending=beat.sessions.pending,
        running=beat.sessions.running,
        disconnected=beat.sessions.disconnected,
        load=beat.load.one / max(1, beat.cores),
        mem_free=max(0, beat.mem_total - beat.mem_used),
        liveness=row.liveness.value,
        heard=store.age(row),
    )
