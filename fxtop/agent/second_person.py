"""Requests that are not carried out before a second person agrees (`fxtop.protocol.consent`).

Such a request is answered at once and goes on as a job that waits. It ends when somebody approves it, and then goes on
as what it is; when it is withdrawn or turned down; or when its time is over.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Final

from fxtop.agent.doing import done
from fxtop.agent.durable import StateError
from fxtop.agent.jobs import ITEM_DONE, ITEM_FAILED, Job
from fxtop.agent.order import Deed, LastingVerb, Order, Outcome, Refusal, Verb, Work
from fxtop.agent.waiting_room import Waiting, WaitingRoom
from fxtop.bus.port import Asked
from fxtop.clock import Clock, utc
from fxtop.protocol.consent import CODE, Held
from fxtop.protocol.control import Dropped, ProgressStatus, Waits
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.protocol.signing import REQUIRED
from fxtop.views.format import spoken_duration

log = logging.getLogger(__name__)

LOOK: Final = 5.0
"""Seconds between two looks at the time, which may be set while something waits."""

_End = Outcome | Dropped
"""What became of a request that waited: it was carried out, or won't be."""


class SecondPerson:
    """Keeps the requests that wait on one node."""

    def __init__(self, room: WaitingRoom, node: NodeId, clock: Clock) -> None:
        self._room = room
        self._node = node
        self._clock = clock
        self._ends: dict[RequestId, asyncio.Future[_End]] = {}
        self._deciding: set[RequestId] = set()
        """Requests that somebody is approving or withdrawing at this moment, or whose time is over."""

    def hold(self, order: Order, asked: Asked, deed: Deed, rule: str, within: float) -> Deed:
        """Instead of ``deed``: keep the request for ``within`` seconds. A dry run tells what ``deed`` would do.

        Raises:
            Refusal: its payload isn't text, so that nobody could be shown what to approve.
        """
        try:
            payload = asked.payload.decode()
        except UnicodeDecodeError:
            raise Refusal("malformed", "The request isn't text, so nobody could read what to approve.") from None
        headers = {name: asked.headers[name] for name in REQUIRED}
        until = self._clock.now() + within
        held = Held(subject=asked.subject, headers=headers, payload=payload, until=until, rule=rule)
        waiting = Waiting(order=order, held=held)

        async def do() -> Outcome:
            await self._room.put(waiting)
            detail = (
                f"Nothing is done yet: a second person must approve it until {utc(until):%H:%M} UTC. {rule}".strip()
            )
            result = {"until": until, "digest": held.digest}
            return Outcome("accepted", CODE, detail, result, self._work(waiting))

        return Deed({**deed.preview, CODE: rule or "The request asks for it."}, do)

    def recover(self, verb: Verb, order: Order) -> Work | None:
        """How a request goes on that waited before a restart of the agent; None where it didn't wait."""
        waiting = self._room.get(order.request)
        if waiting is None:
            return None
        if not waiting.approved_by:
            return self._work(waiting)
        return self._resumed(verb, order)

    def find(self, request: RequestId) -> Waiting:
        """The request of that id while it waits. Raises Refusal with the code ``not_waiting``."""
        waiting = self._room.get(request)
        if waiting is None or waiting.approved_by or request in self._deciding:
            raise Refusal(
                "not_waiting",
                f"No request {request} waits on {self._node}: it was approved, taken back or dropped, or never here.",
            )
        if waiting.held.until <= self._clock.now():
            raise Refusal("unapproved", f"The time of request {request} is over: it has to be asked for anew.")
        return waiting

    async def approve(self, waiting: Waiting, by: str, verb: Verb) -> Outcome:
        """Carry ``waiting`` out, approved ``by`` somebody; what came of that at once. StateError: nothing was done."""
        request = waiting.order.request
        self._deciding.add(request)
        try:
            await self._room.put(Waiting(order=waiting.order, held=waiting.held, approved_by=by))
            try:
                outcome = await done(verb.prepare(waiting.order))
            except Refusal as refusal:
                outcome = Outcome(refusal.status, refusal.code, refusal.detail)
                self._end(request).set_result(Dropped(code=refusal.code, detail=refusal.detail))
            else:
                self._end(request).set_result(outcome)
        finally:
            self._deciding.discard(request)
        return outcome

    async def withdraw(self, waiting: Waiting, code: str, detail: str) -> None:
        """Let ``waiting`` never happen. StateError: it goes on waiting."""
        request = waiting.order.request
        self._deciding.add(request)
        try:
            await self._room.drop(request)
            self._end(request).set_result(Dropped(code=code, detail=detail))
        finally:
            self._deciding.discard(request)

    def _end(self, request: RequestId) -> asyncio.Future[_End]:
        return self._ends.setdefault(request, asyncio.get_running_loop().create_future())

    def _work(self, waiting: Waiting) -> Work:
        async def work(job: Job) -> ProgressStatus:
            held, order = waiting.held, waiting.order
            job.after_end = partial(self._forget, order.request)
            job.wait_for(Waits(until=held.until, rule=held.rule, operator=order.operator, reason=order.reason))
            end = await self._awaited(waiting)
            job.wait_for(None)
            return await self._follow(job, end)

        return work

    async def _awaited(self, waiting: Waiting) -> _End:
        """How the waiting ended; what somebody is deciding at its end still counts."""
        request, until = waiting.order.request, waiting.held.until
        end = self._end(request)
        while (left := until - self._clock.now()) > 0 and not end.done():
            await asyncio.wait((end,), timeout=min(left, LOOK))
        if end.done() or request in self._deciding or self._is_approved(request):
            return await end
        self._deciding.add(request)  # from here on nobody's word changes it, whatever becomes of the clock
        within = spoken_duration(max(0.0, until - waiting.order.expires))
        return Dropped(code="unapproved", detail=f"Nothing was done: nobody approved it within {within}.")

    def _is_approved(self, request: RequestId) -> bool:
        waiting = self._room.get(request)
        return waiting is not None and bool(waiting.approved_by)

    async def _follow(self, job: Job, end: _End) -> ProgressStatus:
        if isinstance(end, Dropped):
            job.dropped = end
            return "failed"
        if end.work is not None:
            return await end.work(job)
        went_well = end.status == "done"
        job.tell(self._node, ITEM_DONE if went_well else ITEM_FAILED, end.detail)
        return "done" if went_well else "failed"

    def _resumed(self, verb: Verb, order: Order) -> Work:
        """After a restart what was approved is not begun once more, only seen to its end."""

        async def work(job: Job) -> ProgressStatus:
            job.after_end = partial(self._forget, order.request)
            if isinstance(verb, LastingVerb):
                return await verb.recover(order)(job)
            job.tell(self._node, ITEM_FAILED, "The agent restarted after it was approved: see what came of it.")
            return "failed"

        return work

    async def _forget(self, request: RequestId) -> None:
        """Its end is on disk; that it is still kept is no harm, for an ended request is not taken up again."""
        self._ends.pop(request, None)
        self._deciding.discard(request)
        try:
            await self._room.drop(request)
        except StateError as error:
            log.error("%s The request %s is kept beyond its end.", error, request)
