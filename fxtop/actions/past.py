"""Our requests from before, and those whose end nobody knows: taken up again, and asked about.

The question is a request of its own (``recall``) that changes nothing. What it asks about is never sent again: after
its expiry it would be a replay, and before it the question could become the deed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import msgspec

from fxtop.actions.courier import EXPIRES_AFTER, Courier, Heard, Letter, new_request, whose
from fxtop.actions.following import Following
from fxtop.actions.journal import Journal
from fxtop.actions.model import Refused
from fxtop.actions.recall import RECALLED, recall
from fxtop.actions.record import Record
from fxtop.actions.steps import MANAGER
from fxtop.bus.port import BusError
from fxtop.cluster.records import JobRow, JobState
from fxtop.protocol.control import RecallArgs, Recalled
from fxtop.protocol.ids import RequestId
from fxtop.views.format import spoken_duration

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

ASKABLE: Final = frozenset((JobState.REQUESTED, JobState.ACCEPTED, JobState.RUNNING, JobState.UNKNOWN))
"""Jobs whose end isn't known."""


class Past:
    """What was asked for from here, as far as its end isn't known."""

    def __init__(self, journal: Journal, store: Store, record: Record, following: Following) -> None:
        self._journal = journal
        self._store = store
        self._record = record
        self._following = following

    async def recollect(self) -> None:
        """Take up what the journal has and nobody knows the end of. JournalError: it can't be read."""
        for job in (await self._recorded()).values():
            if job.state in ASKABLE and not job.dismissed:
                self._take_up(job)

    async def resolve(self, courier: Courier, requests: Iterable[str] = ()) -> tuple[JobRow, ...]:
        """Ask what became of ``requests``, or of all of ours without a known end; their jobs then.

        Raises:
            Refused: one of them was not asked for from here.
            JournalError: the journal can't be read.
        """
        jobs = [await self._find(RequestId(request)) for request in requests] or self._open()
        asked = [job for job in jobs if job.state in ASKABLE]
        async with asyncio.TaskGroup() as group:
            for job in asked:
                group.create_task(self._ask(courier, job))
        self._following.advance()
        self._record.flush()
        return tuple(jobs)

    def dismiss(self, requests: Iterable[RequestId]) -> None:
        """Hide ended jobs, those of ours after a restart too."""
        for request in requests:
            job = self._store.jobs.get(request)
            if job is None or not job.state.ended or job.dismissed:
                continue
            self._following.advance()
            self._store.book.dismiss(request)
            if job.mine:
                self._record.note(self._record.dismissed(job))
        self._record.flush()

    def _open(self) -> list[JobRow]:
        return [job for job in self._store.jobs.values() if job.mine and job.state in ASKABLE and not job.dismissed]

    async def _find(self, request: RequestId) -> JobRow:
        """The job of ``request``, from the journal where it is from before."""
        job = self._store.jobs.get(request)
        if job is not None and job.mine:
            return job
        past = (await self._recorded()).get(request)
        if past is None:
            since = spoken_duration(RECALLED)
            raise Refused("unknown_request", f"Nobody was asked: no request {request} left here in the last {since}.")
        return self._take_up(past)

    async def _recorded(self) -> dict[RequestId, JobRow]:
        clock = self._store.clock
        reading = await asyncio.to_thread(self._journal.read, clock.now() - RECALLED)
        return recall(reading.entries, self._store.cluster, clock)

    def _take_up(self, past: JobRow) -> JobRow:
        on_record = past.state if past.state.ended else None
        job = self._store.book.restore(past)
        self._following.follow(job.id, recorded=on_record)
        return job

    async def _ask(self, courier: Courier, job: JobRow) -> None:
        letter = Letter(new_request(), job.target, "recall", RecallArgs(request=job.id), job.reason, dry_run=True)
        if job.target != MANAGER:
            heard: Sequence[Heard] = [await courier.carry(letter)]
        else:
            try:
                heard = await courier.carry_to_each(letter)
            except BusError as error:
                heard = [Heard(None, JobState.UNKNOWN, "bus_error", str(error))]
        self._conclude(job, heard)

    def _conclude(self, job: JobRow, heard: Sequence[Heard]) -> None:
        """Put into the job book what the receivers remember."""
        told = [found for each in heard if (found := _recalled(each)) is not None]
        known = next((found for found in told if found.known), None)
        if known is not None:
            self._believe(job, known)
        elif told and job.target != MANAGER:
            self._never_came(job, told[0])
        elif told:
            self._remark(job, "no manager that answers knows of it")
        else:
            self._remark(job, heard[0].detail if heard else "no manager answers")

    def _believe(self, job: JobRow, found: Recalled) -> None:
        if found.reply is None:
            self._remark(job, "its receiver has it in hand, and has not answered yet")
            return
        self._store.book.reply(job.id, found.reply)
        if found.progress is not None:
            self._store.book.progress(found.progress, self._store.clock.monotonic())

    def _never_came(self, job: JobRow, found: Recalled) -> None:
        """Its receiver doesn't know it: nothing was done, unless it was forgotten or may still come."""
        whom, ago = whose(job.target), self._store.clock.now() - job.requested_at
        if ago <= EXPIRES_AFTER:
            self._remark(job, f"it has not come to {whom} yet, and may until it expires: ask again in half a minute")
        elif ago >= found.memory:
            self._remark(job, f"{whom} remembers no request that old")
        else:
            detail = f"it never came to {whom}, and has expired: nothing was done"
            self._store.book.fail(job.id, JobState.FAILED, "never_came", detail)

    def _remark(self, job: JobRow, detail: str) -> None:
        self._store.book.remark(job.id, f"asked again: {detail}; whether anything happened is not known")


def _recalled(heard: Heard) -> Recalled | None:
    """What a receiver remembers; None where its answer says nothing of that."""
    if heard.reply is None or heard.state is not JobState.DONE:
        return None
    try:
        return msgspec.convert(heard.reply.result, Recalled)
    except msgspec.ValidationError:
        return None
