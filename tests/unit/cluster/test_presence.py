"""Clean stops."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fxtop.cluster.records import Liveness, Row
from tests.unit.cluster.kit import LICENSE, Site


def test_a_node_that_says_goodbye_has_left_with_its_sessions_and_stays_so() -> None:
    site = Site()
    site.beat()
    site.session("viz01", "s1")
    site.bye("node", "viz01")
    site.wait(3_500.0)
    assert site.liveness("viz01") is Liveness.LEFT
    assert [row.liveness for row in site.store.sessions.values()] == [Liveness.LEFT]
    assert site.told == ["Node viz01 left."]


def test_a_node_that_is_heard_after_its_goodbye_is_back() -> None:
    site = Site()
    site.beat()
    site.bye("node", "viz01")
    site.wait(60.0)
    site.beat(boot="b2", seq=1)
    assert site.liveness("viz01") is Liveness.LIVE
    assert site.said("Node viz01 is back after it had left.")
    site.wait(30.0)
    assert site.liveness("viz01") is Liveness.LOST


def test_the_late_goodbye_of_a_life_that_is_over_is_not_the_present_ones() -> None:
    site = Site()
    site.beat(boot="b1", seq=9)
    site.beat(boot="b2", seq=1)
    site.bye("node", "viz01", boot="b1", seq=1)
    assert site.liveness("viz01") is Liveness.LIVE
    site.bye("node", "viz01", boot="b2", seq=1)
    assert site.liveness("viz01") is Liveness.LEFT


def test_a_goodbye_of_something_unknown_makes_no_row() -> None:
    site = Site()
    site.bye("node", "viz99")
    assert not site.store.nodes
    assert site.store.intake.accepted == 1


def test_a_second_goodbye_is_no_second_event() -> None:
    site = Site()
    site.beat()
    site.bye("node", "viz01")
    site.bye("node", "viz01")
    assert len(site.store.events) == 1


@pytest.mark.parametrize("class_", ["transporter", "license", "store"])
def test_every_kind_of_sender_can_leave(class_: str) -> None:
    site = Site()
    site.transporter("S1")
    site.license()
    site.share("mgr1")
    ids = {"transporter": "S1", "license": LICENSE, "store": "mgr1"}
    site.bye(class_, ids[class_])
    tables: tuple[Mapping[Any, Row], ...] = (site.store.transporters, site.store.licenses, site.store.shares)
    gone = [id_ for table in tables for id_, row in table.items() if row.liveness is Liveness.LEFT]
    assert gone == [ids[class_]]
