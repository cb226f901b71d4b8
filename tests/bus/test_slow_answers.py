"""A command that asks slow agents prints what they say, or says that something is missing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from fxtop.__main__ import main
from fxtop.bus.connection import NatsBus
from fxtop.bus.port import Asked, BusDown, NoAnswer
from fxtop.cli.exits import Exit
from fxtop.protocol.presence import SYNC_SUBJECT_HEADER
from tests.natskit import BusPark, NatsServer, Rack
from tests.unit.cluster.kit import Site

Get = Callable[..., "asyncio.Future[tuple[int, list[str], str]]"]


class Agents:
    """Nodes that are asked through one connection, and say what a test has them say."""

    def __init__(self, bus: NatsBus) -> None:
        self._bus = bus
        self._site = Site()
        self.asked: asyncio.Queue[Asked] = asyncio.Queue()

    @classmethod
    async def on(cls, server: NatsServer, park: BusPark) -> Agents:
        agents = cls(await park.bus(server))
        await agents._bus.listen("fxtop.test.sync", agents.asked.put)
        await agents._bus.round_trip(5.0)
        return agents

    async def answer(self, question: Asked, *nodes: str) -> None:
        """Tell the asker of some nodes."""
        for node in nodes:
            for kind, body in (("facts.node", self._site.facts(node)), ("hb.node", self._site.beat(node))):
                stands_for = {SYNC_SUBJECT_HEADER: f"fxtop.test.{kind}.{node}"}
                await self._bus.publish(question.reply, json.dumps(body).encode(), stands_for)

    async def beat(self, node: str) -> None:
        """A heartbeat, which everybody hears."""
        await self._bus.publish(f"fxtop.test.hb.node.{node}", json.dumps(self._site.beat(node)).encode())


@pytest.fixture
async def server(rack: Rack) -> NatsServer:
    return await rack.server()


@pytest.fixture
async def agents(server: NatsServer, park: BusPark) -> Agents:
    return await Agents.on(server, park)


@pytest.fixture
def get(server: NatsServer, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Get:
    """Runs ``fxtop get nodes``; its exit code, the nodes that it printed, and what it said."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "FX_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))

    async def run() -> tuple[int, list[str], str]:
        line = ["get", "nodes", "-o", "json", "--cluster", "test", "--server", server.url]
        code = await asyncio.to_thread(main, line)
        said = capsys.readouterr()
        return code, [row["node"] for row in json.loads(said.out)], said.err

    return lambda: asyncio.ensure_future(run())


async def test_all_who_answer_at_once_are_printed_without_a_word(agents: Agents, get: Get) -> None:
    printed = get()
    await agents.answer(await agents.asked.get(), "viz01", "viz02")
    assert await printed == (Exit.DONE, ["viz01", "viz02"], "")


async def test_a_node_that_is_heard_is_waited_for_beyond_the_quiet(agents: Agents, get: Get) -> None:
    printed = get()
    question = await agents.asked.get()
    await agents.answer(question, "viz01")
    await agents.beat("viz02")
    await asyncio.sleep(0.7)  # longer than the quiet after which all are in
    await agents.answer(question, "viz02")
    assert await printed == (Exit.DONE, ["viz01", "viz02"], "")


async def test_a_node_that_is_heard_and_never_answers_is_named(agents: Agents, get: Get) -> None:
    printed = get()
    question = await agents.asked.get()
    await agents.beat("viz02")
    await agents.answer(question, "viz01")
    code, nodes, said = await printed
    assert (code, nodes) == (Exit.FAILED, ["viz01", "viz02"])
    assert said.startswith("1 of 2 nodes are heard but have not answered (viz02)")


async def test_answers_that_grow_rarer_are_waited_for(agents: Agents, get: Get) -> None:
    printed = get()
    question = await agents.asked.get()
    for node, pause in (("viz01", 0.3), ("viz02", 0.3), ("viz03", 0.6), ("viz04", 0.0)):
        await agents.answer(question, node)
        await asyncio.sleep(pause)
    assert await printed == (Exit.DONE, ["viz01", "viz02", "viz03", "viz04"], "")


async def test_answers_without_an_end_are_cut_off_and_that_is_said(
    agents: Agents, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fxtop.cli.answers.LIMIT", 0.8)
    printed = get()
    question = await agents.asked.get()
    number = 0
    while not printed.done():
        await agents.answer(question, f"viz{number:03d}")
        number += 1
        await asyncio.sleep(0.05)
    code, nodes, said = await printed
    assert code == Exit.FAILED
    assert said.startswith(f"{len(nodes)} nodes answered so far, and more were still answering after 0.8 s")


async def test_a_connection_that_is_lost_while_they_answer_is_told(
    agents: Agents, get: Get, server: NatsServer
) -> None:
    printed = get()
    await agents.answer(await agents.asked.get(), "viz01")
    await server.kill()
    code, nodes, said = await printed
    assert (code, set(nodes) <= {"viz01"}) == (Exit.FAILED, True)
    assert "connection was lost while the nodes were answering" in said


async def test_a_round_trip_brings_all_that_was_said_before(server: NatsServer, park: BusPark) -> None:
    ours, theirs = await park.bus(server), await park.bus(server)
    await ours.subscribe("fxtop.test.>")
    await ours.round_trip(5.0)
    for number in range(100):
        await theirs.publish(f"fxtop.test.hb.node.n{number}", b"{}")
    await theirs.round_trip(5.0)
    await ours.round_trip(5.0)
    assert len(ours.take()) == 100


async def test_a_round_trip_with_a_frozen_server_has_no_answer(server: NatsServer, park: BusPark) -> None:
    bus = await park.bus(server)
    server.freeze()
    with pytest.raises(NoAnswer, match=r"didn't answer a ping within 0\.2 s"):
        while True:  # it may answer once more before it stands still
            await bus.round_trip(0.2)
    server.thaw()
    await bus.stop()
    with pytest.raises(BusDown):
        await bus.round_trip(0.2)
