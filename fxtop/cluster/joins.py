"""What belongs to what, asked of a store. All answers are in a stable order."""

from __future__ import annotations

from fxtop.cluster.records import HolderRow, NodeRow, PoolKey, PoolRow, SessionKey, SessionRow, TransporterRow
from fxtop.cluster.store import Store
from fxtop.protocol.ids import LicenseId, NodeId, ServerId


def sessions_of(store: Store, node: NodeId) -> list[SessionRow]:
    """The sessions of a node."""
    row = store.nodes.get(node)
    return [row.sessions[key] for key in sorted(row.sessions)] if row else []


def sessions_of_user(store: Store, user: str) -> list[SessionRow]:
    """A user's sessions on all nodes. The first time it looks at every session."""
    return [store.sessions[key] for key in sorted(store.by_user.sessions(user))]


def nodes_on(store: Store, server: ServerId) -> list[NodeRow]:
    """The nodes that are connected to a transporter."""
    row = store.transporters.get(server)
    return [store.nodes[node] for node in sorted(row.nodes) if node in store.nodes] if row else []


def transporters_of(store: Store, node: NodeId) -> list[TransporterRow]:
    """The transporters that a node is connected to."""
    found = [row for row in store.transporters.values() if node in row.nodes]
    return sorted(found, key=lambda row: (row.name, row.id))


def holders_of(store: Store, session: SessionKey) -> list[tuple[PoolKey | None, HolderRow]]:
    """The holders of seats that a session's user has on its node, each with its pool where that is known."""
    return store.seats.held_by(session)


def sessions_of_holder(store: Store, holder: HolderRow) -> list[SessionRow]:
    """The sessions that a holder's seats may be for: those of its user on its host."""
    return [store.sessions[key] for key in holder.sessions if key in store.sessions]


def pools_of(store: Store, server: LicenseId) -> list[PoolRow]:
    """The pools of a licence server, in its own order."""
    row = store.licenses.get(server)
    return [store.pools[key] for key in row.pools] if row else []
