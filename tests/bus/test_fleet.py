"""A fleet over real servers: each of its nodes is seen, obeys signed requests and refuses others, like an agent's."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
import pytest_asyncio

from fxtop.agent.simulated.place import Place
from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import BusSettings
from fxtop.clock import SystemClock
from fxtop.demo.cluster import DemoCluster
from fxtop.demo.errors import DemoError
from fxtop.demo.folder import Folder
from fxtop.demo.identity import SLUG
from fxtop.demo.options import Options
from fxtop.protocol import subjects
from fxtop.protocol.control import Request
from fxtop.protocol.decode import decode_reply
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.protocol.signing import NkeySigner, new_seed, sign
from tests.bus.test_demo import assert_nothing_is_left, running

LARGE = Options(nodes=300, sessions=900, churn=0.01)
WITHIN = 60.0
shared = pytest.mark.asyncio(loop_scope="module")
"""One fleet for all tests; each acts on nodes of its own."""


class Seen:
    """A fleet, and what the commands make of it."""

    def __init__(self, cluster: DemoCluster, folder: Folder) -> None:
        self.cluster = cluster
        self.folder = folder
        self._fresh = iter(cluster.nodes)

    def a_node(self) -> NodeId:
        """One that no test has touched."""
        return next(self._fresh)

    def place(self, node: NodeId) -> Place:
        """What is true of a node."""
        return self.cluster.world.places[node]

    async def run(self, *arguments: str) -> str:
        """A command's output; it has to go well."""
        line = [sys.executable, "-m", "fxtop", "--config", str(self.folder.config), *arguments]
        env = {**os.environ, "XDG_STATE_HOME": str(self.folder.state)}
        process = await asyncio.create_subprocess_exec(*line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
        said, told = await asyncio.wait_for(process.communicate(), WITHIN)
        assert process.returncode == 0, told.decode()
        return said.decode()

    async def rows(self, pane: str) -> list[dict[str, Any]]:
        """What ``fxtop get`` knows."""
        rows: list[dict[str, Any]] = json.loads(await self.run("get", pane, "-o", "json"))
        return rows

    @asynccontextmanager
    async def bus(self) -> AsyncIterator[NatsBus]:
        """A connection of somebody who holds the token."""
        token = self.folder.token.read_text().strip()
        settings = BusSettings(
            servers=self.cluster.servers.urls, token=lambda: token, ca=self.folder.ca, tls=True, name="tester"
        )
        bus = NatsBus(settings, SystemClock(), SLUG)
        await bus.start()
        try:
            await bus.wait_connected(WITHIN)
            yield bus
        finally:
            await bus.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seen() -> AsyncIterator[Seen]:
    folder = Folder.make()
    cluster = DemoCluster(folder, LARGE, SystemClock())
    try:
        await cluster.start()
        yield Seen(cluster, folder)
    finally:
        await cluster.stop()
        folder.remove()


@shared
async def test_every_node_of_a_fleet_is_there_after_one_question(seen: Seen) -> None:
    rows = await seen.rows("nodes")
    assert {row["node"] for row in rows} == set(seen.cluster.world.places)
    assert len(seen.cluster.agents) == 3
    assert {row["transporters"][0]["name"] for row in rows} == {"manager1", "manager2", "manager3"}
    there = {session.id for session in seen.cluster.world.sessions}
    known = {row["id"] for row in await seen.rows("sessions")}
    assert len(known & there) > 0.9 * LARGE.sessions  # some come and go meanwhile


@shared
async def test_a_drain_is_followed_to_its_end_and_a_node_taken_back(seen: Seen) -> None:
    node = seen.a_node()
    await seen.run("drain", node, "--reason", "test", "--then", "terminate", "--yes", "--wait")
    assert not seen.place(node).taking
    assert not [session for session in seen.place(node).sessions.values() if session.state != "ghost"]
    (row,) = [row for row in await seen.rows("nodes") if row["node"] == node]
    assert row["state"] == "drained"
    await seen.run("resume", node, "--reason", "test", "--yes")
    assert seen.place(node).taking


@shared
async def test_a_session_is_terminated(seen: Seen) -> None:
    node = seen.a_node()
    session = next(iter(seen.place(node).sessions))
    await seen.run("terminate", f"{node}/{session}", "--reason", "test", "--grace", "1", "--yes", "--wait")
    assert session not in seen.place(node).sessions


@shared
async def test_a_request_that_nobody_listed_signed_is_refused(seen: Seen) -> None:
    node = seen.a_node()
    subject = subjects.build(SLUG, "ctl.node", node, "drain")
    payload = msgspec.json.encode(Request(v=1, reason="test", args=msgspec.Raw(b'{"then": "wait"}')))
    headers = sign(
        NkeySigner(new_seed()),
        subject=subject,
        request=RequestId("forged"),
        operator="mallory",
        expires=time.time() + 30,
        payload=payload,
    )
    async with seen.bus() as bus:
        reply = decode_reply((await bus.request(subject, payload, headers, WITHIN)).payload)
    assert (reply.status, reply.code) == ("refused", "unknown_key")
    assert seen.place(node).taking


@shared
async def test_a_ping_needs_no_signature_and_a_strange_verb_is_unsupported(seen: Seen) -> None:
    async with seen.bus() as bus:
        for verb, status in (("ping", "done"), ("dance", "unsupported")):
            subject = subjects.build(SLUG, "ctl.node", seen.a_node(), verb)
            reply = decode_reply((await bus.request(subject, b'{"v":1}', {}, WITHIN)).payload)
            assert reply.status == status


@shared
async def test_who_is_never_asked_keeps_nothing_to_answer_with(seen: Seen) -> None:
    asked, other = seen.a_node(), seen.a_node()
    await seen.run("drain", asked, "--reason", "test", "--yes")
    state = seen.folder.state / "agents"
    assert (state / asked / "journal.jsonl").exists()
    assert not (state / other).exists()


def test_told_to_end_a_fleet_leaves_nothing_behind() -> None:
    with running("--nodes", "150", "--sessions", "300") as (parent, ready, processes):
        parent.send_signal(signal.SIGTERM)
        assert parent.wait(WITHIN) == 0
        assert_nothing_is_left(ready, processes)
        assert not Path(str(ready["config"])).exists()
        assert not [process for process in processes if psutil.pid_exists(process.pid)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (Options(nodes=101, scenario="incident"), "up to 100 nodes"),
        (Options(churn=0.5), "Up to 0.1"),
        (Options(nodes=20_001), "3 to 20000 nodes"),
    ],
    ids=["a story on a large site", "too much change", "too many nodes"],
)
def test_what_a_demo_can_not_be_is_a_sentence(options: Options, words: str) -> None:
    with pytest.raises(DemoError, match=words):
        options.check()
