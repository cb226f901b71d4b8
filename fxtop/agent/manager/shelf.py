"""The plans that may be applied: made here, or heard from another manager.

Any manager may be asked to apply a plan that another one made (they answer as one queue group), so each tells the
others of its plans. An id is made of what it stands for (`fxtop.protocol.plan_parts`): whoever tells of a plan, or
carries it out, can't change what an operator has seen and signed for.
"""

from __future__ import annotations

import logging
from typing import Final

import msgspec

from fxtop.bus.port import Asked
from fxtop.clock import Clock
from fxtop.protocol import text
from fxtop.protocol.control import RebalancePlan
from fxtop.protocol.decode import Rejected, decode_as
from fxtop.protocol.ids import NodeId, PlanId
from fxtop.protocol.plan_parts import PlanTree, move_part, weight_part
from fxtop.protocol.wire import Message

log = logging.getLogger(__name__)

PLAN_CLASS: Final = "plan"
"""The subject class on which managers tell each other of plans: ``fxtop.<c>.plan.<plan>``."""
KEPT: Final = 64
KEPT_FOR: Final = 600.0
"""Seconds that a plan is remembered after it ran out, so that a late request can be told why it is refused."""


class SharedPlan(Message, frozen=True, kw_only=True, gc=False):
    """A plan as managers tell each other of it, with what they must still find of the fleet to apply it."""

    plan: RebalancePlan
    nodes: list[NodeId] | None = None
    """The nodes that were asked for; null means all."""
    fleet: str
    """`fxtop.agent.manager.fleet.Fleet.fingerprint` at the time."""

    @classmethod
    def seal(cls, plan: RebalancePlan, nodes: list[NodeId] | None, fleet: str) -> SharedPlan:
        """The plan with its id."""
        blank = cls(v=1, plan=_named(plan, PlanId("")), nodes=nodes, fleet=fleet)
        return msgspec.structs.replace(blank, plan=_named(plan, blank.tree().id))

    @property
    def genuine(self) -> bool:
        """Whether the content is the one that the id was made for."""
        return self.tree().id == self.plan.plan

    def tree(self) -> PlanTree:
        """What shows a node that it is asked for a part of the plan."""
        return PlanTree(self._parts())

    def _parts(self) -> list[bytes]:
        """What nodes are asked to do, one by one, and before it all the rest."""
        rest = msgspec.structs.replace(self.plan, plan=PlanId(""), weights={}, moves=[])
        return [
            msgspec.json.encode(msgspec.structs.replace(self, plan=rest), order="sorted"),
            *(weight_part(NodeId(node), weight) for node, weight in sorted(self.plan.weights.items())),
            *(move_part(move.session, move.from_, move.to) for move in self.plan.moves),
        ]


def _named(plan: RebalancePlan, id_: PlanId) -> RebalancePlan:
    return msgspec.structs.replace(plan, plan=id_)


_DECODER: Final = msgspec.json.Decoder(SharedPlan)


class PlanShelf:
    """The plans that one manager knows."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._plans: dict[PlanId, SharedPlan] = {}

    def put(self, shared: SharedPlan) -> None:
        """Remember a plan; the oldest go where there are too many."""
        over = self._clock.now() - KEPT_FOR
        self._plans = {id_: old for id_, old in self._plans.items() if old.plan.expires > over}
        self._plans[shared.plan.plan] = shared
        while len(self._plans) > KEPT:
            del self._plans[next(iter(self._plans))]

    def get(self, id_: PlanId) -> SharedPlan | None:
        """The plan of that id, which may have run out."""
        return self._plans.get(id_)

    async def hear(self, asked: Asked) -> None:
        """Take a plan that a manager tells of; one that isn't what its id says is left out."""
        try:
            shared: SharedPlan = text.clean(decode_as(_DECODER, asked.payload))
        except Rejected as rejected:
            log.warning("A plan on %s was not understood: %s", text.inert(asked.subject), rejected)
            return
        if not shared.genuine:
            log.warning("A plan on %s is not what its id says.", text.inert(asked.subject))
        elif shared.plan.plan not in self._plans:
            self.put(shared)
