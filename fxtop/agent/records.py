"""What was decided and what came of it: first in the agent's own journal, then on the bus (protocol 4, ``audit``)."""

from __future__ import annotations

import asyncio
import logging
from typing import Literal

import msgspec

from fxtop.actions.journal import DECISION, Entry, Journal, JournalError
from fxtop.agent.identity import Identity
from fxtop.agent.order import Order
from fxtop.agent.outbox import Outbox
from fxtop.clock import Clock
from fxtop.protocol.control import Audit

log = logging.getLogger(__name__)

Decision = Literal["accepted", "refused", "unsupported", "dry_run"]


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """A decision about an order; ``outcome`` is empty while nothing came of it yet."""

    decision: Decision
    code: str = ""
    outcome: str = ""
    detail: str = ""


class Records:
    """Keeps and publishes the decisions of one agent."""

    def __init__(self, journal: Journal, outbox: Outbox, identity: Identity, clock: Clock) -> None:
        self._journal = journal
        self._outbox = outbox
        self._identity = identity
        self._clock = clock

    async def enter(self, order: Order, ruling: Ruling) -> None:
        """Write down ``ruling`` and publish it.

        Raises:
            JournalError: it was not written, so nothing that depends on it may be done; it was published all the same.
        """
        try:
            await self._write(order, ruling)
        finally:
            await self.tell(order, ruling)

    async def note(self, order: Order, ruling: Ruling) -> Audit:
        """As `enter`, for what nothing depends on: a journal that can't be written is logged only."""
        await self.keep(order, ruling)
        return await self.tell(order, ruling)

    async def keep(self, order: Order, ruling: Ruling) -> None:
        """The first half of `note`: write it down."""
        try:
            await self._write(order, ruling)
        except JournalError as error:
            log.error("%s Request %s was %s.", error, order.request, ruling.decision)

    async def tell(self, order: Order, ruling: Ruling) -> Audit:
        """The second half: publish it."""
        return await self._publish(_audit(order, ruling, self._clock.now()))

    async def repeat(self, inbox: str, audit: Audit) -> None:
        """Tell one asker (protocol 3) what was published before."""
        await self._outbox.answer(inbox, "audit", (self._identity.node,), audit)

    async def sum_up(self, order: Order, ruling: Ruling, more: int) -> Audit:
        """Write down and publish that what ``order`` and ``ruling`` say was so ``more`` times beside what was told."""
        words = f"And {more:,} more like it were refused within a minute; the last one: {ruling.detail}"
        summed = msgspec.structs.replace(ruling, detail=words)
        await self.keep(order, summed)
        return await self._publish(_audit(order, summed, self._clock.now(), more))

    async def _publish(self, audit: Audit) -> Audit:
        await self._outbox.say("audit", (self._identity.node,), audit)
        return audit

    async def _write(self, order: Order, ruling: Ruling) -> None:
        await asyncio.to_thread(self._journal.write, self._entry(order, ruling, self._clock.now()))

    def _entry(self, order: Order, ruling: Ruling, now: float) -> Entry:
        return Entry(
            v=1,
            at=now,
            kind=DECISION,
            cluster=self._identity.cluster,
            verb=order.verb,
            operator=order.operator,
            key=order.key,
            request=order.request,
            targets=(self._identity.node,),
            reason=order.reason,
            ticket=order.ticket,
            dry_run=order.dry_run,
            decision=ruling.decision,
            state=ruling.outcome or ruling.decision,
            code=ruling.code,
            detail=ruling.detail,
            data=order.args,
        )


def _audit(order: Order, ruling: Ruling, now: float, more: int = 0) -> Audit:
    return Audit(
        v=1,
        request=order.request,
        operator=order.operator,
        key=order.key,
        verb=order.verb,
        args=order.args,
        reason=order.reason,
        ticket=order.ticket,
        decision=ruling.decision,
        code=ruling.code,
        outcome=ruling.outcome,
        ts=now,
        more=more,
    )
