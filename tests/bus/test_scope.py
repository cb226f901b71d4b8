"""A command asks the agents for no more than it prints."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from fxtop.bus.port import Asked
from fxtop.cli.joined import EVERYTHING, NODES, Scope, joined
from fxtop.config.load import load
from fxtop.protocol.presence import ALL_CLASSES
from tests.natskit import BusPark, Rack

SESSION = "fxtop.test.session.n1.s1"
HEARTBEAT = "fxtop.test.hb.node.n1"


@pytest.mark.parametrize(
    ("scope", "classes", "heard"),
    [
        pytest.param(NODES, ["node"], [HEARTBEAT], id="nodes"),
        pytest.param(EVERYTHING, list(ALL_CLASSES), [SESSION, HEARTBEAT], id="everything"),
    ],
)
async def test_only_what_is_in_scope_is_asked_for_and_listened_to(
    scope: Scope, classes: list[str], heard: list[str], rack: Rack, park: BusPark, tmp_path: Path
) -> None:
    server = await rack.server()
    agent = await park.bus(server)
    asked: list[list[str]] = []

    async def answer(question: Asked) -> None:
        asked.append(msgspec.json.decode(question.payload)["classes"])

    await agent.listen("fxtop.test.sync", answer)
    settings = load({"cluster": "test", "server": (server.url,)}, {"HOME": str(tmp_path)})
    async with joined(settings, scope) as cluster:
        await agent.publish(SESSION, b"{}")
        await agent.publish(HEARTBEAT, b"{}")
        came: list[str] = []
        while HEARTBEAT not in came:
            async with asyncio.timeout(10):
                await cluster.bus.wait_activity(1.0)
            came += [message.subject for message in cluster.bus.take()]
    assert asked == [classes]
    assert came == heard
