"""The cluster in a few numbers."""

from __future__ import annotations

import msgspec

from fxtop.cluster.records import JobState
from fxtop.cluster.summary import summarize
from fxtop.protocol.ids import RequestId
from tests.unit.cluster.kit import Site, pool


def test_an_empty_store_sums_up_to_nothing() -> None:
    summary = summarize(Site().store)
    assert (summary.nodes.total, summary.sessions.total, summary.seats.total, summary.jobs.unfinished) == (0, 0, 0, 0)
    assert (summary.sessions.by_state, summary.transporters.islands) == ({}, 0)


def test_nodes_are_counted_by_liveness_and_drain() -> None:
    site = Site()
    site.beat("lost")
    site.wait(25.0)
    site.beat("late", interval=2.0)
    site.wait(5.0)
    site.beat("live")
    site.beat("gone")
    site.bye("node", "gone")
    site.beat("a", state="draining")
    site.beat("b", state="drained")
    site.beat("b", state="active")
    nodes = summarize(site.store).nodes
    assert (nodes.total, nodes.live, nodes.late, nodes.stale, nodes.lost, nodes.left) == (6, 3, 1, 0, 1, 1)
    assert (nodes.draining, nodes.drained) == (1, 0)


def test_sessions_are_counted_by_their_present_state() -> None:
    site = Site()
    site.snapshot("viz01", "s1", "s2", {"id": "s3", "state": "pending"}, {"id": "s4", "state": "ghost"})
    site.session("viz01", "s2", state="disconnected")
    site.session("viz01", "s4", state="ended")
    sessions = summarize(site.store).sessions
    assert (sessions.total, sessions.by_state) == (3, {"disconnected": 1, "pending": 1, "running": 1})


def test_transporters_and_islands_are_counted() -> None:
    site = Site()
    site.transporter("S1")
    site.transporter("S2")
    site.transporter("S3")
    site.bye("transporter", "S3")
    site.wait(10.0)
    transporters = summarize(site.store).transporters
    assert (transporters.total, transporters.late, transporters.left, transporters.islands) == (3, 2, 1, 2)


def test_seats_are_those_of_counted_pools() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01")
    pools = [pool(pool=1, count=20, inuse=2), pool(pool=2, kind="unlimited", count=None, inuse=50)]
    site.license(("ann", "viz01"), ("bob", "laptop"), pools=pools)
    seats = summarize(site.store).seats
    assert (seats.used, seats.total, seats.denials, seats.ghosts) == (2, 20, 0, 1)


def test_jobs_are_counted_until_they_are_dismissed() -> None:
    site = Site()
    for request, status in (("a", "running"), ("b", "done"), ("c", "failed"), ("d", "partial")):
        site.progress(request, status)
    site.store.book.fail(RequestId("a"), JobState.UNKNOWN, "", "")
    site.progress("e")
    jobs = summarize(site.store).jobs
    assert (jobs.unfinished, jobs.done, jobs.failed) == (1, 1, 3)
    site.store.book.dismiss(RequestId("c"))
    assert summarize(site.store).jobs.failed == 2


def test_a_summary_is_plain_data() -> None:
    assert msgspec.json.decode(msgspec.json.encode(summarize(Site().store)))["nodes"]["total"] == 0
