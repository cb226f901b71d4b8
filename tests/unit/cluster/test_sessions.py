"""Sessions: one by one, by snapshot, and both at once."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxtop.cluster.sharing import Sharing
from fxtop.cluster.snapshots import Snapshots
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import SessionBody, SessionsPart
from tests.unit.cluster.kit import Site, body_of, key

_content = attrgetter(*SessionBody.__struct_fields__)


def test_a_session_appears_changes_and_ends() -> None:
    site = Site()
    site.session("viz01", "s1", user="ann")
    row = site.store.sessions[key("viz01", "s1")]
    assert row.body.user == "ann"
    site.session("viz01", "s1", user="ann", state="disconnected")
    assert row.body.state == "disconnected"
    site.session("viz01", "s1", user="ann", state="ended")
    assert not site.store.sessions
    assert not site.store.nodes[NodeId("viz01")].sessions
    assert key("viz01", "s1") in site.store.drain_dirty().sessions


def test_a_snapshot_removes_what_it_does_not_name() -> None:
    site = Site()
    for session in ("s1", "s2", "s3"):
        site.session("viz01", session)
    site.session("viz02", "s9")
    site.snapshot("viz01", "s2", "s4")
    assert site.sessions_of("viz01") == {"s2", "s4"}
    assert site.sessions_of("viz02") == {"s9"}


def test_nothing_is_removed_before_all_parts_are_there() -> None:
    site = Site()
    site.snapshot("viz01", "s1", "s2", "s3")
    site.snapshot("viz01", "s1", part=1, parts=2)
    assert site.sessions_of("viz01") == {"s1", "s2", "s3"}
    site.snapshot("viz01", "s3", part=2, parts=2)
    assert site.sessions_of("viz01") == {"s1", "s3"}


def test_a_snapshot_with_a_missing_part_adds_but_removes_nothing() -> None:
    site = Site()
    site.snapshot("viz01", "s1")
    site.snapshot("viz01", "s2", part=1, parts=3, seq=10)
    site.snapshot("viz01", "s3", part=3, parts=3, seq=12)
    assert site.sessions_of("viz01") == {"s1", "s2", "s3"}


def test_parts_of_two_boots_are_not_put_together() -> None:
    site = Site()
    site.snapshot("viz01", "s1", "s2")
    site.snapshot("viz01", "s1", part=1, parts=2, seq=10)
    site.snapshot("viz01", part=2, parts=2, seq=11, boot="b2")
    assert site.sessions_of("viz01") == {"s1", "s2"}


def test_a_session_heard_by_itself_during_a_snapshot_survives_it() -> None:
    site = Site()
    site.snapshot("viz01", "s1", part=1, parts=2)
    site.session("viz01", "new")
    site.snapshot("viz01", "s2", part=2, parts=2)
    assert site.sessions_of("viz01") == {"s1", "s2", "new"}
    site.snapshot("viz01", "s1")
    assert site.sessions_of("viz01") == {"s1"}


def test_a_session_that_ended_during_a_snapshot_is_not_brought_back_by_it() -> None:
    site = Site()
    site.session("viz01", "s2")
    site.snapshot("viz01", "s1", part=1, parts=2)
    site.session("viz01", "s2", state="ended")
    site.snapshot("viz01", "s2", part=2, parts=2)
    assert site.sessions_of("viz01") == {"s1"}


def test_a_later_part_does_not_overwrite_what_was_heard_since_the_first() -> None:
    site = Site()
    site.snapshot("viz01", "s1", part=1, parts=2)
    site.session("viz01", "s2", state="disconnected")
    site.snapshot("viz01", {"id": "s2", "state": "running"}, part=2, parts=2)
    assert site.store.sessions[key("viz01", "s2")].body.state == "disconnected"


def test_an_empty_snapshot_leaves_no_session() -> None:
    site = Site()
    site.session("viz01", "s1")
    site.snapshot("viz01")
    assert not site.store.sessions


def test_an_unchanged_session_is_heard_but_not_dirty() -> None:
    site = Site()
    site.snapshot("viz01", "s1")
    site.session("viz01", "s2")
    site.store.drain_dirty()
    site.clock.seconds += 60
    site.snapshot("viz01", "s1", "s2")
    assert not site.store.drain_dirty().sessions
    assert {row.heard for row in site.store.sessions.values()} == {site.clock.monotonic()}


def test_a_sync_repeats_the_numbers_of_the_last_snapshot_and_still_counts() -> None:
    site = Site()
    site.snapshot("viz01", "s1", part=1, parts=2, seq=10)
    site.snapshot("viz01", "s2", part=2, parts=2, seq=11)
    site.snapshot("viz01", "s1", part=1, parts=2, seq=10, synced=True)
    site.snapshot("viz01", "s3", part=2, parts=2, seq=11, synced=True)
    assert site.sessions_of("viz01") == {"s1", "s3"}
    site.snapshot("viz01", "old", part=1, parts=2, seq=8, synced=True)
    assert site.sessions_of("viz01") == {"s1", "s3"}


def test_snapshots_that_never_end_are_given_up_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.cluster.snapshots.MOST_HELD", 10)
    snapshots = Snapshots()
    site = Site()
    for i in range(100):
        sent = site.snapshot(f"viz{i:02d}", "s1", "s2", part=1, parts=2)
        part = msgspec.convert(sent, SessionsPart)
        snapshots.begin(part)
        snapshots.changed(part.node, SessionId("s9"))
        assert snapshots.end(part.node) is None
    assert snapshots._held <= 12
    assert snapshots._held == sum(map(len, snapshots._open.values()))


def test_texts_that_sessions_share_are_kept_once() -> None:
    site = Site()
    said = {"user": "ann.of.the.west", "command": "startxfce4 --replace"}
    site.session("viz01", "s1", **said)
    site.snapshot("viz02", {"id": "s2", **said})
    first, second = (row.body for row in site.store.sessions.values())
    assert first.user == "ann.of.the.west"
    assert first.user is second.user
    assert first.command is second.command


def test_the_numbers_of_an_hours_sessions_are_kept_once() -> None:
    sharing, node, session = Sharing(), NodeId("viz01"), SessionId("s1")
    kept = [
        sharing.session(
            SessionBody(id=session, node=node, user="ann", state="running", idle=float(second), cpu=second / 1000),
            node,
            session,
        )
        for _ in range(2)
        for second in range(3_600)
    ]
    numbers = [number for body in kept for number in (body.idle, body.cpu)]
    assert len(set(map(id, numbers))) == len(set(numbers))


def test_the_id_of_a_node_is_kept_once() -> None:
    site = Site()
    site.beat("viz01")
    site.facts("viz01")
    site.session("viz01", "s1")
    site.snapshot("viz01", "s1")
    (row,) = site.store.nodes.values()
    for kind in ("hb.node", "facts.node", "session", "sessions"):
        assert [sender is row.id for sender in site.store.intake.sequence(kind).streams] == [True], kind


TEXTS = st.sampled_from(["ann", "bob", ""])
SAID = st.fixed_dictionaries(
    {"user": TEXTS, "state": st.sampled_from(["running", "pending", "disconnected"])},
    optional={
        **dict.fromkeys(("name", "command", "app"), TEXTS),
        **dict.fromkeys(("idle", "cpu"), st.none() | st.sampled_from([0.0, -0.0, 1.5])),
        **dict.fromkeys(("clients", "mem", "pid"), st.none() | st.integers(0, 2)),
        "pending": st.none() | st.builds(lambda reason: {"scheduler": "slurm", "reason": reason}, TEXTS),
        "params": st.dictionaries(TEXTS, TEXTS, max_size=2),
    },
)


@settings(deadline=None, max_examples=200)
@given(st.lists(SAID, min_size=1, max_size=4), st.booleans())
def test_whatever_changed_what_was_said_last_is_known(said: list[dict[str, Any]], snapshots: bool) -> None:
    site = Site()
    for body in said:
        if snapshots:
            site.snapshot("viz01", {"id": "s1", **body})
        else:
            site.session("viz01", "s1", **body)
    last = msgspec.convert({**body_of("viz01", "s1"), **said[-1]}, SessionBody)
    known = site.store.sessions[key("viz01", "s1")].body
    assert _content(known) == _content(last)
