"""What a plan is about, as rules ask for it: the plan is frozen, whose the sessions are is what the store knows now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fxtop.actions.guardrails.judge import Act
from fxtop.actions.guardrails.rule import Target
from fxtop.actions.model import Plan
from fxtop.actions.steps import MANAGER
from fxtop.cluster.capacity import placements
from fxtop.cluster.records import SessionKey

if TYPE_CHECKING:
    from fxtop.cluster.store import Store


def act_of(plan: Plan, store: Store, at: float) -> Act:
    """``plan`` as an act at Unix time ``at``."""
    takes = _takes(plan, store)
    return Act(
        verb=plan.intent.verb,
        targets=tuple(_targets(plan, store)),
        at=at,
        ticket=plan.intent.ticket,
        takes=frozenset(takes),
        leaves=frozenset(place.node for place in placements(store) if place.accepting and place.node not in takes),
    )


def nodes_of(plan: Plan) -> tuple[str, ...]:
    """Every node that a plan is about, once."""
    if plan.balance is None:
        return tuple(dict.fromkeys(step.target for step in plan.steps if step.target != MANAGER))
    moved = (node for move in plan.balance.moves for node in (move.from_, move.to))
    return tuple(dict.fromkeys([*plan.balance.weights, *moved]))


def _targets(plan: Plan, store: Store) -> Iterable[Target]:
    """The nodes where they are meant themselves, and the sessions that something happens to."""
    verb = plan.intent.verb
    whole = [step.target for step in plan.steps if not step.sessions or verb == "drain"]
    for node in nodes_of(plan) if plan.balance else whole:
        yield Target(node)
    keys = {key for step in plan.steps for key in step.sessions}
    if verb == "message":
        keys |= {key for node in map(store.nodes.get, whole) if node for key in node.sessions}  # type: ignore[arg-type]  # a step's target is a node's id
    yield from (_session(key, store) for key in sorted(keys))


def _session(key: SessionKey, store: Store) -> Target:
    row = store.sessions.get(key)
    return Target(key.node, key.session, row.body.user if row else "")


def _takes(plan: Plan, store: Store) -> set[str]:
    """The nodes that take new sessions now, and not when the plan is carried out."""
    if plan.intent.verb == "drain":
        gone = set(nodes_of(plan))
    else:
        gone = {node for node, weight in (plan.balance.weights if plan.balance else {}).items() if weight <= 0}
    return {place.node for place in placements(store) if place.accepting and place.node in gone}
