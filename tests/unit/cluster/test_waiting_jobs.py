"""Jobs that wait for a second person, and those that never came further."""

from __future__ import annotations

from fxtop.cluster.records import JobState
from fxtop.protocol.ids import RequestId
from tests.unit.actions.site import Site


def test_a_job_that_waits_for_a_second_person_says_so_until_it_goes_on() -> None:
    site = Site()
    waits = {"until": 1_760_000_900.0, "rule": "Ask the lab."}
    progress = {
        "request": "r1",
        "node": "viz01",
        "verb": "drain",
        "status": "running",
        "done": 0,
        "total": 0,
        "ts": 1.0,
    }
    site.tell("job", "r1", **progress, waits=waits)
    job = site.store.jobs[RequestId("r1")]
    assert job.waits is not None
    assert (job.state, job.waits.until, job.waits.rule) == (JobState.RUNNING, 1_760_000_900.0, "Ask the lab.")
    site.tell("job", "r1", **progress)
    assert job.waits is None


def test_a_job_that_was_never_begun_is_refused_and_not_failed() -> None:
    site = Site()
    dropped = {"code": "unapproved", "detail": "Nobody approved it."}
    site.tell(
        "job", "r1", request="r1", node="viz01", verb="drain", status="failed", done=0, total=0, ts=1.0, dropped=dropped
    )
    job = site.store.jobs[RequestId("r1")]
    assert (job.state, job.code, job.detail) == (JobState.REFUSED, "unapproved", "Nobody approved it.")
