"""Rows by hand, for tests that need to know exactly what is in them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, TypeVar

import msgspec

from fxtop.cluster.history import History
from fxtop.cluster.records import (
    HolderRow,
    JobRow,
    LicenseRow,
    Liveness,
    NodeRow,
    PoolKey,
    PoolRow,
    SeatState,
    SessionKey,
    SessionRow,
    ShareRow,
    Sighting,
    TransporterRow,
    UserRow,
)
from fxtop.cluster.store import Store
from fxtop.protocol.ids import ClusterSlug, LicenseId, ManagerId, NodeId, RequestId, ServerId, SessionId
from fxtop.protocol.license import Holder, Isv, LicenseHeartbeat, Pool
from fxtop.protocol.node import NodeFacts, NodeHeartbeat
from fxtop.protocol.session import SessionBody
from fxtop.protocol.share import StoreHeartbeat
from fxtop.protocol.transporter import TransporterHeartbeat
from fxtop.views.column import Column, Look
from fxtop.views.order import sort_key

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")

NOW = 1_795_000_000.0
"""2026-11-18 11:06:40 UTC."""
MONOTONIC = 1000.0
LOOK = Look(monotonic=MONOTONIC, now=NOW)
ASCII = Look(monotonic=MONOTONIC, now=NOW, ascii=True)
GIB = 1024**3


class StillClock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.at = MONOTONIC

    def monotonic(self) -> float:
        return self.at

    def now(self) -> float:
        return NOW + self.at - MONOTONIC


def sorted_ids(
    rows: Iterable[tuple[K, R]], column: Column[R], *, descending: bool, store: Store, look: Look
) -> list[K]:
    """The ids of ``rows`` in order, all sorted at once."""
    keys = [sort_key(id_, row, column, descending=descending, store=store, look=look) for id_, row in rows]
    return [key[-1] for key in sorted(keys)]


AnyRow = NodeRow | SessionRow | TransporterRow | PoolRow | LicenseRow | JobRow | ShareRow | UserRow


def store(*rows: AnyRow) -> Store:
    """A store that holds just these rows."""
    made = Store(ClusterSlug("test"), StillClock())
    for row in rows:
        put(made, row)
    return made


def put(made: Store, row: AnyRow) -> None:
    match row:
        case NodeRow():
            if row.id in made.nodes:
                row.sessions = made.nodes[row.id].sessions
            made.nodes[row.id] = row
        case SessionRow():
            node = made.nodes.setdefault(row.key.node, NodeRow(id=row.key.node, heard=row.heard, liveness=row.liveness))
            made.sessions.put(node, row)
        case TransporterRow():
            made.transporters[row.id] = row
        case PoolRow():
            made.pools[row.key] = row
        case LicenseRow():
            made.licenses[row.id] = row
        case JobRow():
            made.jobs[row.id] = row
        case ShareRow():
            made.shares[row.id] = row
        case UserRow():
            made.users[row.user] = row


def beat(node: str = "viz01", **fields: Any) -> NodeHeartbeat:
    known: dict[str, Any] = {
        "v": 1,
        "ts": NOW,
        "boot": "b",
        "seq": 1,
        "node": node,
        "interval": 5.0,
        "state": "active",
        "cpu": 0.42,
        "load": [1.5, 1.2, 0.9],
        "cores": 16,
        "mem_used": 8 * GIB,
        "mem_total": 64 * GIB,
        "sessions": {"pending": 1, "running": 9, "disconnected": 2},
        "capacity": 40,
        "uptime": 86_400.0,
    }
    return msgspec.convert(known | fields, NodeHeartbeat)


def facts(node: str = "viz01", **fields: Any) -> NodeFacts:
    known: dict[str, Any] = {
        "v": 1,
        "ts": NOW,
        "boot": "b",
        "seq": 1,
        "node": node,
        "host": f"{node}.example.edu",
        "services": ["user", "launcher"],
        "versions": {"fastx": "5.0.3", "agent": "0.1.0", "os": "Rocky 9.4"},
        "units": [{"name": "fastx", "active": "active"}],
        "dirs": [
            {
                "name": "FX_TEMP_DIR",
                "path": "/tmp",
                "fstype": "xfs",
                "total": 100 * GIB,
                "free": 40 * GIB,
                "network": False,
            }
        ],
        "config": {"server.ini": "ab" * 32},
        "transporters": [{"server_id": "S1", "name": "mgr1"}],
        "metadata": {"rack": "r1"},
        "provider": "fastx5",
    }
    return msgspec.convert(known | fields, NodeFacts)


def node(id_: str = "viz01", *, age: float = 2.0, liveness: Liveness = Liveness.LIVE, **fields: Any) -> NodeRow:
    """A node with heartbeat and facts; ``fields`` are the heartbeat's."""
    past = History(1)
    for second, value in enumerate((0.1, 0.2, 0.42)):
        past.push(second, value)
    return NodeRow(
        id=NodeId(id_),
        heard=MONOTONIC - age,
        liveness=liveness,
        beat=beat(id_, **fields),
        facts=facts(id_),
        history=past,
    )


