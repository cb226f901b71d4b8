"""The jobs: requests on their way, ours and other operators', and what is known of their end.

Requested is not done: a job ends when its receiver says so, or as `JobState.UNKNOWN` when nobody can tell. An end is
final, but for the unknown one: the truth may come late, and then it counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fxtop.cluster import notices
from fxtop.cluster.acting import Acting
from fxtop.cluster.records import JobRow, JobState, SessionKey
from fxtop.cluster.shelf import Shelf
from fxtop.cluster.tables import Tables
from fxtop.protocol import subjects, text
from fxtop.protocol.control import MANAGER_VERBS, Audit, JobProgress, Reply
from fxtop.protocol.ids import NodeId, PublicKey, RequestId, SessionId

MANAGER: Final = "manager"
"""The target of requests that any cluster manager may take."""

SILENT_AFTER: Final = 120.0
"""Seconds without a word after which nobody knows about another operator's job; agents speak at least every 10 s.

Our own requests have time limits of their own, in `fxtop.actions`.
"""

MOST_SESSIONS: Final = 500
"""Sessions that one request names at most (protocol 4)."""

MOST_UNFINISHED: Final = 10_000
"""Jobs that may be unfinished at once; other operators' jobs beyond are counted and not taken up."""

HARMLESS: Final = frozenset({"ping", "plan", "recall"})
"""Verbs that change nothing; what is said of them is no job."""

INTERRUPTED: Final = "interrupted"
"""The code of a receiver that ended while it carried a request out, and can't see what came of it."""

_STATES: Final[dict[str, JobState]] = {
    "accepted": JobState.ACCEPTED,
    "running": JobState.RUNNING,
    "done": JobState.DONE,
    "partial": JobState.PARTIAL,
    "failed": JobState.FAILED,
    "refused": JobState.REFUSED,
    "unsupported": JobState.UNSUPPORTED,
}
"""What the words of replies, progress and audit records mean; other words tell nothing."""

_STEPS: Final = (JobState.REQUESTED, JobState.ACCEPTED, JobState.RUNNING)


