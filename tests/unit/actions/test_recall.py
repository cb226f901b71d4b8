from __future__ import annotations

from typing import Any

from fxtop.actions.journal import Entry, Kind
from fxtop.actions.recall import joined, recall
from fxtop.cluster.records import JobRow, JobState
from fxtop.protocol.ids import ClusterSlug, RequestId
from tests.unit.actions.still_clock import StillClock

PROD = ClusterSlug("prod")
R1 = RequestId("r1")


def entry(kind: Kind, clock: StillClock, ago: float = 0.0, **over: Any) -> Entry:
    fields: dict[str, Any] = {
        "cluster": PROD, "verb": "drain", "operator": "ann", "key": "UANN", "action": "p1", "request": R1,
        "targets": ("viz01",), "reason": "disk", "ticket": "OPS-7", **over,
    }  # fmt: skip
    return Entry(v=1, at=clock.now() - ago, kind=kind, **fields)


def test_a_request_is_recalled_with_who_wanted_what_and_how_it_ended() -> None:
    clock = StillClock()
    outcome = {"done": 2, "total": 2, "items": [["s1", "done", ""], ["s2", "done", "killed"]]}
    entries = [
        entry(Kind.SENT, clock, 60),
        entry(Kind.REPLY, clock, 59, state="accepted"),
        entry(Kind.OUTCOME, clock, 10, state="done", detail="empty", data=outcome),
    ]
    job = recall(entries, PROD, clock)[R1]
    assert (job.verb, job.target, job.operator, job.reason, job.ticket) == ("drain", "viz01", "ann", "disk", "OPS-7")
    assert (job.state, job.detail, job.done, job.total, len(job.items)) == (JobState.DONE, "empty", 2, 2, 2)
    assert job.requested_at == clock.now() - 60
    assert job.ended_at == clock.now() - 10
    assert clock.monotonic() - job.heard == 10
    assert job.mine


def test_what_was_accepted_is_not_done() -> None:
    clock = StillClock()
    job = recall([entry(Kind.SENT, clock, 60), entry(Kind.REPLY, clock, 59, state="accepted")], PROD, clock)[R1]
    assert job.state is JobState.ACCEPTED
    assert job.ended_at is None


def test_a_request_whose_answer_is_not_on_record_is_unknown_once_it_has_expired() -> None:
    clock = StillClock()
    assert recall([entry(Kind.SENT, clock, 5)], PROD, clock)[R1].state is JobState.REQUESTED
    job = recall([entry(Kind.SENT, clock, 60)], PROD, clock)[R1]
    assert job.state is JobState.UNKNOWN
    assert "not known" in job.detail


def test_a_later_end_corrects_an_earlier_one() -> None:
    clock = StillClock()
    entries = [entry(Kind.SENT, clock, 60), entry(Kind.OUTCOME, clock, 50, state="unknown")]
    entries.append(entry(Kind.OUTCOME, clock, 40, state="done"))
    assert recall(entries, PROD, clock)[R1].state is JobState.DONE


def test_what_changed_nothing_or_was_for_another_cluster_is_no_job() -> None:
    clock = StillClock()
    entries = [
        entry(Kind.SENT, clock, dry_run=True),
        entry(Kind.SENT, clock, verb="plan"),
        entry(Kind.SENT, clock, cluster="test"),
        entry(Kind.INTENT, clock, request=""),
        entry(Kind.REPLY, clock, request="r2", state="done"),
    ]
    assert recall(entries, PROD, clock) == {}


def test_what_a_later_version_wrote_tells_as_much_as_can_be_understood() -> None:
    clock = StillClock()
    entries = [
        entry(Kind.SENT, clock),
        entry(Kind.REPLY, clock, state="postponed"),
        entry(Kind.OUTCOME, clock, state="done", data={"done": "all", "items": 7}),
    ]
    job = recall(entries, PROD, clock)[R1]
    assert (job.state, job.done, job.items) == (JobState.DONE, 0, ())


def test_what_is_heard_now_counts_and_the_record_says_why() -> None:
    clock = StillClock()
    past = recall([entry(Kind.SENT, clock, 60), entry(Kind.REPLY, clock, 59, state="accepted")], PROD, clock)
    heard = JobRow(
        id=R1, heard=clock.monotonic(), verb="drain", target="viz01", state=JobState.RUNNING, done=1, total=3
    )
    other = JobRow(id=RequestId("r9"), heard=clock.monotonic(), operator="bob")
    jobs = joined(past, {R1: heard, other.id: other})
    assert (jobs[R1].state, jobs[R1].done, jobs[R1].total) == (JobState.RUNNING, 1, 3)
    assert (jobs[R1].reason, jobs[R1].mine, jobs[R1].heard) == ("disk", True, heard.heard)
    assert jobs[other.id] is other
