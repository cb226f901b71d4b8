"""Rules on nodes that know of each other by a real server, and a command that is stopped in time."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.guardrails.rule import Rule
from fxtop.actions.keys import create
from fxtop.agent.config import AgentConfig
from fxtop.agent.service import Agent
from fxtop.agent.simulated.provider import SimulatedHost, SimulatedProvider
from fxtop.agent.simulated.site import SimulatedSite
from fxtop.agent.trust import Role, Trust
from fxtop.bus.connection import NatsBus
from fxtop.cli.exits import Exit
from fxtop.clock import SystemClock
from fxtop.protocol.ids import NodeId
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, Rack, settings
from tests.unit.agent.kit import OPERATOR, Asker

NODES = tuple(NodeId(f"viz{number:02}.example.edu") for number in range(1, 4))
WORDS = "The night shift needs two nodes."
KEEP_TWO = Guardrails((Rule(words=WORDS, min_launchers=2),))


class Place:
    """Three nodes, each with the rule."""

    def __init__(self, server: NatsServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.key = create(folder / "ann.nk")
        self._world = SimulatedSite(NODES, SystemClock(), sessions=12, life=1e6)
        self.buses = [NatsBus(settings(server, name=node), SystemClock(), CLUSTER) for node in NODES]
        self.agents = [self._agent(node, bus) for node, bus in zip(NODES, self.buses, strict=True)]

    def _agent(self, node: NodeId, bus: NatsBus) -> Agent:
        clock = SystemClock()
        trust = Trust({OPERATOR.public_key: Role.OPERATOR, self.key.public_key: Role.OPERATOR})
        return Agent(
            AgentConfig(CLUSTER, node, self.folder / node, trust=trust, guardrails=KEEP_TWO, interval=0.5),
            bus,
            SimulatedProvider(self._world, node, clock),
            SimulatedHost(self._world, node, clock),
            clock,
        )


@pytest.fixture
async def place(rack: Rack, tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(await rack.server(), tmp_path)
    await asyncio.gather(*(agent.start() for agent in place.agents))
    await asyncio.gather(*(bus.wait_connected(WITHIN) for bus in place.buses))
    yield place
    await asyncio.gather(*(agent.stop() for agent in place.agents))


async def test_a_node_asks_the_others_before_it_is_drained(place: Place, park: BusPark) -> None:
    asker = Asker(await park.bus(place.server))
    assert (await asker.ask("drain", {}, node=NODES[0])).reply.status == "accepted"
    refused = (await asker.ask("drain", {}, node=NODES[1])).reply
    assert (refused.status, refused.code) == ("refused", "min_launchers")
    assert refused.detail == (f"1 node that is known to take new sessions would be left, and a rule wants 2. {WORDS}")
    await asker.ask("resume", {}, node=NODES[0])
    assert (await asker.ask("drain", {}, node=NODES[1])).reply.status == "accepted"


async def test_of_two_nodes_that_are_drained_at_the_same_time_one_stays(place: Place, park: BusPark) -> None:
    asker = Asker(await park.bus(place.server))
    answers = await asyncio.gather(*(asker.ask("drain", {}, node=node) for node in NODES[:2]))
    assert sorted(answer.reply.status for answer in answers) == ["accepted", "refused"]
    (refused,) = (answer.reply for answer in answers if answer.reply.status == "refused")
    assert refused.code == "min_launchers"
    late = (await asker.ask("drain", {}, node=NODES[2])).reply
    assert late.code == "min_launchers"


async def test_ctrl_c_stops_a_command_before_it_has_sent_anything(place: Place, tmp_path: Path) -> None:
    (tmp_path / "ann.toml").write_text(
        f'[clusters.{CLUSTER}]\nservers = ["{place.server.url}"]\ntoken_file = "token"\n'
        '[operator]\nname = "ann"\nkey_file = "ann.nk"\n[control]\nbulk = 1\ncancel_seconds = 60\n'
    )
    (tmp_path / "token").write_text("secret")
    (tmp_path / "token").chmod(0o600)
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fxtop", "--config", str(tmp_path / "ann.toml")),
        *("drain", *NODES, "--reason", "test", "--yes"),
        env={"XDG_STATE_HOME": str(tmp_path / "state"), "FX_CONFIG_DIR": str(tmp_path / "none"), "HOME": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert command.stderr is not None
    told, journal = "", tmp_path / "state" / "fxtop" / "journal.jsonl"
    async with asyncio.timeout(30):
        while "Ctrl-C stops it" not in told:
            line = (await command.stderr.readline()).decode()
            assert line, told
            told += line
        while '"kind":"held"' not in journal.read_text():  # noqa: ASYNC110  # a file tells nobody that it has grown
            await asyncio.sleep(0.01)
        command.send_signal(signal.SIGINT)
        told += (await command.stderr.read()).decode()
        assert await command.wait() == Exit.INTERRUPTED
    assert "It is sent in 60 s; Ctrl-C stops it." in told
    assert "Nothing was sent: you stopped it in time." in told
    assert '"code":"cancelled"' in journal.read_text()
    assert '"kind":"sent"' not in journal.read_text()