def bare_node(id_: str = "viz09") -> NodeRow:
    """A node that only a session spoke of."""
    return NodeRow(id=NodeId(id_), heard=MONOTONIC)


def session(
    id_: str = "s1",
    node_: str = "viz01",
    user: str = "ann",
    *,
    age: float = 2.0,
    liveness: Liveness = Liveness.LIVE,
    seat: SeatState = SeatState.HELD,
    **fields: Any,
) -> SessionRow:
    known: dict[str, Any] = {"id": id_, "node": node_, "user": user, "state": "running"}
    return SessionRow(
        key=SessionKey(NodeId(node_), SessionId(id_)),
        body=msgspec.convert(known | fields, SessionBody),
        heard=MONOTONIC - age,
        liveness=liveness,
        seat=seat,
    )


def user(name: str = "ann", **counts: int) -> UserRow:
    """Somebody with so many sessions in each state."""
    return UserRow(user=name, sessions=sum(counts.values()), **counts)


def transporter(id_: str = "S1", name: str = "mgr1", **fields: Any) -> TransporterRow:
    """A server with an agent beside it; ``fields`` are the heartbeat's."""
    known: dict[str, Any] = {
        "v": 1,
        "ts": NOW,
        "boot": "b",
        "seq": 1,
        "server": id_,
        "name": name,
        "version": "2.15.1",
        "host": f"{name}.example.edu",
        "port": 4222,
        "uptime": 3600.0,
        "connections": 12,
        "total_connections": 30,
        "subscriptions": 99,
        "routes": [{"remote_id": "S2", "remote_name": "mgr2", "rtt": 0.002}],
        "configured_routes": 1,
        "in_msgs": 10,
        "out_msgs": 20,
        "in_bytes": 1000,
        "out_bytes": 2000,
        "slow_consumers": 0,
        "mem": 20 * 1024**2,
        "cpu": 0.03,
        "tls_required": True,
        "cert_expires": NOW + 40 * 86_400,
        "lame_duck": False,
        "jetstream": False,
        "via": "http",
        "interval": 5.0,
    }
    return TransporterRow(
        id=ServerId(id_), heard=MONOTONIC - 2, beat=msgspec.convert(known | fields, TransporterHeartbeat), island=1
    )


def sighted(id_: str = "S9", name: str = "mgr9") -> TransporterRow:
    """A server that only the shared token shows."""
    seen = Sighting(ServerId(id_), name, "10.0.0.9", "2.15.1", "fastx", 4, 9, 20, 1, 2, 3, 4, 0, False)
    return TransporterRow(id=ServerId(id_), heard=MONOTONIC, sighting=seen)


def pool(product: str = "fastx", server: str = "5053@lic01", **fields: Any) -> PoolRow:
    known: dict[str, Any] = {
        "isv": "starnet",
        "product": product,
        "version": "5.0",
        "count": 20,
        "reserved": 0,
        "inuse": 12,
        "expires": NOW + 100 * 86_400,
        "kind": "counted",
        "checkouts_total": 500,
        "denials_total": 3,
    }
    return PoolRow(
        key=PoolKey(LicenseId(server), "starnet", product, "5.0", "1"),
        pool=msgspec.convert(known | fields, Pool),
        heard=MONOTONIC - 2,
    )


def license_(server: str = "5053@lic01", *, running: bool = True, **fields: Any) -> LicenseRow:
    known: dict[str, Any] = {
        "v": 1,
        "ts": NOW,
        "boot": "b",
        "seq": 1,
        "server": server,
        "reachable": True,
        "interval": 30.0,
        "isvs": [msgspec.to_builtins(Isv(name="starnet", running=running, restarts=0))],
        "pools": [],
        "holders": [],
    }
    return LicenseRow(id=LicenseId(server), heard=MONOTONIC - 2, beat=msgspec.convert(known | fields, LicenseHeartbeat))


def holder(user: str = "ann", host: str = "viz01", state: SeatState = SeatState.HELD, seats: int = 1) -> HolderRow:
    return HolderRow(
        holder=Holder(isv="starnet", product="fastx", version="5.0", user=user, host=host, seats=seats), state=state
    )


def job(id_: str = "r1", **fields: Any) -> JobRow:
    known: dict[str, Any] = {"verb": "drain", "target": "viz01", "operator": "ann", "requested_at": NOW - 60}
    return JobRow(id=RequestId(id_), heard=MONOTONIC - 1, **(known | fields))


def share(manager: str = "mgr1", **fields: Any) -> ShareRow:
    known: dict[str, Any] = {
        "v": 1,
        "ts": NOW,
        "boot": "b",
        "seq": 1,
        "manager": manager,
        "path": "/srv/fastx",
        "kind": "syncthing",
        "fstype": "xfs",
        "total": 100 * GIB,
        "free": 60 * GIB,
        "peers": [{"id": "P2", "name": "mgr2", "connected": True, "completion": 1.0, "last_seen": NOW}],
        "need_bytes": 0,
        "errors": 0,
        "interval": 30.0,
    }
    return ShareRow(id=ManagerId(manager), heard=MONOTONIC - 2, beat=msgspec.convert(known | fields, StoreHeartbeat))
