"""How sessions are spread over the nodes, now and as a plan would have it."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fxtop.cluster.capacity import Placement, placements
from fxtop.protocol.ids import NodeId

if TYPE_CHECKING:
    from fxtop.cluster.store import Store
    from fxtop.protocol.control import RebalancePlan


@dataclass(frozen=True, slots=True)
class NodeBar:
    """One node's part of the spread."""

    node: NodeId
    value: float
    """Sessions; of a plan the number that is expected, which need not be whole."""
    capacity: int | None
    """None where nobody said how many it is meant to carry."""
    note: str = ""
    """Why it is special: draining, or a weight other than 1."""

    @property
    def fraction(self) -> float | None:
        """The part of the capacity that is taken, over 1 when overloaded; None where the capacity is unknown."""
        if self.capacity is None:
            return None
        return self.value / self.capacity if self.capacity else math.inf if self.value else 0.0


@dataclass(frozen=True, slots=True)
class PlannedBar:
    """One node's part before and after a plan."""

    node: NodeId
    before: NodeBar
    after: NodeBar
    weight_before: float | None
    """None for a node that isn't heard of."""
    weight_after: float

    @property
    def change(self) -> float:
        """Sessions that it gains, or loses."""
        return self.after.value - self.before.value


def spread(store: Store, nodes: Collection[NodeId] | None = None) -> list[NodeBar]:
    """The nodes that start sessions (or those of ``nodes``), the fullest first.

    Nodes of unknown capacity follow, those with most sessions first; they can't be called full.
    """
    return sorted(map(_bar, placements(store, nodes)), key=_worst_first)


def planned(plan: RebalancePlan, store: Store) -> list[PlannedBar]:
    """Before and after of every node that a plan speaks of, the fullest of before first.

    What the plan doesn't say of a node is as it is now.
    """
    known = {place.node: place for place in placements(store)}
    named = sorted(map(NodeId, {*plan.weights, *plan.before, *plan.after}))
    bars = [_planned_bar(node, plan, known.get(node)) for node in named]
    return sorted(bars, key=lambda bar: _worst_first(bar.before))


def _bar(place: Placement) -> NodeBar:
    weight = "" if place.weight == 1 else f"weight {place.weight:.2f}"
    return NodeBar(place.node, place.sessions, place.capacity, place.state if place.state != "active" else weight)


def _planned_bar(node: NodeId, plan: RebalancePlan, place: Placement | None) -> PlannedBar:
    capacity = place.capacity if place else None
    before = plan.before.get(node, place.sessions if place else 0)
    weight = place.weight if place else None
    return PlannedBar(
        node=node,
        before=NodeBar(node, before, capacity),
        after=NodeBar(node, plan.after.get(node, before), capacity),
        weight_before=weight,
        weight_after=plan.weights.get(node, 1.0 if weight is None else weight),
    )


def _worst_first(bar: NodeBar) -> tuple[bool, float, float, str]:
    fraction = bar.fraction
    return (fraction is None, -(fraction or 0.0), -bar.value, bar.node)
