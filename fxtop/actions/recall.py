"""Jobs as the journal remembers them, for who begins anew: a command, or a console that was restarted.

The bus tells only of what goes on. What was asked for from here, and how it ended, is on record here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from fxtop.actions.courier import EXPIRES_AFTER
from fxtop.actions.journal import Entry, Kind
from fxtop.actions.verbs import VERBS
from fxtop.clock import Clock
from fxtop.cluster.records import JobRow, JobState
from fxtop.protocol.control import JobItem
from fxtop.protocol.ids import ClusterSlug, PublicKey, RequestId, SessionId

_HEARD: Final = ("heard", "state", "code", "detail", "done", "total", "items", "waits", "keeper")
_STATES: Final = frozenset(state.value for state in JobState)

RECALLED: Final = 86_400.0
"""Seconds back to which a journal is asked for jobs."""

UNANSWERED: Final = "no answer is on record: fxtop was ended before it came, so whether anything happened is not known"


def recall(entries: Iterable[Entry], cluster: ClusterSlug, clock: Clock) -> dict[RequestId, JobRow]:
    """The requests to ``cluster`` among ``entries`` as far as these tell; the age of each is that of its last entry."""
    jobs: dict[RequestId, JobRow] = {}
    for entry in entries:
        if entry.cluster != cluster or entry.verb not in VERBS or entry.dry_run or not entry.request:
            continue
        request = RequestId(entry.request)
        if entry.kind == Kind.SENT:
            jobs[request] = _sent(entry)
        elif entry.kind in (Kind.REPLY, Kind.OUTCOME) and request in jobs:
            _told(jobs[request], entry)
        elif entry.kind == Kind.DISMISSED and request in jobs:
            jobs[request].dismissed = True
        if request in jobs:
            jobs[request].heard = clock.monotonic() - (clock.now() - entry.at)
    for job in jobs.values():
        if job.state is JobState.REQUESTED and clock.now() > job.requested_at + EXPIRES_AFTER:
            job.state, job.code, job.detail = JobState.UNKNOWN, "no_record", UNANSWERED
    return jobs


def joined(past: Mapping[RequestId, JobRow], heard: Mapping[RequestId, JobRow]) -> dict[RequestId, JobRow]:
    """Both; of a job that is in both, who wants what and why is from the record and the rest is what was heard."""
    return {**past, **{request: _joined(past.get(request), job) for request, job in heard.items()}}


def _sent(entry: Entry) -> JobRow:
    return JobRow(
        id=RequestId(entry.request),
        heard=0.0,
        plan=entry.action,
        mine=True,
        verb=entry.verb,
        target=" ".join(entry.targets),
        operator=entry.operator,
        key=PublicKey(entry.key) if entry.key else None,
        reason=entry.reason,
        ticket=entry.ticket,
        sessions=_sessions(entry.data),
        requested_at=entry.at,
    )


def _sessions(args: Mapping[str, Any]) -> tuple[SessionId, ...]:
    """The sessions that the arguments name; entries of earlier versions have none."""
    try:
        return tuple(msgspec.convert(args.get("sessions") or [], list[SessionId]))
    except msgspec.ValidationError:
        return ()


def _told(job: JobRow, entry: Entry) -> None:
    """Take a later entry into ``job``; one with a state that this version doesn't know tells nothing."""
    if entry.state not in _STATES:
        return
    job.state, job.code, job.detail = JobState(entry.state), entry.code, entry.detail
    job.ended_at = entry.at if job.state.ended else None
    if entry.kind == Kind.OUTCOME:
        job.done, job.total, job.items = _extent(entry.data)


def _extent(data: Mapping[str, Any]) -> tuple[int, int, tuple[JobItem, ...]]:
    try:
        done, total = (msgspec.convert(data.get(name, 0), int) for name in ("done", "total"))
        items = msgspec.convert(data.get("items", []), list[tuple[str, str, str]])
    except msgspec.ValidationError:  # a later version may write it otherwise
        return 0, 0, ()
    return done, total, tuple(JobItem(id=id_, status=status, detail=detail) for id_, status, detail in items)


def _joined(past: JobRow | None, heard: JobRow) -> JobRow:
    if past is None:
        return heard
    told = {name: getattr(heard, name) for name in _HEARD}
    return msgspec.structs.replace(past, **told, ended_at=heard.ended_at)
