"""Jobs: from requested to an end, ours and other operators'."""

from __future__ import annotations

from typing import Any

import pytest

from fxtop.cluster.jobs import SILENT_AFTER
from fxtop.cluster.records import JobRow, JobState
from fxtop.cluster.shelf import KEPT, KEPT_FAILURES
from fxtop.protocol.control import Reply
from fxtop.protocol.ids import NodeId, RequestId, SessionId
from tests.unit.cluster.kit import Site, key

R1 = RequestId("r1")
VIZ01 = NodeId("viz01")
SUBJECT_ENDS = ("done", "partial", "failed")


def order(site: Site, request: str = "r1", **over: Any) -> JobRow:
    """A request of ours to terminate two sessions."""
    return site.store.book.open(
        **{
            "request": RequestId(request),
            "plan": "p1",
            "verb": "terminate",
            "target": "viz01",
            "sessions": (SessionId("s1"), SessionId("s2")),
            "operator": "ann",
            "key": None,
            "reason": "stuck",
            "ticket": None,
            **over,
        }
    )


def answer(site: Site, status: Any, request: str = "r1", code: str = "", detail: str = "") -> None:
    reply = Reply(v=1, request=RequestId(request), status=status, code=code, detail=detail)
    site.store.book.reply(RequestId(request), reply)


def state(site: Site, request: str = "r1") -> JobState:
    return site.store.jobs[RequestId(request)].state


def test_a_job_goes_from_requested_over_accepted_and_running_to_its_end() -> None:
    site = Site()
    job = order(site)
    seen = [job.state]
    for step in (
        lambda: answer(site, "accepted"),
        lambda: site.progress("r1", done=1, total=2),
        lambda: site.progress("r1", "done", done=2, total=2),
    ):
        site.wait(1.0)
        step()
        seen.append(job.state)
    assert seen == [JobState.REQUESTED, JobState.ACCEPTED, JobState.RUNNING, JobState.DONE]
    assert (job.done, job.total, job.ended_at) == (2, 2, site.clock.now())
    assert site.store.drain_dirty().jobs == {R1}
    assert site.told == ["Terminate on viz01 is done."]


@pytest.mark.parametrize("status", ["done", "refused", "failed", "unsupported"])
def test_a_reply_that_is_an_end_ends_the_job(status: str) -> None:
    site = Site()
    job = order(site)
    answer(site, status, code="why", detail="because")
    assert (job.state, job.code, job.detail) == (JobState(status), "why", "because")
    assert site.store.book.unfinished() == []


def test_progress_that_overtakes_the_reply_is_not_undone_by_it() -> None:
    site = Site()
    job = order(site)
    site.progress("r1", done=1, total=2)
    answer(site, "accepted")
    assert job.state is JobState.RUNNING
    site.progress("r1", "done", done=2, total=2)
    answer(site, "accepted")
    assert job.state.value == "done"


@pytest.mark.parametrize("end", SUBJECT_ENDS)
@pytest.mark.parametrize("later", ["running", *SUBJECT_ENDS])
def test_an_end_is_final(end: str, later: str) -> None:
    site = Site()
    order(site)
    site.progress("r1", end)
    site.progress("r1", later)
    assert state(site) is JobState(end)
    site.store.book.fail(R1, JobState.UNKNOWN, "no_answer", "nobody knows")
    assert state(site) is JobState(end)


def test_late_truth_wins_over_unknown() -> None:
    site = Site()
    job = order(site)
    site.store.book.fail(R1, JobState.UNKNOWN, "no_answer", "viz01 did not answer")
    assert site.told == ["Terminate on viz01 may have happened or not: viz01 did not answer."]
    site.progress("r1", "done", done=2, total=2)
    assert (job.state, job.detail, job.done) == (JobState.DONE, "", 2)
    assert site.told[-1] == "Terminate on viz01 is done."


