"""Which seat belongs to which session, and what can't be known of it."""

from __future__ import annotations

import pytest

from fxtop.cluster.joins import holders_of
from fxtop.cluster.records import HolderRow, PoolKey, SeatState
from fxtop.protocol.ids import LicenseId
from tests.unit.cluster.kit import LICENSE, Site, holder, key, pool

HELD, MISSING, UNKNOWN = SeatState.HELD, SeatState.MISSING, SeatState.UNKNOWN


def seat(site: Site, session: str = "s1", node: str = "viz01") -> SeatState:
    return site.store.sessions[key(node, session)].seat


def holders(site: Site) -> list[HolderRow]:
    return [each for row in site.store.pools.values() for each in row.holders]


def held(site: Site) -> list[SeatState]:
    return [each.state for each in holders(site)]


def test_a_session_and_a_seat_of_the_same_user_on_the_same_host_belong_together() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", "s1")
    site.license(("ann", "viz01"))
    assert (seat(site), held(site)) == (HELD, [HELD])
    assert holders(site)[0].sessions == (key("viz01", "s1"),)
    ((pool_key, row),) = holders_of(site.store, key("viz01", "s1"))
    assert pool_key == PoolKey(LicenseId(LICENSE), "starnet", "fastx", "5.0", "1")
    assert row.holder.user == "ann"


@pytest.mark.parametrize("host", ["viz01", "viz01.example.edu", "VIZ01"])
def test_the_host_may_be_named_by_id_fqdn_or_short_name(host: str) -> None:
    site = Site()
    site.beat()
    site.facts("viz01", host="viz01.example.edu")
    site.snapshot("viz01", "s1")
    site.license(("ann", host))
    assert (seat(site), held(site)) == (HELD, [HELD])


def test_a_seat_without_a_session_is_marked() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", {"id": "s1", "user": "bob"})
    site.license(("ann", "viz01"))
    assert held(site) == [MISSING]
    assert seat(site) is MISSING


def test_a_ghost_session_does_not_justify_a_seat_and_shows_that_it_holds_one() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", {"id": "s1", "state": "ghost"})
    site.license(("ann", "viz01"))
    assert held(site) == [MISSING]
    assert holders(site)[0].sessions == (key("viz01", "s1"),)
    assert seat(site) is HELD


def test_a_pending_session_needs_no_seat_yet() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", {"id": "s1", "state": "pending"})
    site.license()
    assert seat(site) is UNKNOWN
    site.session("viz01", "s1", state="running")
    assert seat(site) is MISSING


def test_a_holder_on_a_host_that_is_no_node_is_unknown_until_it_is_one() -> None:
    site = Site()
    site.license(("ann", "viz01"))
    assert held(site) == [UNKNOWN]
    site.beat()
    site.snapshot("viz01")
    assert held(site) == [MISSING]


def test_a_holder_is_found_when_the_host_of_a_node_becomes_known() -> None:
    site = Site()
    site.beat("n1")
    site.snapshot("n1", "s1")
    site.license(("ann", "viz01.example.edu"))
    assert (held(site), seat(site, node="n1")) == ([UNKNOWN], MISSING)
    site.facts("n1", host="viz01.example.edu")
    assert (held(site), seat(site, node="n1")) == ([HELD], HELD)


def test_nothing_is_missing_while_a_nodes_sessions_were_never_all_told() -> None:
    site = Site()
    site.beat()
    site.license(("ann", "viz01"))
    assert held(site) == [UNKNOWN]
    site.session("viz01", "s1")
    assert held(site) == [HELD]
    site.session("viz01", "s1", state="ended")
    assert held(site) == [UNKNOWN]
    site.snapshot("viz01")
    assert held(site) == [MISSING]


def test_seats_are_unknown_while_the_node_is_silent() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", "s1")
    site.license(("ann", "viz01"))
    site.wait(10.0)
    assert (seat(site), held(site)) == (HELD, [HELD])
    site.wait(5.0)
    assert (seat(site), held(site)) == (UNKNOWN, [UNKNOWN])
    site.beat()
    assert (seat(site), held(site)) == (HELD, [HELD])


def test_seats_are_unknown_while_the_licence_server_cannot_be_reached() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", "s1", {"id": "s2", "user": "bob"})
    site.license(("ann", "viz01"))
    assert (seat(site, "s1"), seat(site, "s2")) == (HELD, MISSING)
    site.license(reachable=False, pools=[])
    assert (seat(site, "s1"), seat(site, "s2"), held(site)) == (UNKNOWN, UNKNOWN, [UNKNOWN])
    site.license(("ann", "viz01"))
    assert (seat(site, "s1"), seat(site, "s2"), held(site)) == (HELD, MISSING, [HELD])


def test_seats_are_unknown_when_nobody_tells_of_the_licence_server_any_more() -> None:
    site = Site()
    site.beat(interval=300.0)
    site.snapshot("viz01", "s1")
    site.license(("ann", "viz01"), interval=10.0)
    site.wait(30.0)
    assert (seat(site), held(site)) == (UNKNOWN, [UNKNOWN])


def test_a_session_may_have_its_seat_on_the_server_that_is_not_heard() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", "s1")
    site.license(server="5053@one")
    assert seat(site) is MISSING
    site.license(server="5053@two", reachable=False, pools=[])
    assert seat(site) is UNKNOWN


def test_without_a_licence_server_nothing_is_known_of_seats() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", "s1")
    assert seat(site) is UNKNOWN


def test_seats_follow_a_session_that_comes_goes_and_changes_its_user() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01")
    site.license(("ann", "viz01"), ("bob", "viz01"))
    assert held(site) == [MISSING, MISSING]
    site.session("viz01", "s1", user="ann")
    assert held(site) == [HELD, MISSING]
    site.session("viz01", "s1", user="bob")
    assert held(site) == [MISSING, HELD]
    site.session("viz01", "s1", user="bob", state="ended")
    assert held(site) == [MISSING, MISSING]


def test_a_change_of_a_seat_marks_pool_and_session_dirty() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", "s1")
    site.license(("ann", "viz01"))
    site.store.drain_dirty()
    site.license()
    assert site.store.drain_dirty().sessions == {key("viz01", "s1")}
    site.license(("ann", "viz01"))
    site.store.drain_dirty()
    site.snapshot("viz01")
    assert len(site.store.drain_dirty().pools) == 1


def test_a_holder_of_a_product_without_a_pool_still_counts_for_its_session() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", "s1")
    site.license(pools=[pool()], holders=[holder("ann", "viz01", product="other")])
    assert seat(site) is HELD
    assert holders(site) == []
    ((pool_key, _),) = holders_of(site.store, key("viz01", "s1"))
    assert pool_key is None
