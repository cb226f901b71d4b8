"""Answering a console that joins (protocol 3)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from fxtop.agent.simulated.licenses import SimulatedLicenses
from fxtop.bus.port import Asked, Handler
from fxtop.clock import SystemClock
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.presence import ALL_CLASSES, HeartbeatClass
from tests.unit.agent.hub import MemoryBus
from tests.unit.agent.kit import CLUSTER, NODE, Node, body, running


class Console:
    """Somebody who joins, with a store of his own."""

    def __init__(self, node: Node) -> None:
        self.bus = MemoryBus(node.hub, SystemClock(), CLUSTER)
        self.store = Store(CLUSTER, SystemClock())

    async def join(self) -> None:
        await self.bus.start()
        for kind in ("hb", "facts", "session", "sessions"):
            await self.bus.subscribe(subjects.wildcard(CLUSTER, kind))

    async def sync_until(self, answers: int) -> list[Inbound]:
        """Ask, and fold what comes until there are so many answers."""
        await self.bus.sync(spread=0.0)
        taken: list[Inbound] = []
        async with asyncio.timeout(5):
            while sum(inbound.synced for inbound in taken) < answers:
                await self.bus.wait_activity(1)
                batch = self.bus.take()
                self.store.fold(batch)
                taken += batch
        return [inbound for inbound in taken if inbound.synced]


async def test_a_console_that_joins_late_knows_the_node_from_the_answers(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"), body("s2"))) as node:
        console = Console(node)
        await console.join()
        answers = await console.sync_until(3)
        assert [answer.subject.split(".")[2] for answer in answers] == ["facts", "hb", "sessions"]
        assert console.store.nodes[NODE].facts is not None
        assert sorted(key.session for key in console.store.sessions) == ["s1", "s2"]


async def test_answers_make_no_gap_and_are_never_taken_for_old(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"), interval=0.2)) as node:
        console = Console(node)
        await console.join()
        for round_ in range(3):
            await console.sync_until(3)
            node.provider.put(body(f"new{round_}"))
            await node.hub.until("session", 2 + round_)
            await node.hub.until("hb.node", 3 + round_)
        await console.sync_until(3)
        assert console.store.intake.lost == 0
        assert console.store.intake.old == 0
        assert len(console.store.sessions) == 4


async def test_an_answer_holds_what_is_true_now_under_the_last_number(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s1"))) as node:
        console = Console(node)
        await console.join()
        await console.sync_until(3)
        node.provider.put(body("s2"))
        await node.hub.until("session", 1)
        answers = await console.sync_until(3)
        snapshot = msgspec.json.decode(answers[-1].payload)
        assert [session["id"] for session in snapshot["sessions"]] == ["s1", "s2"]
        assert snapshot["seq"] == 1


async def test_a_snapshot_that_has_grown_into_more_parts_is_still_complete(tmp_path: Path) -> None:
    async with running(Node(tmp_path, body("s0"))) as node:
        console = Console(node)
        await console.join()
        await console.sync_until(3)
        node.provider.put(*(body(f"s{number}", params={"note": "x" * 1000}) for number in range(500)))
        await node.hub.until("session", 500)
        await console.sync_until(6)
        late = Console(node)
        await late.join()
        await late.sync_until(6)
        for store in (console.store, late.store):
            assert len(store.sessions) == 500
            assert store.intake.lost == store.intake.rejected_total == 0
        node.provider.drop(*(f"s{number}" for number in range(1, 500)))
        await console.sync_until(3)
        assert [key.session for key in console.store.sessions] == ["s0"]


async def test_an_answer_comes_at_a_random_moment_within_the_spread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(Node(tmp_path, body("s1"))) as node:
        moments: list[tuple[float, float]] = []
        release = asyncio.Event()

        def uniform(first: float, last: float) -> float:
            moments.append((first, last))
            return 0.05

        monkeypatch.setattr(node.agent._sync._random, "uniform", uniform)
        await node.bus.listen("_INBOX.me", _setting(release))
        said = asyncio.get_running_loop().time()
        await node.hub.carry(f"fxtop.{CLUSTER}.sync", b'{"v":1,"spread":7}', {}, "_INBOX.me")
        await release.wait()
        assert moments == [(0, 7)]
        assert asyncio.get_running_loop().time() - said >= 0.05


def _setting(release: asyncio.Event) -> Handler:
    async def arrive(asked: Asked) -> None:
        release.set()

    return arrive


@pytest.mark.parametrize(
    ("classes", "kinds"),
    [
        (["node"], {"facts.node", "hb.node"}),
        (["session"], {"sessions"}),
        (["license"], {"hb.license"}),
        (["transporter", "store"], set()),
        (list(ALL_CLASSES), {"facts.node", "hb.node", "sessions", "hb.license"}),
    ],
)
async def test_only_what_was_asked_for_is_answered(
    tmp_path: Path, classes: Sequence[HeartbeatClass], kinds: set[str]
) -> None:
    licenses = SimulatedLicenses(10, SystemClock())
    async with running(Node(tmp_path, collectors=[licenses])) as node:
        await node.hub.until("hb.license")
        await node.bus.listen("_INBOX.me", _nothing)
        payload = msgspec.json.encode({"v": 1, "classes": classes, "spread": 0})
        await node.hub.carry(f"fxtop.{CLUSTER}.sync", payload, {}, "_INBOX.me")
        await _settled(node)
        told = [said.headers["Fxtop-Subject"] for said in node.hub.said if said.subject == "_INBOX.me"]
        assert {parsed.kind for subject in told if (parsed := subjects.parse(subject))} == kinds


async def _nothing(asked: object) -> None:
    return


async def _settled(node: Node) -> None:
    """Until everything was handed over, and nobody waits for an answer any more."""
    while waiting := [t for t in asyncio.all_tasks() if t in node.hub.tasks or " sync:" in t.get_name()]:
        await asyncio.wait(waiting)


@pytest.mark.parametrize("payload", [b"", b"{", b'{"v":2}', b'{"v":1,"spread":-1}', b'{"v":1,"classes":["x"]}'])
async def test_a_question_that_makes_no_sense_is_not_answered(tmp_path: Path, payload: bytes) -> None:
    async with running(Node(tmp_path)) as node:
        before = len(node.hub.said)
        await node.hub.carry(f"fxtop.{CLUSTER}.sync", payload, {}, "_INBOX.me")
        await _settled(node)
        assert len(node.hub.said) == before + 1


async def test_a_flood_of_questions_is_answered_so_many_times(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.agent.sync.AT_ONCE", 3)
    async with running(Node(tmp_path, body("s1"))) as node:
        console = Console(node)
        await console.join()
        for _ in range(20):
            await console.bus.sync(spread=0.0)
        answers = await console.sync_until(9)
        assert len(answers) == 9
        await node.hub.until("hb.node", 2)
        assert not [inbound for inbound in console.bus.take() if inbound.synced]
