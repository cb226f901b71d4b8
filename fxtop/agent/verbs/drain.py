"""Emptying a node, and taking it back."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from fxtop.agent.jobs import ITEM_DONE, ITEM_FAILED, ITEM_WAITING, Job
from fxtop.agent.order import Deed, Order, Outcome, Unsupported, Work, not_begun
from fxtop.agent.placement import DrainOrder, Placement
from fxtop.agent.providers.port import Ability, SessionProvider
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.verbs.terminate import end_sessions
from fxtop.clock import Clock
from fxtop.protocol.control import DrainArgs, ProgressStatus
from fxtop.protocol.ids import SessionId
from fxtop.protocol.node import Drain

GRACE = 10.0
"""Seconds between asking a session to end and making it, where a drain ends what is left: as `TerminateArgs` has it."""


class DrainNode:
    """``drain``: in force at once; its job lasts until the node is empty, or is taken back."""

    name = "drain"

    def __init__(self, board: SessionBoard, provider: SessionProvider, placement: Placement, clock: Clock) -> None:
        self._board = board
        self._provider = provider
        self._placement = placement
        self._clock = clock

    def prepare(self, order: Order) -> Deed:
        """Refuses only to end sessions where nothing can end them."""
        args = order.arguments(DrainArgs)
        if args.then == "terminate" and Ability.TERMINATE not in self._provider.abilities:
            raise Unsupported(f"The session provider '{self._provider.name}' has no means to end what is left.")
        living = self._board.living()
        drain = DrainOrder(
            request=order.request,
            drain=Drain(
                by=order.operator,
                reason=order.reason,
                ticket=order.ticket,
                since=self._clock.now(),
                deadline=args.deadline,
            ),
            then=args.then,
            sessions=tuple(body.id for body in living),
        )

        async def do() -> Outcome:
            await self._placement.begin(drain)
            detail = f"No new sessions come; sessions left: {len(self._board.living())}."
            return Outcome("accepted", detail=detail, work=self._follow(drain))

        preview = {
            "state": "draining" if living else "drained",
            "then": args.then,
            "deadline": args.deadline,
            "sessions": [body.id for body in living],
            "users": sorted({body.user for body in living}),
        }
        return Deed(preview, do)

    def aftermath(self, order: Order) -> Outcome:
        """It is in force, or never was: requests are carried out one by one, and it is on disk before it is true."""
        drain = self._placement.order
        if drain is not None and drain.request == order.request:
            return Outcome("accepted", detail="No new sessions come; the agent was restarted meanwhile.")
        return not_begun("the node does not drain by this request")

    def recover(self, order: Order) -> Work:
        """A drain outlives restarts: its job goes on where it is still in force."""
        drain = self._placement.order
        if drain is not None and drain.request == order.request:
            return self._follow(drain)

        async def over(job: Job) -> ProgressStatus:
            job.tell(self._board.node, ITEM_FAILED, "The drain ended while the agent was down.")
            return "failed"

        return over

    def _follow(self, drain: DrainOrder) -> Work:
        async def work(job: Job) -> ProgressStatus:
            ending: asyncio.Task[None] | None = None
            try:
                while self._placement.order is drain:
                    left = self._report(job, drain)
                    if self._board.seen and not left:
                        return "done"
                    if ending is None and self._wait(drain) == 0:
                        ending = asyncio.create_task(end_sessions(job, left, GRACE, self._provider))
                    await self._placement.changed.wait(None if ending else self._wait(drain))
            finally:
                await _call_off(ending)
            job.tell(self._board.node, ITEM_FAILED, self._placement.ended.pop(drain.request, "The drain was ended."))
            return "failed"

        return work

    def _report(self, job: Job, drain: DrainOrder) -> list[SessionId]:
        """Tell which sessions are gone; the ids of those that are left."""
        left = [body.id for body in self._board.living()]
        for session in drain.sessions:
            if self._board.seen and session not in left:
                job.tell(session, ITEM_DONE, "It is gone.")
        for session in left:
            if session not in job:
                job.tell(session, ITEM_WAITING)
        return left

    def _wait(self, drain: DrainOrder) -> float | None:
        """Seconds until what is left has to be ended; None where it may stay."""
        if drain.then == "wait":
            return None
        deadline = drain.drain.deadline
        return 0.0 if deadline is None else max(0.0, deadline - self._clock.now())


class ResumeNode:
    """``resume``: the node takes new sessions again."""

    name = "resume"

    def __init__(self, board: SessionBoard, placement: Placement) -> None:
        self._board = board
        self._placement = placement

    def prepare(self, order: Order) -> Deed:
        """Never refuses: a node that isn't drained is as it was asked to be."""
        before = self._placement.state(self._board)

        async def do() -> Outcome:
            if self._placement.taking:
                return Outcome(code="unchanged", detail="The node was not draining.")
            await self._placement.resume(order.operator, order.reason)
            return Outcome(result={"before": before, "state": "active"})

        return Deed({"before": before, "state": "active"}, do)

    def aftermath(self, order: Order) -> Outcome:
        """The node takes sessions, or the drain is in force still."""
        if self._placement.taking:
            return Outcome(detail="The node takes new sessions; the agent was restarted meanwhile.")
        return not_begun("the drain is in force still")


async def _call_off(ending: asyncio.Task[None] | None) -> None:
    """Stop to end sessions: the node is empty, or was taken back. A fault in it goes on."""
    if ending is None:
        return
    ending.cancel()
    with suppress(asyncio.CancelledError):
        await ending
