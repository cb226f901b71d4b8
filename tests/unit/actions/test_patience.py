"""When the end of a job is no longer expected: by the silence of others, and never by our own deafness."""

from __future__ import annotations

from fxtop.actions.patience import given_up
from fxtop.cluster.hearing import GRACE
from fxtop.cluster.records import JobRow, JobState
from fxtop.protocol.ids import RequestId
from tests.unit.actions.site import INTERVAL, Site


def drain(site: Site) -> JobRow:
    """A drain that goes on on a node that is then lost."""
    site.node("viz01")
    site.store.hearing.regain("fx1")
    job = site.store.book.open(
        request=RequestId("r1"), plan="p", verb="drain", target="viz01", sessions=(), operator="ann", key=None,
        reason="disk", ticket=None,
    )  # fmt: skip
    job.state = JobState.RUNNING
    return job


def test_a_job_of_a_node_that_is_lost_is_given_up() -> None:
    site = Site()
    job = drain(site)
    site.pass_time(10 * INTERVAL)
    site.store.advance()
    why = given_up(job, 0.0, site.store)
    assert why is not None
    assert why.code == "lost"


def test_while_there_is_no_connection_nothing_is_given_up() -> None:
    site = Site()
    job = drain(site)
    site.store.hearing.lose(site.clock.monotonic(), "It was killed.")
    site.pass_time(10 * INTERVAL)
    site.store.advance()
    assert given_up(job, 0.0, site.store) is None
    site.store.hearing.regain("fx1")
    assert given_up(job, 0.0, site.store) is None
    site.pass_time(GRACE)
    site.store.advance()
    assert given_up(job, 0.0, site.store) is not None
