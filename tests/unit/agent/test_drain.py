"""The life of a drain: from the order to the empty node, or back (protocol 4)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fxtop.agent.providers.port import Ability
from fxtop.protocol.control import JobProgress
from fxtop.protocol.node import NodeHeartbeat
from tests.unit.agent.kit import Node, body, running


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with running(Node(tmp_path, body("s1"), body("s2", user="bob"))) as node:
        yield node


async def beat(node: Node, state: str) -> NodeHeartbeat:
    """The next heartbeat that tells of ``state``; they come at once here, for the interval is a minute."""
    found: list[NodeHeartbeat] = []

    def told() -> bool:
        found[:] = [m for d in node.hub.heard("hb.node") if isinstance(m := d.message, NodeHeartbeat)]
        return found[-1].state == state

    async with node.hub.news:
        await node.hub.news.wait_for(told)
    return found[-1]


async def test_a_drain_is_announced_at_once_with_who_and_why(node: Node) -> None:
    answer = await node.asker.ask("drain", {"deadline": 1.9e9}, reason="kernel", ticket="OPS-1", request="d")
    assert answer.reply.status == "accepted"
    drain = (await beat(node, "draining")).drain
    assert drain is not None
    assert (drain.by, drain.reason, drain.ticket, drain.deadline) == ("ann", "kernel", "OPS-1", 1.9e9)
    assert drain.since == pytest.approx(time.time(), abs=60)


async def test_a_drain_that_can_not_be_enforced_is_announced_with_a_remark(node: Node) -> None:
    node.provider.disobeys = "The placement table can't be written."
    assert (await node.asker.ask("drain")).reply.status == "accepted"
    await beat(node, "draining")
    facts = node.agent._announcer.facts()
    assert facts is not None
    assert facts.notes["placement"] == "The placement table can't be written."


async def test_a_draining_node_takes_no_new_sessions(node: Node) -> None:
    await node.asker.ask("drain")
    assert not node.provider.taking


async def test_a_drain_ends_when_the_last_session_is_gone(node: Node) -> None:
    await node.asker.ask("drain", request="d")
    node.provider.drop("s1")
    node.provider.drop("s2")
    job = await node.job("d")
    assert (job.status, job.done, job.total, job.verb) == ("done", 2, 2, "drain")
    assert (await beat(node, "drained")).sessions.total == 0


async def test_a_drain_tells_which_sessions_are_left(node: Node) -> None:
    await node.asker.ask("drain", request="d")
    node.provider.drop("s1")
    told: list[JobProgress] = []

    def one_is_gone() -> bool:
        told[:] = [m for d in node.hub.heard("job") if isinstance(m := d.message, JobProgress)]
        return bool(told) and told[-1].done == 1

    async with node.hub.news:
        await node.hub.news.wait_for(one_is_gone)
    assert {item.id: item.status for item in told[-1].items} == {"s1": "done", "s2": "waiting"}
    assert told[-1].status == "running"


async def test_an_empty_node_is_drained_right_away(tmp_path: Path) -> None:
    async with running(Node(tmp_path)) as node:
        await node.asker.ask("drain", request="d")
        assert (await node.job("d")).status == "done"
        await beat(node, "drained")


async def test_ghosts_do_not_hold_a_drain_up(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("g", "ghost"))) as node:
        await node.asker.ask("drain", request="d")
        assert (await node.job("d")).status == "done"


async def test_resume_ends_the_drain_and_says_who_did(node: Node) -> None:
    await node.asker.ask("drain", request="d")
    answer = await node.asker.ask("resume", reason="patched")
    assert answer.reply.result == {"before": "draining", "state": "active"}
    job = await node.job("d")
    assert job.status == "failed"
    assert [item.detail for item in job.items if item.id == node.config.node] == ["ann resumed the node: patched"]
    assert (await beat(node, "active")).drain is None
    assert node.provider.taking


async def test_resuming_an_active_node_changes_nothing(node: Node) -> None:
    answer = await node.asker.ask("resume")
    assert (answer.reply.status, answer.reply.code) == ("done", "unchanged")


async def test_a_later_drain_takes_the_place_of_the_first(node: Node) -> None:
    await node.asker.ask("drain", request="first")
    await node.asker.ask("drain", request="second", reason="sooner")
    assert (await node.job("first")).items[-1].detail == "A later drain by ann took its place."
    node.provider.drop("s1", "s2")
    assert (await node.job("second")).status == "done"


async def test_then_terminate_without_a_deadline_ends_what_is_there(node: Node) -> None:
    await node.asker.ask("drain", {"then": "terminate"}, request="d")
    job = await node.job("d")
    assert (job.status, job.done) == ("done", 2)
    assert node.provider.bodies == {}


async def test_then_terminate_waits_for_its_deadline(node: Node) -> None:
    await node.asker.ask("drain", {"then": "terminate", "deadline": time.time() + 0.3}, request="d")
    assert node.provider.done == []
    assert (await node.job("d")).status == "done"
    assert [what for what, *_ in node.provider.done] == ["terminate", "terminate"]


async def test_a_node_taken_back_in_time_keeps_its_sessions(node: Node) -> None:
    await node.asker.ask("drain", {"then": "terminate", "deadline": time.time() + 3600}, request="d")
    await node.asker.ask("resume")
    assert (await node.job("d")).status == "failed"
    assert len(node.provider.bodies) == 2


async def test_ending_what_is_left_stops_when_the_node_is_taken_back(node: Node) -> None:
    node.provider.hold.clear()
    await node.asker.ask("drain", {"then": "terminate"}, request="d")
    async with node.hub.news:
        await node.hub.news.wait_for(lambda: len(node.provider.done) == 2)
    await node.asker.ask("resume")
    assert (await node.job("d")).status == "failed"
    node.provider.hold.set()
    await node.asker.ask("weight", {"weight": 2.0})
    assert len(node.provider.bodies) == 2


async def test_a_node_that_can_end_nothing_says_so(node: Node) -> None:
    node.provider.abilities = frozenset({Ability.MESSAGE})
    assert (await node.asker.ask("drain", {"then": "terminate"})).reply.status == "unsupported"
    assert (await node.asker.ask("drain", {"then": "wait"})).reply.status == "accepted"


async def test_a_dry_run_of_a_drain_names_whom_it_concerns(node: Node) -> None:
    answer = await node.asker.ask("drain", dry_run=True)
    assert answer.reply.result["users"] == ["ann", "bob"]
    assert node.agent.placement.taking


async def test_a_drain_outlives_the_agent(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"), body("s2")), bye=False) as before:
        await before.asker.ask("drain", request="d", reason="kernel")
    async with running(Node(tmp_path, body("s2"))) as after:
        assert not after.provider.taking
        first = after.hub.heard("hb.node")[0].message
        assert isinstance(first, NodeHeartbeat) and first.drain is not None
        assert (first.state, first.drain.reason) == ("draining", "kernel")
        after.provider.drop("s2")
        job = await after.job("d")
        assert (job.status, job.done, job.total) == ("done", 2, 2)


async def test_a_node_whose_sessions_can_not_be_seen_is_never_called_drained(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1")), bye=False) as before:
        await before.asker.ask("drain", request="d")
    blind = Node(tmp_path)
    blind.provider.fault = "The session directories can't be read."
    await blind.agent.start()
    (first,) = await blind.hub.until("hb.node")
    assert isinstance(first.message, NodeHeartbeat)
    assert first.message.state == "draining"
    refused = await blind.asker.ask("terminate", {"sessions": ["s1"]})
    assert refused.reply.code == "not_ready"
    await blind.agent.stop()


async def test_a_drain_does_not_end_before_anybody_has_seen_the_sessions(tmp_path: Path) -> None:
    node = Node(tmp_path, poll_every=0.05)
    node.provider.fault = "The session directories can't be read."
    await node.agent.start()
    await node.asker.ask("drain", request="d")
    await node.hub.until("job")
    await node.asker.ask("weight", {"weight": 2.0})
    told = [m for d in node.hub.heard("job") if isinstance(m := d.message, JobProgress)]
    assert {m.status for m in told} == {"running"}
    node.provider.fault = None
    assert (await node.job("d")).status == "done"
    await node.agent.stop()
