"""``fxtop can-i`` asks real agents, each of which goes by its own list of keys."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from fxtop.actions.keys import create
from fxtop.agent.config import AgentConfig
from fxtop.agent.roles import Role
from fxtop.agent.service import Agent
from fxtop.agent.trust import Trust
from fxtop.bus.connection import NatsBus
from fxtop.cli.main import run as main
from fxtop.clock import SystemClock
from fxtop.protocol.ids import NodeId, PublicKey
from tests.natskit import CLUSTER, Rack, settings
from tests.unit.agent.kit import ScriptedProvider, StillHost

LAB = replace(Role.HELPDESK, name="lab", sessions=2, users=("lab-*",))
NODES = ("viz01", "viz02", "viz03")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[list[str]]:
        """The words of each line below the titles."""
        return [line.split() for line in self.out.splitlines()[1:]]


@dataclass
class Site:
    """Three nodes that trust the person's key each in another way."""

    home: Path
    server: str
    agents: list[Agent]

    async def can_i(self, *words: str) -> Ended:
        """Run the command as a person does."""
        env = {name: value for name, value in os.environ.items() if not name.startswith(("FXTOP_", "FX_", "NATS_"))}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "fxtop", "can-i", *words, "--server", self.server, "--cluster", CLUSTER),
            env=env | {"XDG_CONFIG_HOME": str(self.home), "XDG_STATE_HOME": str(self.home), "HOME": str(self.home)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode is not None
        return Ended(process.returncode, out.decode(), err.decode())


@pytest.fixture
async def site(rack: Rack, tmp_path: Path) -> AsyncIterator[Site]:
    server = await rack.server()
    key = create(tmp_path / "fxtop" / "operator.nk").public_key
    trusts: tuple[Mapping[PublicKey, Role], ...] = ({key: Role.OPERATOR}, {key: LAB}, {})
    clock = SystemClock()
    agents = [
        Agent(
            AgentConfig(CLUSTER, NodeId(node), tmp_path / node, trust=Trust(trust), interval=60.0),
            NatsBus(settings(server, name=node), clock, CLUSTER),
            ScriptedProvider(),
            StillHost(),
            clock,
        )
        for node, trust in zip(NODES, trusts, strict=True)
    ]
    await asyncio.gather(*(agent.start() for agent in agents))
    yield Site(tmp_path, server.url, agents)
    await asyncio.gather(*(agent.stop() for agent in agents))


async def test_each_node_says_what_the_key_may_do_there(site: Site) -> None:
    ended = await site.can_i()
    assert ended.code == 3, ended.err
    assert sorted(line[1] for line in ended.lines) == ["lab", "none", "operator"]
    assert "message, terminate" in ended.out
    assert "ends at most 2 at a time; only sessions of lab-*" in ended.out


async def test_one_verb_is_asked_of_each_node(site: Site) -> None:
    ended = await site.can_i("drain")
    assert [line[:2] for line in ended.lines] == [["viz01", "yes"], ["viz02", "no"], ["viz03", "no"]]
    assert "the role lab doesn't allow it there" in ended.out
    assert "is not listed here" in ended.out
    assert ended.code == 3


async def test_one_node_may_be_named(site: Site) -> None:
    assert (await site.can_i("drain", "viz01")).code == 0


async def test_the_answer_is_data_too_and_nothing_of_it_is_recorded(site: Site) -> None:
    ended = await site.can_i("message", "-o", "json")
    data: list[dict[str, Any]] = json.loads(ended.out)
    assert [(one["node"], one["allowed"]) for one in data] == [("viz01", True), ("viz02", True), ("viz03", False)]
    assert data[1]["standing"]["sessions"] == 2
    assert not any(agent.config.journal_file.exists() for agent in site.agents)


def test_without_a_key_nobody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert main(["can-i", "drain"]) == 3
    assert "there is no operator key to sign with" in capsys.readouterr().err


def test_an_unknown_verb_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["can-i", "reboot"]) == 2
    assert "There is no verb 'reboot'" in capsys.readouterr().err
