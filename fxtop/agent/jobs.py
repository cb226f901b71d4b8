"""Work that goes on after the reply, and what is told of it on ``job.<request>`` (protocol 4)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final

from fxtop.agent.background import Background
from fxtop.agent.durable import StateError
from fxtop.agent.identity import Identity
from fxtop.agent.ledger import Ledger
from fxtop.agent.order import Order, Work
from fxtop.agent.outbox import Outbox
from fxtop.agent.records import Records, Ruling
from fxtop.agent.signal import Signal
from fxtop.clock import Clock
from fxtop.protocol.control import Dropped, JobItem, JobProgress, ProgressStatus, Waits
from fxtop.protocol.ids import RequestId

log = logging.getLogger(__name__)

ALIVE_EVERY: Final = 10.0
"""Seconds after which progress is told though there is none: somebody waits and must see that the work goes on."""
PAUSE: Final = 0.25
"""Seconds between two tellings, so that 500 sessions ending at once are not 500 long messages."""

ITEM_DONE: Final = "done"
ITEM_FAILED: Final = "failed"
ITEM_RUNNING: Final = "running"
ITEM_WAITING: Final = "waiting"
ITEM_UNKNOWN: Final = "unknown"
"""Nobody knows whether it was done."""


class Job:
    """The things that one request works on, and how far each is."""

    def __init__(self, request: RequestId, verb: str, ids: Iterable[str] = ()) -> None:
        self.request = request
        self.verb = verb
        self.changed = Signal()
        self.rev = 0
        """Goes up with each change."""
        self.waits: Waits | None = None
        """For a second person; nothing was done yet."""
        self.dropped: Dropped | None = None
        """Why nothing will be done."""
        self.after_end: Callable[[], Awaitable[None]] | None = None
        """Called once its end is on disk: what is no longer needed to go on with it after a restart can go."""
        self._items = {id_: JobItem(id=id_, status=ITEM_WAITING) for id_ in ids}

    def __contains__(self, id_: str) -> bool:
        return id_ in self._items

    @property
    def items(self) -> list[JobItem]:
        """All of them."""
        return list(self._items.values())

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(item.status == ITEM_DONE for item in self._items.values())

    def tell(self, id_: str, status: str, detail: str = "") -> None:
        """``id_`` is now at ``status``."""
        item = JobItem(id=id_, status=status, detail=detail)
        if self._items.get(id_) != item:
            self._items[id_] = item
            self.rev += 1
            self.changed.notify()

    def wait_for(self, waits: Waits | None) -> None:
        """It waits for a second person from now on, or no longer."""
        self.waits = waits
        self.rev += 1
        self.changed.notify()

    def verdict(self) -> ProgressStatus:
        """How the job ended, going by its items."""
        done = self.done
        if done == len(self._items):
            return "done"
        return "partial" if done else "failed"


class Jobs:
    """The running jobs of one agent."""

    def __init__(
        self, background: Background, outbox: Outbox, records: Records, ledger: Ledger, identity: Identity, clock: Clock
    ) -> None:
        self._background = background
        self._outbox = outbox
        self._records = records
        self._ledger = ledger
        self._node = identity.node
        self._clock = clock
        self._running: dict[RequestId, Job] = {}
        self._orders: dict[RequestId, Order] = {}

    def orders(self) -> list[Order]:
        """What the running jobs carry out."""
        return list(self._orders.values())

    def progress(self, request: RequestId) -> JobProgress | None:
        """How far a running job is; None where there is none."""
        job = self._running.get(request)
        return self._progress(job, "running") if job is not None else None

    def start(self, order: Order, work: Work) -> None:
        """Begin ``work`` and tell of it until it ends."""
        self._orders[order.request] = order
        self._background.start(self._run(order, work), f"{order.verb} {order.request}")

    async def repeat_waiting(self, inbox: str) -> None:
        """Tell one asker (protocol 3) of the jobs that wait for a second person."""
        for job in list(self._running.values()):
            if job.waits is not None:
                await self._outbox.answer(inbox, "job", (job.request,), self._progress(job, "running"))

    async def _run(self, order: Order, work: Work) -> None:
        job = self._running[order.request] = Job(order.request, order.verb)
        try:
            await self._see_through(order, job, work)
        finally:
            del self._running[order.request], self._orders[order.request]

    async def _see_through(self, order: Order, job: Job, work: Work) -> None:
        try:
            async with self._telling(job):
                status = await work(job)
        except Exception:  # not swallowed: whoever waits for the job hears of its end before the fault goes on
            await self._end(order, job, "failed")
            raise
        await self._end(order, job, status)

    async def _end(self, order: Order, job: Job, status: ProgressStatus) -> None:
        """Write down how it ended before anybody is told, and tell it of each item before it is told in a word.

        Whoever waits for the end would take the audit record for all that there is to know.
        """
        ruling = _ruling(job, status)
        await self._records.keep(order, ruling)
        end = self._progress(job, status)
        try:
            await self._ledger.close(order.request, end)
        except StateError as error:
            log.error("%s After a restart the job %s will be told of once more.", error, job.request)
        else:
            if job.after_end is not None:
                await job.after_end()
        await self._outbox.deliver("job", (job.request,), end)
        await self._records.tell(order, ruling)

    @asynccontextmanager
    async def _telling(self, job: Job) -> AsyncIterator[None]:
        teller = asyncio.create_task(self._tell(job))
        try:
            yield
        finally:
            teller.cancel()
            await asyncio.gather(teller, return_exceptions=True)

    async def _tell(self, job: Job) -> None:
        while True:
            told = job.rev
            await self._outbox.say("job", (job.request,), self._progress(job, "running"))
            await asyncio.sleep(PAUSE)
            if job.rev == told:
                await job.changed.wait(ALIVE_EVERY)

    def _progress(self, job: Job, status: ProgressStatus) -> JobProgress:
        items = job.items
        return JobProgress(
            v=1,
            request=job.request,
            node=self._node,
            verb=job.verb,
            status=status,
            done=job.done,
            total=len(items),
            items=items,
            waits=job.waits,
            dropped=job.dropped,
            ts=self._clock.now(),
        )


def _ruling(job: Job, status: ProgressStatus) -> Ruling:
    """The record of its end; what was dropped before it began was refused, if late."""
    if job.dropped is not None:
        return Ruling(decision="refused", code=job.dropped.code, outcome="refused", detail=job.dropped.detail)
    return Ruling(decision="accepted", outcome=status, detail=_summary(job))


def _summary(job: Job) -> str:
    failed = [f"{item.id}: {item.detail}" for item in job.items if item.status == ITEM_FAILED]
    return "; ".join([f"{job.done} of {len(job.items)} done", *failed[:10]])