def test_work_that_is_found_to_go_on_is_not_unknown_any_more() -> None:
    site = Site()
    job = order(site)
    site.store.book.fail(R1, JobState.UNKNOWN, "no_answer", "viz01 did not answer")
    site.store.book.dismiss(R1)
    site.progress("r1", done=1, total=2)
    assert (job.state, job.ended_at, job.dismissed) == (JobState.RUNNING, None, False)
    assert site.store.book.unfinished() == [job]


def test_the_last_progress_still_tells_its_numbers_when_the_audit_was_faster() -> None:
    site = Site()
    job = order(site)
    site.audit("r1", outcome="done")
    site.progress("r1", "done", done=2, total=2, items=[{"id": "s1", "status": "done"}])
    assert (job.state, job.done, [item.id for item in job.items]) == (JobState.DONE, 2, ["s1"])
    assert len(site.told) == 1


def test_the_reply_still_tells_why_when_the_audit_was_faster() -> None:
    site = Site()
    job = order(site)
    site.audit("r1", "refused", code="role")
    answer(site, "refused", code="role", detail="the role 'watch' may not terminate")
    assert (job.state, job.detail) == (JobState.REFUSED, "the role 'watch' may not terminate")


def test_an_unfinished_job_marks_the_rows_that_it_touches() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", "s1", "s2", "s3")
    site.store.drain_dirty()
    job = order(site)
    sessions = site.store.sessions
    assert site.store.nodes[VIZ01].acting == (R1,)
    assert [sessions[key("viz01", each)].acting for each in ("s1", "s2", "s3")] == [(R1,), (R1,), ()]
    dirty = site.store.drain_dirty()
    assert dirty.nodes == {VIZ01}
    assert dirty.sessions == {key("viz01", "s1"), key("viz01", "s2")}
    assert site.store.book.touching(VIZ01) == site.store.book.touching(key("viz01", "s1")) == (job,)
    site.progress("r1", "done")
    assert site.store.nodes[VIZ01].acting == ()
    assert sessions[key("viz01", "s1")].acting == ()
    assert site.store.book.touching(VIZ01) == ()


def test_rows_that_appear_while_a_job_touches_them_say_so() -> None:
    site = Site()
    order(site)
    site.beat()
    site.session("viz01", "s1")
    assert site.store.nodes[VIZ01].acting == (R1,)
    assert site.store.sessions[key("viz01", "s1")].acting == (R1,)


def test_two_jobs_on_one_node_are_both_shown_until_each_ends() -> None:
    site = Site()
    site.beat()
    order(site, "r1")
    order(site, "r2", verb="drain", sessions=())
    assert site.store.nodes[VIZ01].acting == (R1, "r2")
    answer(site, "done", "r1")
    assert site.store.nodes[VIZ01].acting == ("r2",)


def test_a_request_to_the_managers_touches_no_row() -> None:
    site = Site()
    site.beat("manager")
    order(site, verb="rebalance", target="manager", sessions=())
    assert site.store.nodes[NodeId("manager")].acting == ()


def test_another_operators_job_appears_from_the_audit_with_who_and_why() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01", "s1")
    site.audit("x1", reason="kernel update", ticket="CHG-7", args={"sessions": ["s1"], "grace": 10})
    job = site.store.jobs[RequestId("x1")]
    assert (job.mine, job.operator, job.verb, job.target) == (False, "bob", "terminate", "viz01")
    assert (job.reason, job.ticket, job.sessions, job.state) == ("kernel update", "CHG-7", ("s1",), JobState.ACCEPTED)
    assert site.store.sessions[key("viz01", "s1")].acting == ("x1",)
    site.audit("x1", outcome="done", args={"sessions": ["s1"]})
    assert state(site, "x1") is JobState.DONE
    assert site.said("Terminate on viz01 by bob is done.")


def test_another_operators_job_appears_from_progress_with_its_sessions() -> None:
    site = Site()
    site.snapshot("viz01", "s1", "s2")
    site.progress("x1", done=0, total=1, items=[{"id": "s2", "status": "running"}])
    job = site.store.jobs[RequestId("x1")]
    assert (job.mine, job.operator, job.target, job.sessions) == (False, "", "viz01", ("s2",))
    assert site.store.sessions[key("viz01", "s2")].acting == ("x1",)


