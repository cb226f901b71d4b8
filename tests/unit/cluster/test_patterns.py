"""Layouts that cannot work, told from those that only look odd."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.cluster.findings import findings
from fxtop.cluster.records import Finding, RowRef, Severity
from tests.unit.cluster.kit import Site

ALL = ("launcher", "webserver", "manager", "user", "socket", "forward")
COMPUTE = ("launcher", "user", "socket")
GATEWAY = ("webserver",)
PATTERNS = ("no-launcher", "manager-lost", "no-place", "service-missing")


def put(site: Site, services: Iterable[str], *nodes: str, **beat: Any) -> None:
    """Nodes that are heard, and run ``services``; their agents speak every 5 s."""
    for node in nodes:
        site.beat(node, **beat)
        site.facts(node, services=list(services))


def patterns(site: Site) -> dict[str, Finding]:
    return {each.kind: each for each in findings(site.store) if each.kind in PATTERNS}


def lose(site: Site, *lost: str) -> None:
    """Time passes in which all but ``lost`` are heard."""
    for _ in range(7):
        site.wait(5.0)
        for node in site.store.nodes:
            if node not in lost:
                site.beat(node)


def names(count: int, prefix: str = "viz") -> list[str]:
    return [f"{prefix}{number:02d}" for number in range(count)]


# Gateways without anything behind them


def test_gateways_with_launchers_behind_them_are_well() -> None:
    site = Site()
    put(site, GATEWAY, "gw1", "gw2")
    put(site, COMPUTE, "viz01")
    assert patterns(site) == {}


def test_a_gateway_whose_launchers_are_lost_can_start_nothing() -> None:
    site = Site()
    put(site, GATEWAY, "gw1")
    put(site, COMPUTE, "viz01", "viz02")
    lose(site, "viz01", "viz02")
    found = patterns(site)["no-launcher"]
    assert found.severity is Severity.CRIT
    assert found.text == ("gw1 takes logins, and no node that starts sessions is heard any more: viz01, viz02 are lost")
    assert found.rows == (RowRef("nodes", "gw1"), RowRef("nodes", "viz01"), RowRef("nodes", "viz02"))
    assert found.evidence[0] == "gw1 (live): webserver"
    assert found.consequence


def test_a_launcher_that_is_only_late_is_not_gone() -> None:
    site = Site()
    put(site, GATEWAY, "gw1")
    put(site, COMPUTE, "viz01")
    for _ in range(4):
        site.wait(5.0)
        site.beat("gw1")
    assert patterns(site) == {}


def test_launchers_whose_agents_were_stopped_may_well_run() -> None:
    site = Site()
    put(site, GATEWAY, "gw1")
    put(site, COMPUTE, "viz01")
    site.bye("node", "viz01")
    found = patterns(site)["no-launcher"]
    assert (found.severity, found.text.endswith("viz01 is stopped")) == (Severity.WARN, True)


def test_gateways_alone_are_worth_a_warning() -> None:
    site = Site()
    put(site, GATEWAY, "gw1", "gw2")
    found = patterns(site)["no-launcher"]
    assert found.severity is Severity.WARN
    assert found.text == "gw1, gw2 take logins, and no node tells that it starts sessions"


def test_a_node_that_does_not_tell_what_it_runs_may_be_the_launcher() -> None:
    site = Site()
    put(site, GATEWAY, "gw1")
    site.beat("viz01")
    assert patterns(site) == {}
    site.facts("viz01", services=[])
    assert patterns(site) == {}


def test_nothing_is_said_of_launchers_where_nobody_takes_logins() -> None:
    site = Site()
    put(site, ("manager", "user"), "mgr1")
    assert patterns(site) == {}


# Managers


def test_the_last_manager_that_is_lost_is_critical() -> None:
    site = Site()
    put(site, COMPUTE, *names(4))
    put(site, ("manager", "user"), "mgr1")
    lose(site, "mgr1")
    found = patterns(site)["manager-lost"]
    assert (found.severity, found.subject) == (Severity.CRIT, "mgr1")
    assert found.text == "no cluster manager is heard any more: mgr1 is lost"
    assert found.rows == (RowRef("nodes", "mgr1"),)


def test_one_of_two_managers_is_a_warning() -> None:
    site = Site()
    put(site, COMPUTE, *names(4))
    put(site, ("manager", "user"), "mgr1", "mgr2")
    lose(site, "mgr1")
    found = patterns(site)["manager-lost"]
    assert (found.severity, found.text) == (Severity.WARN, "1 cluster manager of 2 is lost: mgr1")
    assert found.consequence == "mgr2 stands in alone"


def test_where_every_node_is_a_manager_losing_one_is_no_more_than_losing_a_node() -> None:
    site = Site()
    put(site, ALL, *names(5))
    lose(site, "viz00")
    assert patterns(site) == {}


def test_a_cluster_that_is_lost_as_a_whole_is_not_missing_its_manager() -> None:
    site = Site()
    put(site, COMPUTE, *names(2))
    put(site, ("manager",), "mgr1")
    lose(site, "mgr1", "viz00", "viz01")
    assert patterns(site) == {}


def test_some_node_that_does_not_tell_what_it_runs_may_be_a_manager() -> None:
    site = Site()
    put(site, COMPUTE, *names(4))
    put(site, ("manager",), "mgr1")
    site.beat("quiet")
    lose(site, "mgr1")
    assert patterns(site)["manager-lost"].severity is Severity.WARN


# Nodes that are all closed


def test_a_fleet_that_is_drained_as_a_whole_takes_nothing() -> None:
    site = Site()
    put(site, COMPUTE, "viz01", "viz02", state="drained")
    found = patterns(site)["no-place"]
    assert (found.severity, found.text) == (
        Severity.WARN,
        "no node takes new sessions: 2 drained or being drained",
    )
    put(site, COMPUTE, "viz02")
    assert patterns(site) == {}


def test_a_fleet_that_is_full_is_critical() -> None:
    site = Site()
    put(site, COMPUTE, "viz01", state="draining")
    put(site, COMPUTE, "viz02", capacity=2, sessions={"pending": 1, "running": 1, "disconnected": 0})
    found = patterns(site)["no-place"]
    assert found.severity is Severity.CRIT
    assert found.text == "no node takes new sessions: 1 drained or being drained, 1 full or without weight"
    assert found.evidence[1] == "viz02: active, 2 of 2 sessions, weight 1"


@pytest.mark.parametrize(
    ("beat", "closed"),
    [({"capacity": 0}, True), ({"capacity": None}, False), ({"weight": 0.0}, True), ({"capacity": 1}, False)],
    ids=["no seats", "any number", "no weight", "one seat"],
)
def test_no_capacity_is_another_thing_than_an_unknown_one(beat: dict[str, object], closed: bool) -> None:
    site = Site()
    put(site, COMPUTE, "viz01", **beat)
    assert ("no-place" in patterns(site)) is closed


def test_gateways_don_t_make_room_and_nodes_of_unknown_services_may() -> None:
    site = Site()
    put(site, COMPUTE, "viz01", state="drained")
    put(site, GATEWAY, "gw1")
    assert "no-place" in patterns(site)
    site.beat("quiet")
    assert patterns(site) == {}


# Nodes that lack what their peers have


def test_one_node_that_lacks_what_all_like_it_have() -> None:
    site = Site()
    put(site, ALL, *names(4))
    put(site, set(ALL) - {"webserver"}, "viz77")
    found = patterns(site)["service-missing"]
    assert (found.severity, found.subject) == (Severity.WARN, "viz77")
    assert found.text == "viz77 doesn't run the service webserver, which 4 nodes that run the same else do"
    put(site, ALL, "viz77")
    assert patterns(site) == {}


def test_a_few_among_many_are_odd_and_a_share_of_them_is_a_pattern() -> None:
    site = Site()
    put(site, COMPUTE, *names(20))
    put(site, ("user", "socket"), "x1", "x2")
    assert patterns(site)["service-missing"].subject == "nodes"
    put(site, ("user", "socket"), "x3")
    assert patterns(site) == {}


@pytest.mark.parametrize(
    "services",
    [GATEWAY, ("manager", "user"), ("manager", "user", "webserver", "socket", "forward")],
    ids=["gateway", "manager", "manager that takes logins"],
)
def test_a_tier_of_its_own_lacks_nothing(services: tuple[str, ...]) -> None:
    site = Site()
    put(site, ALL, *names(9))
    put(site, services, "other")
    assert patterns(site) == {}


def test_a_node_that_is_drained_by_taking_its_launcher_away_lacks_nothing() -> None:
    site = Site()
    put(site, COMPUTE, *names(4))
    put(site, ("user", "socket"), "viz77", state="drained")
    assert patterns(site) == {}
    put(site, ("user", "socket"), "viz77")
    assert "service-missing" in patterns(site)


def test_two_are_no_peers_and_a_node_that_tells_nothing_lacks_nothing() -> None:
    site = Site()
    put(site, ALL, *names(2))
    put(site, set(ALL) - {"webserver"}, "viz77")
    put(site, (), "quiet")
    assert patterns(site) == {}


def test_a_cluster_of_one_is_a_pattern_too() -> None:
    site = Site()
    put(site, ALL, "only")
    assert findings(site.store) == []


SETS = st.frozensets(st.sampled_from(ALL), max_size=6)


@given(st.lists(st.tuples(SETS, st.sampled_from(["active", "drained"])), max_size=12))
def test_no_pattern_is_told_of_a_cluster_in_which_all_run_the_same(nodes: list[tuple[frozenset[str], str]]) -> None:
    """Whatever one node runs, a cluster of nodes like it has no odd one; and each finding names rows that exist."""
    site = Site()
    for number, (services, state) in enumerate(nodes):
        put(site, services, f"n{number}", state=state)
    found = patterns(site)
    assert all(row.id in site.store.nodes for each in found.values() for row in each.rows)
    if len({services for services, _ in nodes}) <= 1:
        assert "service-missing" not in found
    if any("launcher" in services and state == "active" for services, state in nodes):
        assert not {"no-launcher", "no-place"} & set(found)
    if any(not services for services, _ in nodes):
        assert not {"no-launcher", "no-place"} & set(found)
