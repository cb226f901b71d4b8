"""Making a plan: which node should take how much of what comes, so that the fleet evens out.

A weight multiplies a node's capacity where new sessions are placed: of two nodes alike, one with twice the weight ends
up with twice the sessions. Running sessions stay where they are, so the balance comes as sessions end and others start.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

from fxtop.agent.manager.fleet import Fleet, FleetNode
from fxtop.agent.manager.shares import level, share_out, whole
from fxtop.protocol.control import Move, Policy, RebalancePlan
from fxtop.protocol.ids import NodeId, PlanId

PLAN_LIFE: Final = 120.0
"""Seconds that a plan can be applied for."""
LEAST_WEIGHT: Final = 0.1
"""A node that takes sessions never gets 0: that would be a drain nobody ordered."""
MOST_WEIGHT: Final = 10.0
MOST_MOVES: Final = 500
_PRIOR: Final = 2.0
"""Sessions of average weight that every node is taken to have beside its own: a node with one heavy session is not
known to make all sessions heavy."""

_NOTHING: Final = 1e-6
"""A use per session, in load or bytes, that says nothing about what sessions cost."""

Targets = Mapping[NodeId, float]


class NoNodes(ValueError):
    """There is no node that could take a session; the text is a sentence."""


def make_plan(policy: Policy, fleet: Fleet, now: float) -> RebalancePlan:
    """The plan that evens out ``fleet`` by ``policy``, valid from Unix time ``now``. Its id is still to be given.

    Raises:
        NoNodes: nothing can be planned.
    """
    taking = [node for node in fleet.nodes if node.placing]
    if not taking:
        raise NoNodes("No node takes new sessions: each one that is heard drains, or has no capacity or no weight.")
    total = float(sum(node.sessions for node in fleet.nodes))
    wishes = _WISHES[policy](taking)
    targets = share_out(total, wishes, {node.id: _limit(node) for node in taking})
    rooms = _rooms(taking)
    weights = level({id_: wish / rooms[id_] for id_, wish in wishes.items()}, LEAST_WEIGHT, MOST_WEIGHT)
    after = whole(targets)
    moves, moved = _moves(fleet, targets)
    eta = _eta(taking, moved, targets, fleet.starts, total)
    return RebalancePlan(
        plan=PlanId(""),
        expires=now + PLAN_LIFE,
        weights={node.id: weights.get(node.id, 0.0) for node in fleet.nodes},
        moves=moves,
        before={node.id: float(node.sessions) for node in fleet.nodes},
        after={node.id: after.get(node.id, 0.0) for node in fleet.nodes},
        notes=_notes(fleet, taking, total, eta),
        eta=eta,
        policy=policy,
    )


def _limit(node: FleetNode) -> float | None:
    return None if node.capacity is None else float(node.capacity)


def _rooms(nodes: list[FleetNode]) -> dict[NodeId, float]:
    """What each node is meant to carry; where nobody said, as much as the others do on average."""
    known = [node.capacity for node in nodes if node.capacity is not None]
    mean = sum(known) / len(known) if known else 1.0
    return {node.id: mean if node.capacity is None else float(node.capacity) for node in nodes}


def _by_load(nodes: list[FleetNode]) -> dict[NodeId, float]:
    """Each node as many sessions as its cores carry at what a session costs there."""
    costs = _costs(nodes, lambda node: node.load)
    return {node.id: node.cores / costs[node.id] for node in nodes}


def _by_memory(nodes: list[FleetNode]) -> dict[NodeId, float]:
    """Each node as many sessions as its memory holds at what a session takes there."""
    costs = _costs(nodes, lambda node: float(node.mem_used))
    return {node.id: node.mem_total / costs[node.id] for node in nodes}


_WISHES: Final[Mapping[Policy, Callable[[list[FleetNode]], dict[NodeId, float]]]] = {
    "sessions": _rooms,
    "load": _by_load,
    "memory": _by_memory,
}


def _costs(nodes: list[FleetNode], used: Callable[[FleetNode], float]) -> dict[NodeId, float]:
    """What one session uses on each node, drawn towards the fleet's mean where there are few."""
    sessions = sum(node.sessions for node in nodes)
    mean = sum(used(node) for node in nodes) / sessions if sessions else 0.0
    if mean < _NOTHING:
        return dict.fromkeys((node.id for node in nodes), 1.0)
    return {node.id: (used(node) + _PRIOR * mean) / (node.sessions + _PRIOR) for node in nodes}


def _moves(fleet: Fleet, targets: Targets) -> tuple[list[Move], dict[NodeId, int]]:
    """Pending sessions that are better off elsewhere, and the sessions of each node after they went."""
    counts = {node.id: node.sessions for node in fleet.nodes}
    limits = {node.id: math.inf if node.capacity is None else node.capacity for node in fleet.nodes}
    moves: list[Move] = []
    for pending in fleet.waiting:
        rooms = [id_ for id_ in targets if id_ != pending.node and counts[id_] < limits[id_]]
        to = min(rooms, key=lambda id_: (_fill(counts[id_] + 1, targets[id_]), id_), default=None)
        if to is None or len(moves) == MOST_MOVES:
            break
        here = _fill(counts[pending.node], targets.get(pending.node, 0.0))
        if _fill(counts[to] + 1, targets[to]) < here:
            moves.append(Move(session=pending.session, from_=pending.node, to=to))
            counts[pending.node] -= 1
            counts[to] += 1
    return moves, counts


def _fill(sessions: int, target: float) -> float:
    return sessions / target if target > 0 else math.inf


def _eta(
    taking: list[FleetNode], counts: Mapping[NodeId, int], targets: Targets, starts: float | None, total: float
) -> float | None:
    """Seconds until each node that takes sessions is within one of its target.

    As many sessions end as start, each as likely as any other; those that start go where they lack. So the nodes that
    lack are filled at the rate of all starts, and a node that has too many empties by its share of all ends.
    """
    lacking = sum(max(0.0, targets[node.id] - 1 - counts[node.id]) for node in taking)
    over = [counts[node.id] / (targets[node.id] + 1) for node in taking]
    worst = max(over)
    if lacking <= 0 and worst <= 1:
        return 0.0
    if not starts:
        return None
    return max(lacking / starts, math.log(max(1.0, worst)) * total / starts)


def _notes(fleet: Fleet, taking: list[FleetNode], total: float, eta: float | None) -> list[str]:
    notes = [_left_out(node) for node in fleet.nodes if not node.placing]
    notes += [f"{id_} is silent and left out." for id_ in fleet.silent]
    if all(node.capacity is not None for node in taking) and total > sum(node.capacity or 0 for node in taking):
        notes.append("There are more sessions than the nodes that take them are meant to carry.")
    if any(node.capacity is None for node in taking):
        notes.append("Where no capacity is known, a node counts as much as the others on average.")
    if eta is None:
        why = "No session started lately" if fleet.starts == 0 else "No node tells when its sessions started"
        notes.append(f"{why}, so nobody can say how long the balance takes.")
    return notes


def _left_out(node: FleetNode) -> str:
    if not node.taking:
        kept = f"its own weight of {node.weight:g} stays for when it is resumed"
        return f"{node.id} drains: it gets nothing new, and {kept}."
    what = "capacity" if node.capacity == 0 else "weight"
    return f"{node.id} has {what} 0: it gets nothing new until somebody gives it another."
