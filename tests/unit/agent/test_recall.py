"""Asking an agent what became of a request: what it tells, to whom, and that nothing changes by it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fxtop.protocol.control import Recalled
from tests.unit.agent.kit import HELPDESK, STRANGER, VIEWER, Asker, Node, body, running


async def recalled(node: Node, request: str) -> Recalled:
    answer = await node.asker.ask("recall", {"request": request}, dry_run=True)
    assert answer.reply.status == "done"
    return msgspec.convert(answer.reply.result, Recalled)


async def test_a_request_that_never_came_is_not_known(tmp_path: Path) -> None:
    async with running(Node(tmp_path)) as node:
        found = await recalled(node, "never")
        assert (found.known, found.reply, found.progress) == (False, None, None)
        assert found.memory > 300


async def test_what_was_answered_is_told_again(tmp_path: Path) -> None:
    async with running(Node(tmp_path)) as node:
        first = await node.asker.ask("weight", {"weight": 2.0}, request="w")
        found = await recalled(node, "w")
        assert found.known
        assert found.reply == first.reply


async def test_the_end_of_a_job_is_told_after_a_restart_too(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"), body("s2")), bye=False) as before:
        await before.asker.ask("terminate", {"sessions": ["s1"]}, request="t")
        end = await before.job("t")
        assert (await recalled(before, "t")).progress == end
    async with running(Node(tmp_path, body("s2"))) as after:
        found = await recalled(after, "t")
        assert found.reply is not None
        assert found.reply.status == "accepted"
        assert found.progress == end


async def test_of_work_that_goes_on_it_is_told_how_far_it_is(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"))) as node:
        node.provider.hold.clear()
        await node.asker.ask("terminate", {"sessions": ["s1"]}, request="t")
        await node.hub.until("job", 2)
        progress = (await recalled(node, "t")).progress
        assert progress is not None
        assert (progress.status, progress.done, progress.total) == ("running", 0, 1)
        node.provider.hold.set()
        await node.job("t")


async def test_who_is_listed_may_ask_and_a_stranger_may_not(tmp_path: Path) -> None:
    async with running(Node(tmp_path)) as node:
        for signer in (HELPDESK, VIEWER):
            answer = await Asker(node.bus, signer).ask("recall", {"request": "x"}, dry_run=True)
            assert answer.reply.status == "done"
        answer = await Asker(node.bus, STRANGER).ask("recall", {"request": "x"}, dry_run=True)
        assert answer.reply.code == "unknown_key"


async def test_asking_leaves_nothing_behind_that_could_be_taken_for_a_request(tmp_path: Path) -> None:
    async with running(Node(tmp_path)) as node:
        kept = node.config.ledger_file.exists()
        await node.asker.ask("recall", {"request": "x"}, request="question", dry_run=True)
        assert node.config.ledger_file.exists() is kept
        assert not (await recalled(node, "question")).known
