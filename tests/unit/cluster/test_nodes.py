"""Nodes: heartbeats, facts, and how silence shows."""

from __future__ import annotations

import pytest

from fxtop.cluster.findings import findings
from fxtop.cluster.records import Liveness
from fxtop.protocol.ids import NodeId
from tests.unit.cluster.kit import Site

VIZ01 = NodeId("viz01")


def test_a_heartbeat_makes_a_live_node() -> None:
    site = Site()
    site.beat(cpu=0.5)
    row = site.store.nodes[VIZ01]
    assert row.liveness is Liveness.LIVE
    assert row.beat is not None
    assert row.beat.cpu == 0.5
    assert site.store.drain_dirty().nodes == {VIZ01}


def test_a_newer_heartbeat_replaces_the_older_and_raises_the_revision() -> None:
    site = Site()
    site.beat(cpu=0.5)
    before = site.store.nodes[VIZ01].rev
    site.beat(cpu=0.75)
    row = site.store.nodes[VIZ01]
    assert row.beat is not None
    assert row.beat.cpu == 0.75
    assert row.rev > before


@pytest.mark.parametrize(
    ("silence", "liveness"),
    [
        (0.0, Liveness.LIVE),
        (9.9, Liveness.LIVE),
        (10.0, Liveness.LATE),
        (14.9, Liveness.LATE),
        (15.0, Liveness.STALE),
        (29.9, Liveness.STALE),
        (30.0, Liveness.LOST),
        (3_000.0, Liveness.LOST),
    ],
)
def test_silence_is_measured_in_the_senders_own_intervals(silence: float, liveness: Liveness) -> None:
    site = Site()
    site.beat(interval=5.0)
    site.wait(silence)
    assert site.store.nodes[VIZ01].liveness is liveness


def test_each_step_of_silence_is_seen_whatever_the_steps_of_the_clock() -> None:
    site = Site()
    site.beat(interval=1.0)
    seen = []
    for _ in range(70):
        site.wait(0.1)
        seen.append(site.store.nodes[VIZ01].liveness)
    assert list(dict.fromkeys(seen)) == [Liveness.LIVE, Liveness.LATE, Liveness.STALE, Liveness.LOST]


def test_a_transition_marks_the_row_and_its_sessions_dirty_and_ages_alone_do_not() -> None:
    site = Site()
    site.beat()
    site.session("viz01", "s1")
    site.store.drain_dirty()
    site.wait(9.0)
    assert not site.store.drain_dirty()
    site.wait(1.0)
    dirty = site.store.drain_dirty()
    assert dirty.nodes == {VIZ01}
    assert {str(key) for key in dirty.sessions} == {"viz01/s1"}
    assert not site.store.drain_dirty()


def test_sessions_share_the_liveness_of_their_node_and_stay_when_it_is_lost() -> None:
    site = Site()
    site.beat()
    site.session("viz01", "s1")
    site.wait(30.0)
    assert [row.liveness for row in site.store.sessions.values()] == [Liveness.LOST]
    site.beat()
    assert [row.liveness for row in site.store.sessions.values()] == [Liveness.LIVE]


def test_a_node_that_is_heard_again_is_live_at_once_and_says_how_long_it_was_silent() -> None:
    site = Site()
    site.beat()
    site.wait(40.0)
    assert site.said("Node viz01 is lost")
    site.beat()
    assert site.liveness("viz01") is Liveness.LIVE
    assert site.said("Node viz01 is back after 40 s of silence.")
    site.wait(10.0)
    assert site.liveness("viz01") is Liveness.LATE


def test_a_shorter_interval_counts_from_the_heartbeat_that_tells_it() -> None:
    site = Site()
    site.beat(interval=300.0)
    site.beat(interval=1.0)
    site.wait(2.0)
    assert site.store.nodes[VIZ01].liveness is Liveness.LATE


def test_a_longer_interval_is_waited_for() -> None:
    site = Site()
    site.beat(interval=1.0)
    site.beat(interval=60.0)
    site.wait(119.0)
    assert site.store.nodes[VIZ01].liveness is Liveness.LIVE


