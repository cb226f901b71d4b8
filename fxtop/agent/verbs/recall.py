"""Telling what became of another request, to whoever could not hear it."""

from __future__ import annotations

import msgspec

from fxtop.agent.jobs import Jobs
from fxtop.agent.ledger import Ledger
from fxtop.agent.order import Deed, Order, Outcome
from fxtop.protocol.control import RecallArgs, Recalled


class Recall:
    """``recall``: changes nothing. What it tells was on the bus before, so every listed key may ask."""

    name = "recall"

    def __init__(self, ledger: Ledger, jobs: Jobs) -> None:
        self._ledger = ledger
        self._jobs = jobs

    def prepare(self, order: Order) -> Deed:
        """Never refuses."""
        found = msgspec.to_builtins(self._find(order.arguments(RecallArgs)))

        async def do() -> Outcome:
            return Outcome(result=found)

        return Deed(found, do)

    def _find(self, args: RecallArgs) -> Recalled:
        entry = self._ledger.recall(args.request)
        if entry is None:
            return Recalled(known=False, memory=self._ledger.memory)
        progress = entry.end or self._jobs.progress(args.request)
        return Recalled(known=True, memory=self._ledger.memory, reply=entry.reply, progress=progress)
