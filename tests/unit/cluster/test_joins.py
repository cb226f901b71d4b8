"""What belongs to what."""

from __future__ import annotations

from fxtop.cluster import joins
from fxtop.protocol.ids import LicenseId, NodeId, ServerId
from tests.unit.cluster.kit import LICENSE, Site, key, pool


def site_with_everything() -> Site:
    site = Site()
    for node in ("viz02", "viz01"):
        site.beat(node)
        site.facts(node, transporters=[{"server_id": "S1", "name": "s1"}])
        site.snapshot(node, "s2", {"id": "s1", "user": "bob"})
    site.transporter("S1", name="b")
    site.transporter("S2", name="a")
    site.license(("ann", "viz01"), pools=[pool(pool=2), pool(pool=1)])
    return site


def test_a_nodes_sessions() -> None:
    store = site_with_everything().store
    assert [str(row.key) for row in joins.sessions_of(store, NodeId("viz01"))] == ["viz01/s1", "viz01/s2"]
    assert joins.sessions_of(store, NodeId("nope")) == []


def test_a_users_sessions() -> None:
    store = site_with_everything().store
    assert [str(row.key) for row in joins.sessions_of_user(store, "bob")] == ["viz01/s1", "viz02/s1"]


def test_a_transporters_nodes_and_a_nodes_transporters() -> None:
    store = site_with_everything().store
    assert [row.id for row in joins.nodes_on(store, ServerId("S1"))] == ["viz01", "viz02"]
    assert joins.nodes_on(store, ServerId("S2")) == joins.nodes_on(store, ServerId("nope")) == []
    assert [row.name for row in joins.transporters_of(store, NodeId("viz01"))] == ["b"]


def test_a_sessions_seats_and_a_seats_sessions() -> None:
    store = site_with_everything().store
    ((pool_key, holder),) = joins.holders_of(store, key("viz01", "s2"))
    assert pool_key is not None
    assert [row.key for row in joins.sessions_of_holder(store, holder)] == [key("viz01", "s2")]
    assert joins.holders_of(store, key("viz02", "s2")) == joins.holders_of(store, key("no", "no")) == []


def test_a_licence_servers_pools_in_its_own_order() -> None:
    store = site_with_everything().store
    assert [row.key.pool for row in joins.pools_of(store, LicenseId(LICENSE))] == ["2", "1"]
    assert joins.pools_of(store, LicenseId("nope")) == []