def test_a_node_known_by_its_facts_alone_is_live_for_the_time_of_two_snapshots() -> None:
    site = Site()
    site.facts()
    row = site.store.nodes[VIZ01]
    assert (row.beat, row.interval, row.host) == (None, None, "viz01.example.edu")
    site.wait(119.0)
    assert site.liveness("viz01") is Liveness.LIVE
    site.wait(1.0)
    assert site.liveness("viz01") is Liveness.LATE


def test_the_first_heartbeat_of_a_node_known_by_its_facts_sets_the_measure() -> None:
    site = Site()
    site.facts()
    site.beat(interval=5.0)
    site.wait(10.0)
    assert site.store.nodes[VIZ01].liveness is Liveness.LATE


def test_age_is_measured_from_receipt_whatever_the_sender_says_of_time() -> None:
    site = Site()
    site.beat(ts=0.0)
    site.clock.step = -7_200.0
    site.wait(3.0)
    assert site.store.age(site.store.nodes[VIZ01]) == pytest.approx(3.0)


def test_skew_is_the_senders_clock_minus_ours_at_receipt() -> None:
    site = Site()
    site.beat(ts=site.clock.now() + 4.5)
    assert site.store.nodes[VIZ01].skew == pytest.approx(4.5)
    assert set(site.store.census.skewed) == {VIZ01}
    site.beat(ts=site.clock.now() - 0.5)
    assert site.store.nodes[VIZ01].skew == pytest.approx(-0.5)
    assert not site.store.census.skewed


def test_a_restarted_agent_keeps_its_row_and_is_told() -> None:
    site = Site()
    site.beat(cpu=0.5)
    row = site.store.nodes[VIZ01]
    site.beat(boot="b2", seq=1, cpu=0.6)
    assert site.store.nodes[VIZ01] is row
    assert row.beat is not None
    assert row.beat.cpu == 0.6
    assert site.said("The agent on viz01 was started anew.")


def test_history_takes_one_reading_a_heartbeat() -> None:
    site = Site()
    for cpu in (0.25, 0.5, 0.75):
        site.clock.seconds += 5
        sent = site.beat(cpu=cpu)
    site.clock.seconds += 1
    site.beat(synced=True, seq=sent["seq"], cpu=0.9)
    row = site.store.nodes[VIZ01]
    assert row.cpu is not None
    assert row.mem is not None
    assert row.cpu.values() == [0.25, 0.5, 0.75]
    assert row.mem.values() == [0.25, 0.25, 0.25]


def test_drain_changes_are_told() -> None:
    site = Site()
    drain = {"by": "bob", "reason": "kernel update", "ticket": None, "since": 1.0, "deadline": None}
    site.beat()
    site.beat(state="draining", drain=drain)
    site.beat(state="drained", drain=drain)
    site.beat()
    assert site.told == [
        "Node viz01 is being drained by bob: kernel update.",
        "Node viz01 is drained: no session is left on it.",
        "Node viz01 takes sessions again.",
    ]


def test_many_nodes_that_fall_silent_or_come_back_at_once_are_one_sentence() -> None:
    site = Site()
    names = [f"viz{i:02d}" for i in range(40)]
    for name in names:
        site.beat(name)
    site.wait(30.0)
    site.together(lambda: [site.beat(name) for name in names])
    assert site.told == [
        "40 nodes are lost: silent for 6 intervals (viz00, viz01, viz02 and 37 more).",
        "40 nodes are back (viz00, viz01, viz02 and 37 more).",
    ]


def test_two_agents_with_the_same_id_are_told_as_a_finding_and_not_as_restarts() -> None:
    site = Site()
    for seq in range(1, 6):
        for boot in ("b1", "b2"):
            site.clock.seconds += 2.5
            site.beat(boot=boot, seq=seq)
    assert site.told == ["The agent on viz01 was started anew."]
    (found,) = findings(site.store)
    assert (found.kind, found.subject) == ("node-twice", "viz01")
