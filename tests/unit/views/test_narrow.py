from __future__ import annotations

from fxtop.cluster.records import SessionKey
from fxtop.cluster.store import Store
from fxtop.protocol.ids import NodeId, ServerId, SessionId
from fxtop.views.narrow import narrowed
from fxtop.views.panes import PANES, HolderKey
from tests.unit.views import make

S1, S2, S3 = (
    SessionKey(NodeId(node), SessionId(session))
    for node, session in (("viz01", "s1"), ("viz01", "s2"), ("viz02", "s3"))
)


def scene() -> Store:
    """Two nodes, each on a transporter of its own, with ann's seat on the first."""
    store = make.store(
        make.node("viz01"),
        make.node("viz02"),
        make.session("s1", "viz01", "ann"),
        make.session("s2", "viz01", "bob"),
        make.session("s3", "viz02", "ann"),
        make.transporter("S1", "mgr1"),
        make.transporter("S2", "mgr2"),
        make.pool("fastx"),
        make.pool("other"),
        make.job("r1", target="viz01", sessions=(SessionId("s1"),)),
        make.job("r2", target="viz02"),
    )
    store.transporters[ServerId("S1")].nodes = {NodeId("viz01")}
    store.transporters[ServerId("S2")].nodes = {NodeId("viz02")}
    held = make.holder("ann", "viz01")
    held.sessions = (S1,)
    fastx = next(row for row in store.pools.values() if row.pool.product == "fastx")
    fastx.holders = [held]
    return store


def pool(store: Store, product: str) -> object:
    return next(key for key in store.pools if key.product == product)


def test_to_a_node_belong_its_sessions_transporters_seats_and_jobs() -> None:
    store = scene()
    found = narrowed(store, "nodes", NodeId("viz01"))
    assert found == {
        "sessions": {S1, S2},
        "transporters": {"S1"},
        "licenses": {pool(store, "fastx")},
        "jobs": {"r1"},
    }


def test_to_a_transporter_belong_its_nodes_and_what_is_on_them() -> None:
    found = narrowed(scene(), "transporters", ServerId("S2"))
    assert found == {"nodes": {"viz02"}, "sessions": {S3}, "licenses": set(), "jobs": {"r2"}}


def test_to_a_pool_belong_the_sessions_of_its_holders_and_their_nodes() -> None:
    store = scene()
    assert narrowed(store, "licenses", pool(store, "fastx")) == {"sessions": {S1}, "nodes": {"viz01"}}
    assert narrowed(store, "licenses", pool(store, "other")) == {"sessions": set(), "nodes": set()}


def test_to_a_holder_belong_its_sessions_and_its_pool() -> None:
    store = scene()
    key = pool(store, "fastx")
    found = narrowed(store, "holders", HolderKey(key, 0))  # type: ignore[arg-type]  # a key of the store
    assert found == {"sessions": {S1}, "nodes": {"viz01"}, "licenses": {key}}


def test_to_a_session_belong_its_node_and_the_jobs_that_name_it() -> None:
    found = narrowed(scene(), "sessions", S1)
    assert found == {"nodes": {"viz01"}, "transporters": {"S1"}, "licenses": set(), "jobs": {"r1"}}


def test_to_a_user_belong_the_sessions_their_nodes_and_the_seats() -> None:
    store = scene()
    found = narrowed(store, "users", "ann")
    assert found == {"sessions": {S1, S3}, "nodes": {"viz01", "viz02"}, "licenses": {pool(store, "fastx")}}
    assert narrowed(store, "users", "eve") == {"sessions": set(), "nodes": set(), "licenses": set()}


def test_to_a_job_belong_its_node_and_the_sessions_it_names_or_all_of_the_node() -> None:
    assert narrowed(scene(), "jobs", "r1") == {"nodes": {"viz01"}, "sessions": {S1}}
    assert narrowed(scene(), "jobs", "r2") == {"nodes": {"viz02"}, "sessions": {S3}}


def test_to_what_is_gone_belongs_nothing() -> None:
    store = make.store()
    assert narrowed(store, "jobs", "r9") == {}
    assert narrowed(store, "nodes", "viz99")["sessions"] == set()
    assert narrowed(store, "transporters", "S9")["nodes"] == set()


def test_other_panes_narrow_nothing_and_only_panes_are_narrowed() -> None:
    store = scene()
    assert narrowed(store, "events", -1) == {}
    for pane, row_id in (("nodes", "viz01"), ("sessions", S1), ("users", "ann"), ("jobs", "r1")):
        assert narrowed(store, pane, row_id).keys() <= PANES.keys() - {pane}
