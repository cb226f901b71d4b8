"""The fleet as a manager takes it from what it heard."""

from __future__ import annotations

from typing import Any

import pytest

from fxtop.agent.manager.fleet import STARTS_WINDOW, survey
from fxtop.protocol.ids import NodeId
from tests.unit.cluster.kit import Site


def ids(*names: str) -> tuple[NodeId, ...]:
    return tuple(map(NodeId, names))


def test_only_nodes_that_speak_and_start_sessions_are_in_it() -> None:
    site = Site()
    for node, services in (("viz01", ["launcher"]), ("gw1", ["webserver"]), ("lost", ["launcher"]), ("quiet", [])):
        site.beat(node)
        site.facts(node, services=services)
    site.beat("gone")
    site.bye("node", "gone")
    for _ in range(7):
        site.wait(5.0)
        for node in ("viz01", "gw1", "quiet"):
            site.beat(node)
    fleet = survey(site.store)
    assert tuple(node.id for node in fleet.nodes) == ids("quiet", "viz01")
    assert (fleet.silent, fleet.others) == (ids("lost"), ids("gw1"))
    assert survey(site.store, ids("gw1")).others == ids("gw1")


@pytest.mark.parametrize(
    ("beat", "placing"),
    [
        ({}, True),
        ({"capacity": None}, True),
        ({"capacity": 0}, False),
        ({"weight": 0.0}, False),
        ({"state": "draining"}, False),
        ({"state": "drained"}, False),
    ],
    ids=["as usual", "any number", "no seats", "no weight", "draining", "drained"],
)
def test_who_may_be_sent_sessions(beat: dict[str, Any], placing: bool) -> None:
    site = Site()
    site.beat("viz01", **beat)
    (node,) = survey(site.store).nodes
    assert node.placing is placing


def test_the_rate_of_starts_is_that_of_the_last_minutes_by_the_nodes_own_clock() -> None:
    site = Site()
    now = site.clock.now()
    site.beat("viz01")
    assert survey(site.store).starts == 0
    site.snapshot("viz01", {"id": "s1"})
    assert survey(site.store).starts is None
    site.snapshot(
        "viz01",
        {"id": "s1", "created": now - 60},
        {"id": "s2", "created": now - 2 * STARTS_WINDOW},
        {"id": "s3", "created": now, "state": "pending"},
        {"id": "s4"},
    )
    assert survey(site.store).starts == 1 / STARTS_WINDOW
    ahead = 3 * STARTS_WINDOW
    site.snapshot("viz01", {"id": "s2", "created": now + ahead - 2 * STARTS_WINDOW}, ts=now + ahead)
    assert survey(site.store).starts == 0
