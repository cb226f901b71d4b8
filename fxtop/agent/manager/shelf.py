"""The plans that may be applied: made here, or heard from another manager.

Any manager may be asked to apply a plan that another one made (they answer as one queue group), so each tells the
others of its plans. An id is the hash of what it stands for: whoever tells of a plan can't change what an operator has
seen and signed for.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Final

import msgspec

from fxtop.bus.port import Asked
from fxtop.clock import Clock
from fxtop.protocol import text
from fxtop.protocol.control import RebalancePlan
from fxtop.protocol.decode import Rejected, decode_as
from fxtop.protocol.ids import NodeId, PlanId
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
        return cls(v=1, plan=_named(plan, PlanId("")), nodes=nodes, fleet=fleet)._with_id()

    @property
    def genuine(self) -> bool:
        """Whether the content is the one that the id was made for."""
        return self._with_id().plan.plan == self.plan.plan

    def _with_id(self) -> SharedPlan:
        blank = msgspec.structs.replace(self, plan=_named(self.plan, PlanId("")))
        digest = hashlib.sha256(msgspec.json.encode(blank, order="sorted")).hexdigest()
        return msgspec.structs.replace(self, plan=_named(self.plan, PlanId(digest[:32])))


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
