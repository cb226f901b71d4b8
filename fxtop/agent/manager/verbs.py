"""What the cluster's managers can be asked for: ``plan`` and ``rebalance`` (protocol 4)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Final

import msgspec

from fxtop.agent.jobs import ITEM_DONE, ITEM_FAILED, ITEM_UNKNOWN, ITEM_WAITING, Job
from fxtop.agent.manager.fleet import Fleet
from fxtop.agent.manager.plan import NoNodes, make_plan
from fxtop.agent.manager.reach import NotDone, NotKnown, Reach
from fxtop.agent.manager.shelf import PlanShelf, SharedPlan
from fxtop.agent.order import Deed, Order, Outcome, Refusal, Work, not_begun
from fxtop.clock import Clock
from fxtop.protocol.control import (
    Args,
    Move,
    PlanArgs,
    ProgressStatus,
    RebalanceArgs,
    RebalancePlan,
    RequeueArgs,
    WeightArgs,
)
from fxtop.protocol.ids import NodeId
from fxtop.protocol.plan_parts import move_part, weight_part

MOST_NODES: Final = 2000
"""Nodes of one plan; with more it would not fit into a message."""
AT_ONCE: Final = 16
"""Nodes asked at the same time."""

Survey = Callable[[Collection[NodeId] | None], Fleet]
"""The fleet as the manager knows it now. Raises Refusal where it doesn't know it yet."""


class MakePlan:
    """``plan``: looks at the fleet and says what would even it out; changes nothing."""

    name = "plan"

    def __init__(
        self, survey: Survey, shelf: PlanShelf, clock: Clock, tell_others: Callable[[SharedPlan], Awaitable[None]]
    ) -> None:
        self._survey = survey
        self._shelf = shelf
        self._clock = clock
        self._tell_others = tell_others

    def prepare(self, order: Order) -> Deed:
        """Refuses where there is nothing to plan with."""
        args = order.arguments(PlanArgs)
        fleet = self._survey(args.nodes)
        _require(fleet, args.nodes)
        try:
            plan = make_plan(args.policy, fleet, self._clock.now())
        except NoNodes as error:
            raise Refusal("no_nodes", str(error)) from None
        shared = SharedPlan.seal(plan, args.nodes, fleet.fingerprint())
        result = msgspec.to_builtins(shared.plan)

        async def do() -> Outcome:
            self._shelf.put(shared)
            await self._tell_others(shared)
            return Outcome(result=result)

        return Deed(result, do)


class Rebalance:
    """``rebalance``: applies a plan to the nodes, by requests that the manager signs itself."""

    name = "rebalance"

    def __init__(self, survey: Survey, shelf: PlanShelf, clock: Clock, reach: Reach) -> None:
        self._survey = survey
        self._shelf = shelf
        self._clock = clock
        self._reach = reach

    def prepare(self, order: Order) -> Deed:
        """Refuses what is unknown, has run out, or was made for another fleet."""
        shared = self._shelf.get(order.arguments(RebalanceArgs).plan)
        if shared is None:
            raise Refusal("unknown_plan", "No manager that answers knows this plan: ask for a new one.")
        if shared.plan.expires <= self._clock.now():
            raise Refusal("stale", "The plan has run out: ask for a new one.")
        fleet = self._survey(shared.nodes)
        if fleet.fingerprint() != shared.fleet:
            raise Refusal("stale", "Nodes came, went, or changed whether they take sessions: ask for a new plan.")
        weights = _changes(shared.plan, fleet)

        async def do() -> Outcome:
            return Outcome("accepted", result=preview, work=work)

        async def work(job: Job) -> ProgressStatus:
            await self._apply(job, order, shared, weights)
            return job.verdict()

        preview = {"weights": weights, "moves": msgspec.to_builtins(shared.plan.moves)}
        return Deed(preview, do)

    def aftermath(self, order: Order) -> Outcome:
        """A plan is applied after the answer only."""
        return not_begun("no weight was set and no session was moved")

    def recover(self, order: Order) -> Work:
        """Plans don't outlive their manager, so what was left undone stays undone."""

        async def work(job: Job) -> ProgressStatus:
            plan = order.arguments(RebalanceArgs).plan
            job.tell(
                plan,
                ITEM_FAILED,
                "The manager restarted while it applied the plan: make a new one, from what is so now.",
            )
            return "failed"

        return work

    async def _apply(self, job: Job, order: Order, shared: SharedPlan, weights: dict[NodeId, float]) -> None:
        """Weights first, so that nothing that starts meanwhile goes where pending sessions are taken away."""
        first = [_weighing(node, weight) for node, weight in weights.items()]
        then = [_moving(move) for move in shared.plan.moves]
        for wish in (*first, *then):
            job.tell(wish.target, ITEM_WAITING)
        places, tree = asyncio.Semaphore(AT_ONCE), shared.tree()

        async def ask(wish: _Wish) -> None:
            async with places:
                try:
                    await self._reach.ask(wish.node, wish.verb, wish.args, wish.target, order, tree.way(wish.part))
                except NotDone as error:
                    status = ITEM_UNKNOWN if isinstance(error, NotKnown) else ITEM_FAILED
                    job.tell(wish.target, status, str(error))
                else:
                    job.tell(wish.target, ITEM_DONE, wish.done)

        await asyncio.gather(*map(ask, first))
        await asyncio.gather(*map(ask, then))


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a plan wants of one node."""

    node: NodeId
    verb: str
    args: Args
    target: str
    done: str
    """What is said when it is."""
    part: bytes
    """As it stands in the plan."""


def _weighing(node: NodeId, weight: float) -> _Wish:
    args = WeightArgs(weight=weight)
    return _Wish(node, "weight", args, node, f"weight {weight:g}", weight_part(node, weight))


def _moving(move: Move) -> _Wish:
    args = RequeueArgs(session=move.session, to=move.to)
    part = move_part(move.session, move.from_, move.to)
    return _Wish(move.from_, "requeue", args, move.session, f"to {move.to}", part)


def _require(fleet: Fleet, nodes: list[NodeId] | None) -> None:
    if len(fleet.nodes) > MOST_NODES:
        raise Refusal("too_many", f"A plan is for at most {MOST_NODES} nodes: name those that it should even out.")
    asked = set(nodes or ())
    idle = sorted(asked & set(fleet.others))
    if idle:
        raise Refusal("no_launcher", f"Starts no sessions, so there is nothing to even out: {', '.join(idle[:10])}.")
    unknown = sorted(asked - {node.id for node in fleet.nodes} - set(fleet.silent))
    if unknown:
        raise Refusal("unknown_node", f"Not there, or gone: {', '.join(unknown[:10])}.")


def _changes(plan: RebalancePlan, fleet: Fleet) -> dict[NodeId, float]:
    """The weights that have to be set: not those that are so already, and none of a node that takes nothing."""
    return {
        node.id: plan.weights[node.id]
        for node in fleet.nodes
        if node.placing and node.id in plan.weights and plan.weights[node.id] != node.weight
    }
