"""Messages are folded in by portions, in order, and how far behind that is can be told."""

from __future__ import annotations

import ctypes

import pytest

from fxtop.actions import heap, inflow
from fxtop.actions.inflow import Inflow
from fxtop.actions.link import ClusterLink
from fxtop.cluster.liveness import LATE_AFTER
from fxtop.cluster.records import Liveness
from fxtop.protocol.inbound import Inbound
from tests.unit.actions.desk import Desk
from tests.unit.actions.fake_bus import FakeBus
from tests.unit.actions.site import INTERVAL, Site


def _flow(count: int) -> tuple[Site, Inflow]:
    site, bus = Site(), FakeBus()
    now = site.clock.monotonic()
    bus.deliver(*(Inbound(f"fxtop.v1.prod.nonsense.{i}", b"{}", now) for i in range(count)))
    return site, Inflow(bus, site.store, site.clock)


def _folded(site: Site) -> list[str]:
    return [rejected.subject.rsplit(".", 1)[1] for rejected in site.store.intake.last_rejected]


def test_a_portion_is_folded_in_and_the_rest_waits() -> None:
    site, flow = _flow(5)
    assert flow.take_in(3)
    assert _folded(site) == ["0", "1", "2"]
    assert not flow.take_in(3)
    assert _folded(site) == ["0", "1", "2", "3", "4"]


def test_without_a_bound_all_is_folded_in_in_order_what_waited_first() -> None:
    site, flow = _flow(3)
    flow.take_in(1)
    assert not flow.take_in()
    assert _folded(site) == ["0", "1", "2"]


def test_how_far_behind_it_is_is_the_age_of_the_oldest_message_that_waited() -> None:
    site, flow = _flow(2)
    assert flow.behind == 0.0
    site.clock.pass_time(3.5)
    flow.take_in(1)
    assert flow.behind == 3.5
    flow.take_in(1)
    flow.take_in(1)
    assert flow.behind == 0.0


def test_nobody_is_called_silent_whose_heartbeat_waits_to_be_folded_in(desk: Desk) -> None:
    link = ClusterLink(desk.bus, desk.site.store, desk.site.clock, desk.operator, None)
    nodes = desk.site.store.nodes
    desk.site.clock.pass_time(LATE_AFTER * INTERVAL - 1.0)
    desk.bus.deliver(*map(desk.site.heartbeat, nodes))
    assert link.inflow.take_in(1)
    desk.site.clock.pass_time(3.0)  # the console is busy
    link.settle()
    assert {row.liveness for row in nodes.values()} == {Liveness.LIVE}
    link.inflow.take_in()
    link.settle()
    assert {row.liveness for row in nodes.values()} == {Liveness.LIVE}
    desk.site.clock.pass_time(LATE_AFTER * INTERVAL - 3.0)
    link.settle()
    assert {row.liveness for row in nodes.values()} == {Liveness.LATE}


def test_a_backlogs_memory_is_given_back_once_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    monkeypatch.setattr(heap, "give_back", lambda: given.append(1))
    monkeypatch.setattr(inflow, "BACKLOG", 5)
    site, flow = _flow(5)
    assert flow.take_in(3)
    assert not flow.take_in(3)
    site.clock.pass_time(inflow.SETTLED / 2)
    flow.take_in(3)
    assert not given
    site.clock.pass_time(inflow.SETTLED / 2)
    flow.take_in(3)
    flow.take_in(3)
    assert given == [1]


def test_memory_is_given_back_wherever_the_c_library_can() -> None:
    assert hasattr(ctypes.CDLL(None), "malloc_trim") is (heap._trim() is not None)
    heap.give_back()


def test_where_the_c_library_can_not_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heap, "_trim", lambda: None)
    heap.give_back()
