"""What an agent says by itself: heartbeats, facts, sessions, and goodbye (protocol 2)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from fxtop.clock import SystemClock
from fxtop.cluster.records import Liveness
from fxtop.cluster.store import Store
from fxtop.protocol.ids import SessionId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.node import Directory, NodeFacts, NodeHeartbeat
from fxtop.protocol.session import SessionBody, SessionChange, SessionsPart
from tests.unit.agent.hub import Hub
from tests.unit.agent.kit import CLUSTER, NODE, Node, body, running


def store_of(hub: Hub) -> Store:
    """A receiver that heard all that was said on the hub."""
    store = Store(CLUSTER, SystemClock())
    at = SystemClock().monotonic()
    store.fold([Inbound(said.subject, said.payload, at) for said in hub.said])
    return store


async def test_an_agent_that_starts_says_all_that_it_knows(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"), body("p1", "pending"), capacity=20)) as node:
        store = store_of(node.hub)
        row = store.nodes[NODE]
        assert row.beat is not None and row.facts is not None
        assert (row.beat.state, row.beat.cpu, row.beat.capacity, row.beat.weight) == ("active", 0.25, 20, 1.0)
        assert (row.beat.sessions.running, row.beat.sessions.pending) == (1, 1)
        assert (row.facts.host, row.facts.provider) == ("viz01.example.edu", "scripted")
        assert [link.name for link in row.facts.transporters] == ["hub"]
        assert sorted(key.session for key in store.sessions) == ["p1", "s1"]
        assert store.intake.rejected_total == store.intake.lost == 0


async def test_heartbeats_go_on_while_everything_else_hangs(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"), interval=0.2)) as node:
        node.host.stuck = True
        node.provider.fault = "The session directories can't be read."
        node.provider.stir()
        beats = await node.hub.until("hb.node", 5)
        assert all(isinstance(decoded.message, NodeHeartbeat) for decoded in beats)


async def test_messages_are_numbered_without_a_gap_by_class(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"), interval=0.2)) as node:
        node.provider.put(body("s2"))
        await node.hub.until("hb.node", 3)
        await node.hub.until("session", 2)
        for kind in ("hb.node", "session", "sessions", "facts.node"):
            numbers = [decoded.message.seq for decoded in node.hub.heard(kind)]  # type: ignore[attr-defined]  # all of these are numbered
            assert numbers == list(range(1, len(numbers) + 1)), kind


async def test_a_session_is_told_when_it_comes_changes_and_goes(tmp_path: Path) -> None:
    async with running(Node(tmp_path)) as node:
        node.provider.put(body("s1", "starting"))
        await node.hub.until("session", 1)
        node.provider.put(body("s1", "disconnected"))
        await node.hub.until("session", 2)
        node.provider.drop("s1")
        told = await node.hub.until("session", 3)
        assert [m.state for d in told if isinstance(m := d.message, SessionChange)] == [
            "starting",
            "disconnected",
            "ended",
        ]
        assert store_of(node.hub).sessions == {}


async def test_a_snapshot_tells_small_changes_which_are_not_told_alone(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1", cpu=0.0))) as node:
        announcer = node.agent._announcer
        before = len(node.hub.heard("session"))
        for cpu in (0.4, 0.7):
            node.provider.bodies[SessionId("s1")] = body("s1", cpu=cpu)
            await announcer.look_at_sessions()
            await announcer.tell_sessions()
        assert len(node.hub.heard("session")) == before
        snapshot = node.hub.heard("sessions")[-1].message
        assert isinstance(snapshot, SessionsPart)
        assert [session.cpu for session in snapshot.sessions] == [0.7]


async def test_facts_are_told_again_when_they_change(tmp_path: Path) -> None:
    async with running(Node(tmp_path, facts_every=0.05)) as node:
        node.host.told = replace(node.host.told, services=("launcher", "webserver"))
        async with node.hub.news:
            await node.hub.news.wait_for(lambda: "webserver" in _last_facts(node).services)


def _last_facts(node: Node) -> NodeFacts:
    facts = node.hub.heard("facts.node")[-1].message
    assert isinstance(facts, NodeFacts)
    return facts


async def test_a_little_less_free_space_is_no_change_of_the_facts(tmp_path: Path) -> None:
    node = Node(tmp_path)
    announcer = node.agent._announcer

    def tmp(free: int) -> None:
        directory = Directory(name="FX_TEMP_DIR", path="/tmp", total=1000, free=free)
        node.host.told = replace(node.host.told, dirs=(directory,))

    await node.bus.start()
    tmp(600)
    assert await announcer.look_at_facts()
    await announcer.tell_facts()
    tmp(590)
    assert not await announcer.look_at_facts()
    tmp(300)
    assert await announcer.look_at_facts()


async def test_sessions_that_can_not_be_seen_are_a_fact_and_not_an_empty_list(tmp_path: Path) -> None:
    node = Node(tmp_path)
    node.provider.fault = "The session directories can't be read."
    await node.agent.start()
    (facts,) = await node.hub.until("facts.node")
    assert isinstance(facts.message, NodeFacts)
    assert facts.message.notes["sessions"] == "The session directories can't be read."
    assert node.hub.heard("sessions") == []
    await node.agent.stop()


async def test_a_fault_of_a_provider_is_a_note_and_does_not_end_the_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = Node(tmp_path)

    async def broken() -> list[SessionBody]:
        raise KeyError("nothing")

    with monkeypatch.context() as patch:
        patch.setattr(node.provider, "sessions", broken)
        await node.agent.start()
        (facts,) = await node.hub.until("facts.node")
    assert isinstance(facts.message, NodeFacts)
    assert facts.message.notes["sessions"] == "The provider scripted failed inside (KeyError)."
    await node.agent._announcer.look_at_sessions()
    assert node.agent._announcer.sees_sessions
    await node.agent.stop()


async def test_a_large_snapshot_comes_in_parts_that_a_receiver_takes(tmp_path: Path) -> None:
    many = [body(f"s{number}", params={"note": "x" * 1000}) for number in range(500)]
    async with running(Node(tmp_path, *many)) as node:
        parts = [m for d in await node.hub.until("sessions", 4) if isinstance(m := d.message, SessionsPart)]
        assert [(part.part, part.parts) for part in parts] == [(1, 4), (2, 4), (3, 4), (4, 4)]
        sizes = [len(said.payload) for said in node.hub.said if said.subject.startswith("fxtop.test.sessions.")]
        assert max(sizes) < 200 * 1024
        assert len(store_of(node.hub).sessions) == 500


async def test_what_was_missed_while_the_bus_was_away_is_told_when_it_is_back(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"))) as node:
        node.bus.lose()
        node.provider.put(body("s2"))
        async with asyncio.timeout(5):
            while SessionId("s2") not in node.agent.board:
                await node.agent.board.changed.wait()
        node.provider.drop("s1")
        node.bus.connect()
        await node.hub.until("sessions", 2)
        store = store_of(node.hub)
        assert [key.session for key in store.sessions] == ["s2"]
        assert store.intake.lost == 0


async def test_an_agent_that_starts_without_a_bus_speaks_when_there_is_one(tmp_path: Path) -> None:
    node = Node(tmp_path, body("s1"))

    async def nobody_there() -> None:
        return

    connect, node.bus.start = node.bus.connect, nobody_there  # type: ignore[method-assign]  # a bus that comes later
    await node.agent.start()
    assert node.hub.said == []
    connect()
    await node.hub.until("sessions")
    await node.agent.stop()


async def test_a_clean_stop_says_goodbye(tmp_path: Path) -> None:
    async with running(Node(tmp_path)) as node:
        pass
    assert store_of(node.hub).nodes[NODE].liveness is Liveness.LEFT


async def test_a_killed_agent_says_nothing(tmp_path: Path) -> None:
    async with running(Node(tmp_path), bye=False) as node:
        pass
    assert node.hub.heard("bye.node") == []


async def test_a_restarted_agent_is_told_from_a_gap_by_its_boot(tmp_path: Path) -> None:
    hub = Hub()
    for _ in range(2):
        async with running(Node(tmp_path, hub=hub)):
            pass
        hub.ears.clear()
    boots = [decoded.message.boot for decoded in hub.heard("hb.node")]  # type: ignore[attr-defined]  # heartbeats have one
    assert len(set(boots)) == 2
    assert store_of(hub).intake.lost == 0
