"""A flood of refusals neither fills the disk nor hides anything: some are told, the rest is counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from fxtop.agent.limits import Limits
from fxtop.agent.refusals import IN_FULL, OF_STRANGERS
from fxtop.cluster.findings import findings
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.control import Audit
from fxtop.protocol.signing import NkeySigner, new_seed
from tests.unit.agent.hub import MemoryBus
from tests.unit.agent.kit import CLUSTER, NODE, VIEWER, Asker, Node, body, running, told

WEIGHT = {"weight": 2.0}


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with running(Node(tmp_path, body("s1"))) as node:
        yield node


def audits(node: Node) -> list[Audit]:
    return [decoded.message for decoded in node.hub.heard("audit") if isinstance(decoded.message, Audit)]


async def flood(node: Node, count: int, verb: str = "weight") -> None:
    subject = subjects.build(CLUSTER, "ctl.node", NODE, verb)
    for _ in range(count):
        answer = told(await node.bus.request(subject, b"{}"))
        assert (answer.reply.status, answer.reply.code) == ("refused", "unsigned")


async def test_a_flood_is_told_in_a_few_lines_and_a_sum(node: Node) -> None:
    await flood(node, 200)
    assert len(audits(node)) == IN_FULL
    await node.agent.stop()
    *_, last = audits(node)
    assert (last.code, last.verb, last.more, last.request, last.key) == ("unsigned", "weight", 200 - IN_FULL, "", None)
    lines = [msgspec.json.decode(line) for line in node.config.journal_file.read_bytes().splitlines()]
    assert [line["code"] for line in lines] == ["unsigned"] * (IN_FULL + 1)
    assert lines[-1]["detail"].startswith("And 195 more like it were refused within a minute")


async def test_invented_keys_are_one_stranger_and_not_many(node: Node) -> None:
    for _ in range(IN_FULL + 4):
        answer = await Asker(node.bus, NkeySigner(new_seed())).ask("weight", WEIGHT)
        assert answer.reply.code == "unknown_key"
    assert len(audits(node)) == IN_FULL
    await node.agent.stop()
    assert audits(node)[-1].more == 4


async def test_all_strangers_together_fill_no_more_than_so_many_lines(node: Node) -> None:
    for verb in ("drain", "resume", "terminate", "message", "weight", "requeue"):
        await flood(node, IN_FULL, verb)
        await Asker(node.bus, NkeySigner(new_seed())).ask("resume")
    assert len(audits(node)) == OF_STRANGERS
    await node.agent.stop()
    assert sum(audit.more or 1 for audit in audits(node)) == 6 * IN_FULL + 6


async def test_a_flood_of_strangers_hides_no_listed_key(node: Node) -> None:
    for verb in ("drain", "resume", "terminate", "message", "weight", "requeue"):
        await flood(node, IN_FULL + 1, verb)
    await Asker(node.bus, VIEWER, "vic").ask("weight", WEIGHT)
    assert (audits(node)[-1].code, audits(node)[-1].key) == ("role", VIEWER.public_key)


async def test_who_joins_later_is_told_of_what_was_refused_lately(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    await flood(node, IN_FULL + 7)
    monkeypatch.setattr("fxtop.agent.refusals.PERIOD", 0.0)
    await flood(node, 1)
    console = MemoryBus(node.hub, node.clock, CLUSTER)
    store = Store(CLUSTER, node.clock)
    await console.start()
    repeated = 0
    for times in (1, 2):  # whoever asks twice counts nothing twice
        await console.sync(0.0)
        async with asyncio.timeout(5):
            while repeated < times * (IN_FULL + 2):
                await console.wait_activity(0.1)
                heard = console.take()
                repeated += sum(".audit." in each.subject for each in heard)
                store.fold(heard)
    (alert,) = (finding for finding in findings(store) if finding.kind == "refused-unsigned")
    assert alert.text.startswith(f"{IN_FULL + 8} requests without a signature")


async def test_after_a_minute_it_is_told_again(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    await flood(node, IN_FULL + 7)
    monkeypatch.setattr("fxtop.agent.refusals.PERIOD", 0.0)
    await flood(node, 1)
    assert [audit.more for audit in audits(node)] == [0] * IN_FULL + [7, 0]


async def test_a_key_that_asks_too_often_is_refused_and_others_are_not(tmp_path: Path) -> None:
    async with running(Node(tmp_path, limits=Limits(requests=3))) as node:
        answers = [(await node.asker.ask("resume", dry_run=True)).reply for _ in range(4)]
        assert [answer.code for answer in answers] == ["dry_run"] * 3 + ["limit"]
        assert "more than 3 things within a minute" in answers[-1].detail
        assert (await Asker(node.bus, VIEWER).ask("resume")).reply.code == "role"


async def test_a_request_that_is_sent_again_is_answered_whatever_the_limit(tmp_path: Path) -> None:
    async with running(Node(tmp_path, limits=Limits(requests=1))) as node:
        for _ in range(3):
            assert (await node.asker.ask("weight", WEIGHT, request="once")).reply.status == "done"


@pytest.mark.parametrize("limits", [Limits(jobs=1), Limits(jobs_of_key=1)], ids=["of all", "of one key"])
async def test_no_more_than_so_many_jobs_run_at_once(tmp_path: Path, limits: Limits) -> None:
    async with running(Node(tmp_path, body("s1"), body("s2"), limits=limits)) as node:
        node.provider.hold.clear()
        assert (await node.asker.ask("terminate", {"sessions": ["s1"]}, request="one")).reply.status == "accepted"
        refused = (await node.asker.ask("terminate", {"sessions": ["s2"]})).reply
        assert (refused.status, refused.code) == ("refused", "limit")
        node.provider.hold.set()
        await node.job("one")
        async with asyncio.timeout(5):  # the job is told to have ended just before it makes room
            while (answer := await node.asker.ask("terminate", {"sessions": ["s2"]})).reply.code == "limit":
                continue
        assert answer.reply.status == "accepted"
        await node.job(answer.reply.request)