class JobBook:
    """All jobs. `open`, `reply` and `fail` tell of ours; `progress` and `audit` come from the bus."""

    def __init__(self, tables: Tables, acting: Acting) -> None:
        self._tables = tables
        self._acting = acting
        self._shelf = Shelf()
        self._unfinished: dict[RequestId, JobRow] = {}

    def open(  # noqa: PLR0913  # all that is known of a request, each by name
        self,
        *,
        request: RequestId,
        plan: str,
        verb: str,
        target: str,
        sessions: Iterable[SessionId],
        operator: str,
        key: PublicKey | None,
        reason: str,
        ticket: str | None,
    ) -> JobRow:
        """Enter a request of ours that is about to be sent."""
        job = self._enter(request, self._tables.clock.monotonic())
        job.mine = True
        job.plan, job.verb, job.target, job.sessions = plan, verb, target, tuple(sessions)
        job.operator, job.key, job.reason, job.ticket = operator, key, reason, ticket
        self._changed(job, job.heard)
        return job

    def left(self, request: RequestId) -> None:
        """A request of ours leaves now; it may have waited for others that were sent before it."""
        job = self._tables.jobs.get(request)
        if job is not None:
            job.requested_at = self._tables.clock.now()
            self._changed(job, job.heard)

    def reply(self, request: RequestId, reply: Reply) -> None:
        """Take the receiver's answer to a request of ours."""
        job = self._tables.jobs.get(request)
        state = state_told(reply.status, reply.code)
        if job is not None and (_may_become(job, state) or job.state is state):
            job.code, job.detail = reply.code, reply.detail
            self._changed(job, self._tables.clock.monotonic(), state)

    def fail(self, request: RequestId, state: JobState, code: str, detail: str) -> None:
        """End a request without its receiver's word: it was not sent, never came, or nobody knows what came of it."""
        job = self._tables.jobs.get(request)
        if job is not None and _may_become(job, state):
            job.code, job.detail = code, detail
            self._changed(job, job.heard, state)

    def remark(self, request: RequestId, detail: str) -> None:
        """Say what is known beside an unknown end."""
        job = self._tables.jobs.get(request)
        if job is not None and job.state is JobState.UNKNOWN and job.detail != detail:
            job.detail = detail
            self._changed(job, job.heard)

    def restore(self, past: JobRow) -> JobRow:
        """Take up a request of ours from before our start. What was heard of it since then stays as it is."""
        job = self._tables.jobs.get(past.id)
        if job is None:
            job = self._tables.jobs[past.id] = past
        job.mine, job.plan, job.target, job.verb = True, past.plan, past.target, past.verb
        job.operator, job.key, job.reason, job.ticket = past.operator, past.key, past.reason, past.ticket
        job.requested_at, job.sessions = past.requested_at, past.sessions or job.sessions
        self._changed(job, job.heard)
        return job

    def progress(self, progress: JobProgress, at: float) -> None:
        """Take a receiver's word of how far a job is, received at monotonic ``at``; the last one is not ``running``."""
        job = self._known_or_foreign(progress.request, at)
        if job is None:
            return
        state = JobState.REFUSED if progress.dropped else _STATES[progress.status]
        if not _may_become(job, state) and job.state is not state:
            return
        job.verb = job.verb or progress.verb
        job.target = job.target or _target(progress.verb, progress.node)
        job.done, job.total = progress.done, progress.total
        size = sum(len(item.id) + len(item.status) + len(item.detail) for item in progress.items)
        if job.mine or self._may_hold("job", request=job.id, size=size):
            job.items = tuple(progress.items)
        if progress.verb == "terminate" and not job.mine:
            self._name_sessions(job, [item.id for item in progress.items])
        if job.state is JobState.UNKNOWN or (job.waits and not progress.waits):
            job.code = job.detail = ""
        job.waits, job.keeper = progress.waits, progress.node
        if progress.waits is not None:
            job.operator = job.operator or progress.waits.operator
            job.reason = job.reason or progress.waits.reason
        if progress.dropped:
            job.code, job.detail = progress.dropped.code, progress.dropped.detail
        self._changed(job, at, state)

    def audit(self, source: str, audit: Audit, at: float) -> None:
        """Take a receiver's record of a decision; only this tells who wants what, of jobs that are not ours."""
        if audit.verb in HARMLESS or audit.decision == "dry_run":
            return
        if not audit.request:
            notices.nameless_refused(self._tables, source, audit.verb, audit.code)
            return
        job = self._known_or_foreign(audit.request, at)
        if job is None:
            return
        job.verb = job.verb or audit.verb
        job.target = job.target or _target(audit.verb, source)
        job.operator = job.operator or audit.operator
        job.key = job.key or audit.key
        job.reason = job.reason or audit.reason
        job.ticket = job.ticket or audit.ticket
        if not job.sessions:
            self._name_sessions(job, audit.args.get("sessions"))
        told = audit.outcome or audit.decision
        state = state_told(told, audit.code) if told in _STATES else job.state
        if _may_become(job, state):
            job.code, job.detail = audit.code, "" if job.state is JobState.UNKNOWN else job.detail
            self._changed(job, at, state)
        else:
            self._changed(job, at)

    def dismiss(self, request: RequestId) -> None:
        """Let go of an ended job: it is hidden, and forgotten when there are too many."""
        job = self._tables.jobs.get(request)
        if job is not None and job.state.ended and not job.dismissed:
            job.dismissed = True
            self._changed(job, job.heard)

    def unfinished(self) -> list[JobRow]:
        """Jobs that are not over, ours and others', oldest first."""
        return list(self._unfinished.values())

    def touching(self, what: NodeId | SessionKey) -> tuple[JobRow, ...]:
        """Unfinished jobs that touch a node, or a session."""
        requests = self._acting.on_session(what) if isinstance(what, SessionKey) else self._acting.on_node(what)
        return tuple(self._unfinished[request] for request in requests)

    def advance(self, now: float) -> None:
        """Give up on other operators' jobs of which nothing is heard any more."""
        for job in self.unfinished():
            if not job.mine and now - job.heard >= SILENT_AFTER:
                self.fail(job.id, JobState.UNKNOWN, "silent", f"nothing was heard of it for {SILENT_AFTER:.0f} s")

    def _enter(self, request: RequestId, at: float) -> JobRow:
        job = self._tables.jobs.get(request)
        if job is None:
            job = JobRow(id=request, heard=at, requested_at=self._tables.wall(at))
            self._tables.jobs[request] = job
        return job

    def _known_or_foreign(self, request: RequestId, at: float) -> JobRow | None:
        if request not in self._tables.jobs and len(self._unfinished) >= MOST_UNFINISHED:
            subject = subjects.build(self._tables.cluster, "job", request)
            self._tables.intake.reject("full", subject, f"{MOST_UNFINISHED} jobs are unfinished, it is not taken up")
            return None
        return self._enter(request, at)

    def _name_sessions(self, job: JobRow, named: object) -> None:
        """Take the sessions that somebody's request names, as far as they are what they should be."""
        if not isinstance(named, list):
            return
        ids = [text.inert(each, text.ID_BOUND) for each in named[:MOST_SESSIONS] if isinstance(each, str)]
        if self._may_hold("audit", request=job.id, size=sum(map(len, ids))):
            job.sessions = tuple(map(SessionId, ids))

    def _may_hold(self, kind: str, *, request: RequestId, size: int) -> bool:
        """Whether there is room for ``size`` bytes of what a ``kind`` of message tells of a job."""
        return self._tables.allowance.takes(kind, request, size, subjects.build(self._tables.cluster, kind, request))

    def _changed(self, job: JobRow, heard: float, state: JobState | None = None) -> None:
        """Note what was written into ``job``, bring it to ``state`` where one is given, and draw the consequences."""
        before, job.state = job.state, state or job.state
        job.heard = heard
        self._tables.job_changed(job)
        if not job.state.ended:
            job.ended_at, job.dismissed = None, False
            self._unfinished[job.id] = job
            self._acting.touch(job)
        elif before is not job.state:
            job.ended_at = self._tables.clock.now()
            self._unfinished.pop(job.id, None)
            self._acting.release(job.id)
            notices.job_ended(self._tables, job)
        for forgotten in self._shelf.put(job):
            del self._tables.jobs[forgotten]
            self._tables.allowance.release("job", forgotten)
            self._tables.allowance.release("audit", forgotten)
            self._tables.dirty.jobs.add(forgotten)


def state_told(status: str, code: str) -> JobState:
    """What a receiver's word means; one that was cut short in the middle doesn't know itself how far it came."""
    return JobState.UNKNOWN if status == "failed" and code == INTERRUPTED else _STATES[status]


def _may_become(job: JobRow, state: JobState) -> bool:
    """Whether ``state`` is news: no step back, no second end, but anything after an unknown end."""
    if job.state is JobState.UNKNOWN:
        return state is not JobState.UNKNOWN
    if job.state.ended:
        return False
    return state.ended or _STEPS.index(state) > _STEPS.index(job.state)


def _target(verb: str, source: str) -> str:
    return MANAGER if verb in MANAGER_VERBS else source
