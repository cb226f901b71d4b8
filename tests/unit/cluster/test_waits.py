"""Sessions that wait long to be started."""

from __future__ import annotations

import pytest

from fxtop.cluster.waits import LONG, SLACK, Waits
from tests.unit.cluster.kit import Site, key

S1 = key("viz01", "s1")


def keep_alive(site: Site, seconds: float) -> None:
    """Let time pass on a node that goes on sending heartbeats."""
    site.beat(interval=300.0)
    site.wait(seconds)


def test_a_session_that_stays_pending_becomes_a_long_wait() -> None:
    site = Site()
    site.session("viz01", "s1", state="pending")
    keep_alive(site, LONG - 1)
    assert not site.store.waits.long
    keep_alive(site, 1)
    assert set(site.store.waits.long) == {S1}
    assert site.told == ["Session viz01/s1 is pending for more than 5 min."]


def test_a_long_wait_ends_when_the_session_starts_or_goes() -> None:
    site = Site()
    for session in ("s1", "s2"):
        site.session("viz01", session, state="pending")
    keep_alive(site, LONG)
    site.session("viz01", "s1", state="running")
    site.session("viz01", "s2", state="ended")
    site.wait(0.1)
    assert not site.store.waits.long
    assert site.told == [
        "Session viz01/s1 is pending for more than 5 min.",
        "Session viz01/s2 is pending for more than 5 min.",
        "Session viz01/s1 is no longer pending after a long wait.",
        "Session viz01/s2 is no longer pending after a long wait.",
    ]


def test_what_was_waited_before_the_console_started_counts_by_the_nodes_own_clock() -> None:
    site = Site()
    ts = site.clock.now() + 5_000
    site.session("viz01", "s1", state="pending", ts=ts, created=ts - LONG + 10)
    keep_alive(site, 9)
    assert not site.store.waits.long
    keep_alive(site, 1)
    assert set(site.store.waits.long) == {S1}
    assert site.store.waits.waited(S1, site.clock.monotonic()) == pytest.approx(LONG)


def test_a_short_wait_says_nothing() -> None:
    site = Site()
    site.session("viz01", "s1", state="pending")
    keep_alive(site, 10)
    site.session("viz01", "s1", state="running")
    keep_alive(site, 2 * LONG)
    assert site.told == []


def test_a_session_that_is_pending_again_waits_anew() -> None:
    site = Site()
    site.session("viz01", "s1", state="pending")
    keep_alive(site, LONG - 1)
    site.session("viz01", "s1", state="starting")
    site.session("viz01", "s1", state="pending")
    keep_alive(site, LONG - 1)
    assert not site.store.waits.long
    keep_alive(site, 1)
    assert set(site.store.waits.long) == {S1}


def test_a_session_for_which_there_is_no_room_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.cluster.sessions.MAX_SESSIONS", 1)
    site = Site()
    for session in ("s1", "s2"):
        site.session("viz01", session, state="pending")
    keep_alive(site, LONG)
    assert set(site.store.waits.long) == {S1}


def test_sessions_that_flap_do_not_pile_up() -> None:
    waits = Waits(Site().store)
    for i in range(10 * SLACK):
        waits.pending(S1, float(i), 0.0)
        waits.over(S1)
    assert len(waits._heap) <= SLACK + 2


def test_a_clock_that_claims_an_eternity_is_not_believed() -> None:
    site = Site()
    site.session("viz01", "s1", state="pending", ts=1e308, created=-1e308)
    site.wait(1.0)
    waited = site.store.waits.waited(S1, site.clock.monotonic())
    assert waited == pytest.approx(1e9)
