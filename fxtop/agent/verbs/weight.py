"""Setting how much of the new sessions a node takes."""

from __future__ import annotations

from fxtop.agent.order import Deed, Order, Outcome, not_begun
from fxtop.agent.placement import Placement
from fxtop.protocol.control import WeightArgs


class SetWeight:
    """``weight``: kept on disk and in the next heartbeat, which goes out at once."""

    name = "weight"

    def __init__(self, placement: Placement) -> None:
        self._placement = placement

    def prepare(self, order: Order) -> Deed:
        """Never refuses."""
        weight = order.arguments(WeightArgs).weight
        change = {"before": self._placement.weight, "weight": weight}

        async def do() -> Outcome:
            await self._placement.weigh(weight)
            return Outcome(result=change)

        return Deed(change, do)

    def aftermath(self, order: Order) -> Outcome:
        """The weight is what it was to be, or not."""
        weight = order.arguments(WeightArgs).weight
        if self._placement.weight == weight:
            return Outcome(result={"weight": weight})
        return not_begun(f"the weight is {self._placement.weight:g}")
