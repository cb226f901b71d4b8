"""Ending sessions, telling their users something, and sending waiting ones elsewhere (protocol 4)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fxtop.agent.providers.port import Ability
from fxtop.agent.verbs.each import AT_ONCE
from fxtop.protocol.session import SessionChange
from tests.unit.agent.kit import Node, body, running


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with running(Node(tmp_path, body("s1"), body("s2"), body("p1", "pending"))) as node:
        yield node


async def test_terminate_follows_each_session_to_its_end(node: Node) -> None:
    answer = await node.asker.ask("terminate", {"sessions": ["s1", "s2"], "grace": 5}, request="t")
    assert (answer.reply.status, answer.reply.result) == ("accepted", {"sessions": ["s1", "s2"]})
    job = await node.job("t")
    assert (job.status, job.done, job.total) == ("done", 2, 2)
    assert {(item.id, item.status) for item in job.items} == {("s1", "done"), ("s2", "done")}
    assert ("terminate", "s1", 5.0) in node.provider.done


async def test_an_ended_session_is_told_as_ended(node: Node) -> None:
    before = len(node.hub.heard("session"))
    await node.asker.ask("terminate", {"sessions": ["s1"]})
    told = (await node.hub.until("session", before + 1))[-1].message
    assert isinstance(told, SessionChange)
    assert (told.id, told.state) == ("s1", "ended")


async def test_a_session_that_stays_makes_the_job_partial(node: Node) -> None:
    node.provider.immortal.add("s2")
    await node.asker.ask("terminate", {"sessions": ["s1", "s2"]}, request="t")
    job = await node.job("t")
    assert (job.status, job.done) == ("partial", 1)
    assert [item.detail for item in job.items if item.status == "failed"] == ["it survives everything"]


async def test_a_job_of_which_nothing_was_done_has_failed(node: Node) -> None:
    node.provider.immortal.add("s2")
    await node.asker.ask("terminate", {"sessions": ["s2"]}, request="t")
    assert (await node.job("t")).status == "failed"


async def test_a_session_that_ended_meanwhile_counts_as_done(node: Node) -> None:
    await node.asker.ask("terminate", {"sessions": ["s1", "gone"]}, request="t")
    assert (await node.job("t")).status == "done"


async def test_sessions_of_which_none_is_here_are_refused(node: Node) -> None:
    answer = await node.asker.ask("terminate", {"sessions": ["x", "y"]})
    assert (answer.reply.status, answer.reply.code) == ("refused", "unknown_session")


@pytest.mark.parametrize("args", [{"sessions": []}, {"sessions": ["s"] * 501}, {"sessions": ["s1"], "grace": 601}])
async def test_too_few_too_many_or_too_patient_is_malformed(node: Node, args: dict[str, object]) -> None:
    assert (await node.asker.ask("terminate", args)).reply.code == "malformed"


async def test_after_a_restart_what_is_gone_is_done_and_nothing_is_ended_again(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"), body("s2")), bye=False) as before:
        before.provider.hold.clear()
        await before.asker.ask("terminate", {"sessions": ["s1", "s2"]}, request="t")
    async with running(Node(tmp_path, body("s2"))) as after:
        job = await after.job("t")
        assert (job.status, job.done) == ("partial", 1)
        assert {item.id: item.status for item in job.items} == {"s1": "done", "s2": "failed"}
        assert after.provider.done == []


async def test_a_job_that_ended_is_over_after_a_restart_too(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1")), bye=False) as before:
        await before.asker.ask("terminate", {"sessions": ["s1"]}, request="t")
        await before.job("t")
    async with running(Node(tmp_path)) as after:
        await after.asker.ask("weight", {"weight": 2.0})
        assert after.hub.heard("job") == []


async def test_the_end_of_a_job_is_told_when_the_bus_is_back(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = asyncio.Event()
    connected = node.bus.wait_connected

    async def wait_connected(within: float) -> None:
        waits.set()
        await connected(within)

    monkeypatch.setattr(node.bus, "wait_connected", wait_connected)
    node.provider.hold.clear()
    await node.asker.ask("terminate", {"sessions": ["s1"]}, request="t")
    node.bus.lose()
    node.provider.hold.set()
    await waits.wait()
    node.bus.connect()
    assert (await node.job("t")).status == "done"


async def test_only_so_many_sessions_are_ended_at_once(tmp_path: Path) -> None:
    many = [f"s{number}" for number in range(AT_ONCE + 5)]
    async with running(Node(tmp_path, *map(body, many))) as node:
        node.provider.hold.clear()
        await node.asker.ask("terminate", {"sessions": many}, request="t")
        await node.hub.until("job")
        assert len(node.provider.done) == AT_ONCE
        node.provider.hold.set()
        assert (await node.job("t")).done == len(many)


async def test_a_message_reaches_the_sessions_it_names(node: Node) -> None:
    await node.asker.ask("message", {"sessions": ["s2"], "text": "save your work"}, request="m")
    assert (await node.job("m")).status == "done"
    assert node.provider.done == [("message", "s2", "save your work")]


async def test_a_message_to_all_leaves_out_those_that_have_not_started(node: Node) -> None:
    await node.asker.ask("message", {"sessions": None, "text": "hello"}, request="m")
    assert (await node.job("m")).total == 2


async def test_a_message_that_nobody_would_read_is_refused(node: Node) -> None:
    answer = await node.asker.ask("message", {"sessions": ["gone"], "text": "hello"})
    assert answer.reply.code == "unknown_session"


async def test_what_the_provider_can_not_do_is_unsupported(node: Node) -> None:
    node.provider.abilities = frozenset()
    for verb, args in (
        (Ability.TERMINATE, {"sessions": ["s1"]}),
        (Ability.MESSAGE, {"text": "hello"}),
        (Ability.REQUEUE, {"session": "p1", "to": "viz02"}),
    ):
        answer = await node.asker.ask(verb, args)
        assert (answer.reply.status, answer.reply.code) == ("unsupported", "unsupported")
        assert "scripted" in answer.reply.detail


async def test_a_pending_session_can_be_sent_to_another_node(node: Node) -> None:
    answer = await node.asker.ask("requeue", {"session": "p1", "to": "viz02"})
    assert answer.reply.status == "done"
    assert node.provider.done == [("requeue", "p1", "viz02")]


@pytest.mark.parametrize(
    ("session", "to", "code"),
    [
        ("s1", "viz02", "not_pending"),
        ("gone", "viz02", "unknown_session"),
        ("p1", "viz01.example.edu", "same_node"),
    ],
)
async def test_only_what_waits_here_can_be_sent_elsewhere(node: Node, session: str, to: str, code: str) -> None:
    assert (await node.asker.ask("requeue", {"session": session, "to": to})).reply.code == code
