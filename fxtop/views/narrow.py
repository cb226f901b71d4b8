"""What belongs to a row: the ids that the other panes are narrowed to while it is selected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final

from fxtop.cluster.joins import holders_of, pools_of, transporters_of
from fxtop.cluster.records import HolderRow, PoolKey, RowRef, SessionKey
from fxtop.protocol.ids import LicenseId, NodeId, RequestId, ServerId
from fxtop.views.panes import FINDINGS, HOLDERS

if TYPE_CHECKING:
    from fxtop.cluster.store import Store
    from fxtop.views.panes import FindingKey, HolderKey

Narrowed = dict[str, AbstractSet[Any]]
"""By pane, the ids that belong; a pane that isn't named has nothing to do with the row and stays wide.

The sessions of a user are followed from then on; all else is as it was when it was asked for."""


def narrowed(store: Store, pane: str, row_id: Hashable) -> Narrowed:
    """What belongs to the row ``row_id`` of ``pane``, as things are now; empty where nothing can."""
    rule = _RULES.get(pane)
    return rule(store, row_id) if rule is not None else {}


def _of_node(store: Store, node: NodeId) -> Narrowed:
    nodes = {node}
    return {
        "sessions": _sessions_on(store, nodes),
        "transporters": {row.id for row in transporters_of(store, node)},
        "licenses": _pools_used_on(store, nodes),
        "jobs": _jobs_about(store, nodes),
    }


def _of_transporter(store: Store, server: ServerId) -> Narrowed:
    row = store.transporters.get(server)
    nodes = set(row.nodes) if row else set()
    return {
        "nodes": nodes,
        "sessions": _sessions_on(store, nodes),
        "licenses": _pools_used_on(store, nodes),
        "jobs": _jobs_about(store, nodes),
    }


def _of_pool(store: Store, pool: PoolKey) -> Narrowed:
    row = store.pools.get(pool)
    return _of_holders(row.holders if row else ())


def _of_holder(store: Store, key: HolderKey) -> Narrowed:
    row = HOLDERS.rows(store).get(key)
    return {**_of_holders((row,) if row else ()), "licenses": {key.pool}}


def _of_session(store: Store, key: SessionKey) -> Narrowed:
    return {
        "nodes": {key.node},
        "transporters": {row.id for row in transporters_of(store, key.node)},
        "licenses": {pool for pool, _ in holders_of(store, key) if pool is not None},
        "jobs": {job.id for job in store.jobs.values() if job.target == key.node and key.session in job.sessions},
    }


def _of_user(store: Store, user: str) -> Narrowed:
    sessions = store.by_user.sessions(user)
    held = {row.key for row in store.pools.values() if any(each.holder.user == user for each in row.holders)}
    return {"sessions": sessions, "nodes": {key.node for key in sessions}, "licenses": held}


def _of_job(store: Store, request: RequestId) -> Narrowed:
    job = store.jobs.get(request)
    if job is None:
        return {}
    node = NodeId(job.target)
    sessions = {SessionKey(node, session) for session in job.sessions}
    return {"nodes": {node}, "sessions": sessions or _sessions_on(store, {node})}


def _of_finding(store: Store, key: FindingKey) -> Narrowed:
    """The rows that it rests on, in the panes that show them."""
    found = FINDINGS.rows(store).get(key)
    evidence: defaultdict[str, set[Any]] = defaultdict(set)
    for ref in found.rows if found else ():
        pane, ids = _shown(store, ref)
        evidence[pane].update(ids)
    return dict(evidence)


def _shown(store: Store, ref: RowRef) -> tuple[str, Iterable[Any]]:
    """The pane in which a row is shown, and its ids there: a licence server is shown by its pools."""
    if ref.kind == "licenses":
        return "licenses", [row.key for row in pools_of(store, LicenseId(str(ref.id)))]
    return ("licenses" if ref.kind == "pools" else ref.kind), [ref.id]


def _of_holders(holders: Iterable[HolderRow]) -> Narrowed:
    sessions = {key for holder in holders for key in holder.sessions}
    return {"sessions": sessions, "nodes": {key.node for key in sessions}}


def _sessions_on(store: Store, nodes: Iterable[NodeId]) -> set[SessionKey]:
    return {key for node in nodes if node in store.nodes for key in store.nodes[node].sessions}


def _pools_used_on(store: Store, nodes: AbstractSet[NodeId]) -> set[PoolKey]:
    return {
        row.key
        for row in store.pools.values()
        if any(key.node in nodes for holder in row.holders for key in holder.sessions)
    }


def _jobs_about(store: Store, nodes: AbstractSet[NodeId]) -> set[RequestId]:
    return {job.id for job in store.jobs.values() if job.target in nodes}


_RULES: Final[dict[str, Callable[[Store, Any], Narrowed]]] = {
    "nodes": _of_node,
    "transporters": _of_transporter,
    "licenses": _of_pool,
    "holders": _of_holder,
    "sessions": _of_session,
    "users": _of_user,
    "jobs": _of_job,
    "findings": _of_finding,
}
