"""What others announce: about which nodes, for how long, and how much of it is taken up."""

from __future__ import annotations

from typing import Any

from fxtop.cluster.intents import MOST
from fxtop.protocol.ids import NodeId
from tests.unit.actions.site import Site

VIZ = NodeId("viz01")


def announce(site: Site, id_: str = "i1", nodes: tuple[str, ...] = ("viz01",), **more: Any) -> None:
    site.tell("intent", id_, **{"id": id_, "operator": "ann", "verb": "drain", "nodes": nodes, "ttl": 20.0} | more)


def about(site: Site, *nodes: str) -> list[str]:
    return [each.id for each in site.store.intents.about([NodeId(node) for node in nodes])]


def test_an_announcement_is_known_for_the_nodes_that_it_names() -> None:
    site = Site()
    announce(site, nodes=("viz01", "viz02"), sessions=3)
    (found,) = site.store.intents.about([VIZ])
    assert (found.operator, found.verb, found.sessions) == ("ann", "drain", 3)
    assert about(site, "viz02", "viz09") == ["i1"]
    assert about(site, "viz03") == []


def test_it_holds_as_long_as_it_says_and_longer_when_it_is_said_again() -> None:
    site = Site()
    announce(site)
    site.pass_time(15)
    announce(site)
    site.pass_time(15)
    (found,) = site.store.intents.about([VIZ])
    assert site.clock.monotonic() - found.since == 30
    site.pass_time(6)
    assert about(site, "viz01") == []


def test_it_is_taken_back() -> None:
    site = Site()
    announce(site)
    announce(site, ttl=0)
    assert about(site, "viz01") == []


def test_ones_own_is_not_heard() -> None:
    site = Site()
    site.store.intents.own("i1")
    announce(site)
    announce(site, "i2")
    assert about(site, "viz01") == ["i2"]


def test_so_many_are_kept_and_no_more_until_one_is_over() -> None:
    site = Site()
    site.store.fold(
        [
            site.message("intent", f"i{n}", id=f"i{n}", operator="x", verb="drain", nodes=["viz01"], ttl=20.0)
            for n in range(MOST + 5)
        ]
    )
    assert len(about(site, "viz01")) == MOST
    assert site.store.intake.rejected["full", "intent"] == 5
    site.pass_time(21)
    announce_late = site.message("intent", "late", id="late", operator="x", verb="drain", nodes=["viz01"], ttl=1.0)
    site.store.fold([announce_late])
    assert about(site, "viz01") == ["late"]


def test_names_in_it_can_not_touch_the_terminal() -> None:
    site = Site()
    announce(site, operator="ann\x1b[2J")
    (found,) = site.store.intents.about([VIZ])
    assert "\x1b" not in found.operator
