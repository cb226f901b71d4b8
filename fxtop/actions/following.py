"""Following our requests to their end, and writing down how they ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fxtop.actions.patience import given_up
from fxtop.actions.record import Record
from fxtop.cluster.records import JobRow, JobState
from fxtop.protocol.ids import RequestId

if TYPE_CHECKING:
    from fxtop.cluster.store import Store


@dataclass(slots=True)
class _Followed:
    grace: float
    recorded: JobState | None = None
    """The end that is in the journal already."""


class Following:
    """Our requests until their end is known and recorded. One that is unknown is followed on: late truth wins."""

    def __init__(self, store: Store, record: Record) -> None:
        self._store = store
        self._record = record
        self._followed: dict[RequestId, _Followed] = {}

    def follow(self, request: RequestId, grace: float = 0.0, recorded: JobState | None = None) -> None:
        """Follow one request, which gives sessions ``grace`` seconds to end and may be on record as ``recorded``."""
        self._followed.setdefault(request, _Followed(grace, recorded))

    def advance(self) -> None:
        """Give up what nobody can know any more, and record what ended. Costs what is followed, not what is known."""
        for request, followed in list(self._followed.items()):
            job = self._store.jobs.get(request)
            if job is None:
                del self._followed[request]
                continue
            self._give_up(job, followed)
            self._write_down(job, followed)
            if job.dismissed or (job.state.ended and job.state is not JobState.UNKNOWN):
                del self._followed[request]

    def _write_down(self, job: JobRow, followed: _Followed) -> None:
        if not job.state.ended:
            followed.recorded = None  # it goes on after an unknown end, and will end once more
        elif job.state is not followed.recorded:
            self._record.note(self._record.outcome(job))
            followed.recorded = job.state

    def _give_up(self, job: JobRow, followed: _Followed) -> None:
        why = given_up(job, followed.grace, self._store)
        if why is not None:
            self._store.book.fail(job.id, JobState.UNKNOWN, why.code, why.sentence)
