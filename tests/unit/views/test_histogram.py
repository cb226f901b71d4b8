from __future__ import annotations

import math

from fxtop.cluster.records import Liveness
from fxtop.protocol.control import RebalancePlan
from fxtop.protocol.ids import NodeId, PlanId
from fxtop.views.histogram import NodeBar, planned, spread
from tests.unit.views import make


def counts(running: int) -> dict[str, int]:
    return {"pending": 0, "running": running, "disconnected": 0}


def test_the_fullest_node_comes_first_and_unknown_capacity_last() -> None:
    store = make.store(
        make.node("a", sessions=counts(10), capacity=40),
        make.node("b", sessions=counts(10), capacity=10),
        make.node("c", sessions=counts(3), capacity=None),
        make.node("d", sessions=counts(30), capacity=None),
    )
    assert [(bar.node, bar.fraction) for bar in spread(store)] == [("b", 1.0), ("a", 0.25), ("d", None), ("c", None)]


def test_a_node_without_room_for_any_is_overfull_with_one() -> None:
    assert NodeBar(NodeId("a"), 1, 0).fraction == math.inf
    assert NodeBar(NodeId("a"), 0, 0).fraction == 0


def test_only_nodes_that_take_sessions_are_shown_and_what_is_special_is_noted() -> None:
    store = make.store(
        make.node("a", state="draining"),
        make.node("b", weight=0.5),
        make.node("c"),
        make.node("d", liveness=Liveness.LOST),
    )
    assert [(bar.node, bar.note) for bar in spread(store)] == [("a", "draining"), ("b", "weight 0.50"), ("c", "")]
    assert [bar.node for bar in spread(store, [NodeId("b")])] == ["b"]


def test_a_plan_is_shown_before_and_after() -> None:
    store = make.store(
        make.node("a", sessions=counts(30), capacity=40), make.node("b", sessions=counts(2), capacity=40, weight=0.5)
    )
    plan = RebalancePlan(
        plan=PlanId("p"),
        expires=make.NOW,
        weights={"a": 0.2, "b": 2.0, "gone": 1.0},
        before={"a": 30.0, "b": 2.0},
        after={"a": 16.5, "b": 15.5},
    )
    bars = planned(plan, store)
    assert [bar.node for bar in bars] == ["a", "b", "gone"]
    first, second, gone = bars
    assert (first.before.fraction, first.after.value, first.change) == (0.75, 16.5, -13.5)
    assert (second.weight_before, second.weight_after, second.change) == (0.5, 2.0, 13.5)
    assert (gone.weight_before, gone.before.capacity, gone.change) == (None, None, 0)


def test_what_a_plan_does_not_say_stays_as_it_is() -> None:
    store = make.store(make.node("a", sessions=counts(30), weight=0.5))
    plan = RebalancePlan(plan=PlanId("p"), expires=make.NOW, weights={}, after={"a": 20.0})
    (bar,) = planned(plan, store)
    assert (bar.before.value, bar.after.value, bar.weight_after) == (30, 20.0, 0.5)
