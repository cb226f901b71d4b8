"""Asking an agent what became of a request: what it tells, to whom, and that nothing changes by it."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from fxtop.agent.ledger import MARGIN
from fxtop.clock import SystemClock
from fxtop.protocol.control import Recalled
from tests.unit.agent.kit import HELPDESK, STRANGER, VIEWER, Asker, Node, body, running


class AheadClock(SystemClock):
    """The time at which a later life of an agent begins."""

    def __init__(self, seconds: float) -> None:
        self._ahead = seconds

    def now(self) -> float:
        return super().now() + self._ahead


async def recalled(node: Node, request: str) -> Recalled:
    now = node.clock.now()
    answer = await node.asker.ask("recall", {"request": request}, expires=now + 30, dry_run=True)
    assert answer.reply.status == "done"
    return msgspec.convert(answer.reply.result, Recalled)


async def test_a_request_that_never_came_is_not_known(tmp_path: Path) -> None:
    async with running(Node(tmp_path)) as node:
        found = await recalled(node, "never")
        assert (found.known, found.reply, found.progress) == (False, None, None)


async def test_an_agent_knows_of_all_that_came_since_its_memory_began_and_of_nothing_before(tmp_path: Path) -> None:
    async with running(Node(tmp_path)) as node:
        assert (await recalled(node, "never")).memory < 60
        await node.asker.ask("weight", {"weight": 2.0}, request="w")
    async with running(Node(tmp_path, clock=AheadClock(MARGIN))) as node:
        assert (await recalled(node, "never")).memory == MARGIN


@pytest.mark.parametrize("ledger", ["deleted", "set back"])
async def test_an_agent_whose_memory_is_gone_does_not_vouch_for_what_came_before(tmp_path: Path, ledger: str) -> None:
    async with running(Node(tmp_path)) as node:
        await node.asker.ask("weight", {"weight": 2.0}, request="w1")
        before = node.config.ledger_file.read_bytes()
        await node.asker.ask("weight", {"weight": 3.0}, request="w2")
    if ledger == "deleted":
        node.config.ledger_file.unlink()
    else:
        node.config.ledger_file.write_bytes(before)
    async with running(Node(tmp_path, clock=AheadClock(100))) as node:
        found = await recalled(node, "w2")
        assert not found.known
        assert found.memory < 60


async def test_what_a_lost_memory_knew_is_not_done_again(tmp_path: Path) -> None:
    async with running(Node(tmp_path)) as node:
        for number in range(3):
            await node.asker.ask("weight", {"weight": float(number)}, request=f"w{number}")
    node.config.ledger_file.unlink()
    async with running(Node(tmp_path)) as node:
        again = (await node.asker.ask("weight", {"weight": 1.0}, request="w1")).reply
        assert (again.status, again.code) == ("refused", "replayed")
        assert node.provider.weight == 2.0


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