def test_what_is_ours_stays_ours_whatever_the_bus_says() -> None:
    site = Site()
    job = order(site)
    site.audit("r1", operator="mallory", reason="other", source="viz99", args={"sessions": ["s9"]})
    assert (job.mine, job.operator, job.reason, job.target) == (True, "ann", "stuck", "viz01")
    assert job.sessions == ("s1", "s2")


@pytest.mark.parametrize(("verb", "decision"), [("ping", "accepted"), ("plan", "accepted"), ("drain", "dry_run")])
def test_what_changes_nothing_is_no_job(verb: str, decision: str) -> None:
    site = Site()
    site.audit("x1", decision, verb=verb)
    assert not site.store.jobs


def test_a_refused_request_without_an_id_is_told_and_is_no_job() -> None:
    site = Site()
    site.audit("", "refused", code="unsigned", verb="drain", operator="")
    assert site.store.jobs == {}
    assert site.told == ["viz01 refused a drain without a request id (unsigned)."]


def test_a_rebalance_is_a_job_of_the_managers_whoever_took_it() -> None:
    site = Site()
    site.audit("x1", verb="rebalance", source="mgr1")
    assert site.store.jobs[RequestId("x1")].target == "manager"


@pytest.mark.parametrize("sessions", [None, "s1", {"s1": 1}, [1, None, "s1"]])
def test_arguments_of_any_shape_are_survived(sessions: object) -> None:
    site = Site()
    site.audit("x1", args={"sessions": sessions})
    assert set(site.store.jobs[RequestId("x1")].sessions) <= {"s1"}


def test_words_that_the_protocol_does_not_know_tell_nothing_of_the_state() -> None:
    site = Site()
    site.audit("x1", "perhaps", outcome="maybe")
    assert state(site, "x1") is JobState.REQUESTED


def test_another_operators_job_of_which_nothing_is_heard_ends_as_unknown() -> None:
    site = Site()
    order(site)
    site.progress("x1")
    site.wait(SILENT_AFTER - 1)
    assert state(site, "x1") is JobState.RUNNING
    site.wait(1)
    assert state(site, "x1").value == "unknown"
    assert state(site, "r1") is JobState.REQUESTED


def test_our_failures_stay_until_they_are_dismissed() -> None:
    site = Site()
    order(site, "bad")
    answer(site, "failed", "bad")
    for i in range(KEPT + 10):
        order(site, f"good{i}")
        answer(site, "done", f"good{i}")
    assert RequestId("bad") in site.store.jobs
    assert len(site.store.jobs) == KEPT + 1
    assert RequestId("good0") not in site.store.jobs
    site.store.book.dismiss(RequestId("bad"))
    assert site.store.jobs[RequestId("bad")].dismissed
    for i in range(KEPT):
        order(site, f"more{i}")
        answer(site, "done", f"more{i}")
    assert RequestId("bad") not in site.store.jobs
    assert RequestId("bad") in site.store.drain_dirty().jobs


def test_an_unfinished_job_cannot_be_dismissed() -> None:
    site = Site()
    job = order(site)
    site.store.book.dismiss(R1)
    assert not job.dismissed


def test_invented_jobs_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.cluster.jobs.MOST_UNFINISHED", 50)
    site = Site()
    for i in range(KEPT_FAILURES + 100):
        site.progress(f"failed{i}", "failed")
    assert len(site.store.jobs) == KEPT_FAILURES
    for i in range(100):
        site.progress(f"running{i}")
    assert len(site.store.book.unfinished()) == 50
    assert site.store.intake.rejected == {("full", "job"): 50}
    order(site)
    assert state(site) is JobState.REQUESTED


def test_the_weights_that_a_rebalance_sets_are_not_told_one_by_one() -> None:
    site = Site()
    site.audit("x1", verb="weight", outcome="done")
    site.audit("x2", verb="weight", outcome="failed")
    assert site.told == ["Weight on viz01 by bob failed."]
