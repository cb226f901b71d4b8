"""Where sessions are and where more may go."""

from __future__ import annotations

from typing import Any

import pytest

from fxtop.cluster.capacity import Room, placement, placements, room
from fxtop.protocol.ids import NodeId
from tests.unit.cluster.kit import Site


def beat(site: Site, node: str, sessions: int, capacity: int | None = 20, **over: Any) -> None:
    counts = {"pending": 0, "running": sessions, "disconnected": 0}
    site.beat(node, sessions=counts, capacity=capacity, **over)


def test_nodes_are_listed_with_their_sessions_against_what_they_carry() -> None:
    site = Site()
    beat(site, "viz02", 25)
    beat(site, "viz01", 5)
    assert [(each.node, each.sessions, each.capacity, each.free) for each in placements(site.store)] == [
        ("viz01", 5, 20, 15),
        ("viz02", 25, 20, 0),
    ]


@pytest.mark.parametrize("over", [{"state": "draining"}, {"state": "drained"}, {"weight": 0.0}])
def test_a_node_that_takes_no_sessions_is_shown_but_not_counted_on(over: dict[str, Any]) -> None:
    site = Site()
    beat(site, "viz01", 5, **over)
    (only,) = placements(site.store)
    assert not only.accepting
    assert room(site.store) == Room(launchers=0, sessions=0, free=0)


def test_nodes_without_the_launcher_and_silent_ones_are_no_place() -> None:
    site = Site()
    beat(site, "gateway", 0)
    site.facts("gateway", services=["webserver"])
    beat(site, "silent", 3, interval=1.0)
    site.wait(3.0)
    beat(site, "viz01", 1)
    site.facts("viz01", services=["launcher", "user"])
    assert [each.node for each in placements(site.store)] == ["viz01"]


def test_room_is_what_the_accepting_nodes_have_left() -> None:
    site = Site()
    beat(site, "viz01", 5)
    beat(site, "viz02", 18)
    beat(site, "viz03", 1, state="draining")
    assert room(site.store) == Room(launchers=2, sessions=23, free=17)
    assert room(site.store, without={NodeId("viz01")}) == Room(launchers=1, sessions=18, free=2)


def test_room_is_unknown_when_the_capacity_of_a_node_is() -> None:
    site = Site()
    beat(site, "viz01", 5)
    beat(site, "viz02", 5, capacity=None)
    assert room(site.store).free is None


def test_some_nodes_can_be_asked_for_and_unknown_ones_are_left_out() -> None:
    site = Site()
    beat(site, "viz01", 5)
    beat(site, "viz02", 5)
    assert [each.node for each in placements(site.store, [NodeId("viz02"), NodeId("nope")])] == ["viz02"]


def test_a_node_without_a_heartbeat_is_no_place_yet() -> None:
    site = Site()
    site.facts()
    assert placement(site.store.nodes[NodeId("viz01")]) is None
    assert placements(site.store) == []
