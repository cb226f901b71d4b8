"""Who is killed or cut off in the middle: a command whose process dies, a manager that can't hear the nodes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

from fxtop.actions.arming import Arming
from fxtop.actions.journal import Journal
from fxtop.actions.keys import create
from fxtop.actions.link import ClusterLink
from fxtop.actions.model import Intent, Plan, Refused
from fxtop.actions.operator import Operator
from fxtop.agent.config import AgentConfig
from fxtop.agent.manager import member, reach
from fxtop.agent.service import Agent
from fxtop.agent.trust import Role, Trust
from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import subscriptions
from fxtop.clock import SystemClock
from fxtop.cluster.records import JobRow, JobState
from fxtop.cluster.store import Store
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.protocol.signing import Signer
from tests.natskit import CLUSTER, WITHIN, NatsServer, Rack, settings
from tests.relay import LOSE, PASS, Copy, Frame, Relay, Rule
from tests.unit.agent.kit import MANAGER, OPERATOR, TRUST, ScriptedProvider, StillHost, body

VIZ, MGR = NodeId("viz07"), NodeId("mgr1")


class Desk:
    """A console with its journal."""

    def __init__(self, server: NatsServer, journal: Path, signer: Signer = OPERATOR) -> None:
        clock = SystemClock()
        self.store = Store(CLUSTER, clock)
        self.bus = NatsBus(
            settings(server, cluster_subjects=subscriptions(CLUSTER), sync_on_connect=True), clock, CLUSTER
        )
        self.operator = Operator(self.bus, self.store, clock, Arming(clock), Journal(journal), signer, "ann")
        self.link = ClusterLink(self.bus, self.store, clock, self.operator, None)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(WITHIN):
            while not condition():
                await self.bus.wait_activity(0.02)
                self.link.inflow.take_in()
                self.link.settle()

    async def planned(self) -> Plan:
        """A plan to even out, from a manager that may have just begun."""
        async with asyncio.timeout(WITHIN):
            while True:
                try:
                    return await self.operator.prepare(Intent("rebalance", reason="test"))
                except Refused as refused:
                    assert refused.code == "not_ready", refused
                    await self.bus.wait_activity(0.05)
                    self.link.inflow.take_in()
                    self.link.settle()

    async def ended(self, request: str) -> JobRow:
        jobs = self.store.jobs
        await self.until(lambda: (job := jobs.get(RequestId(request))) is not None and job.state.ended)
        return jobs[RequestId(request)]


def agent(
    url: str, node: NodeId, folder: Path, provider: ScriptedProvider, *, trust: Trust = TRUST, key: Signer | None = None
) -> Agent:
    config = AgentConfig(
        CLUSTER,
        node,
        folder / node,
        trust=trust,
        interval=0.5,
        poll_every=60.0,
        capacity=10,
        weight=2.0 if node == VIZ else 1.0,
    )
    clock = SystemClock()
    return Agent(config, NatsBus(settings(url), clock, CLUSTER), provider, StillHost(), clock, manager_key=key)


def accepted(folder: Path, node: NodeId, verb: str) -> int:
    """How often a node took ``verb`` on, by its own journal."""
    lines = (folder / node / "journal.jsonl").read_bytes().splitlines() if (folder / node).exists() else []
    entries = [msgspec.json.decode(line) for line in lines]
    return sum(entry.get("verb") == verb and entry.get("state") == "accepted" for entry in entries)


class Shell:
    """A person's shell beside one node whose sessions end when the test lets them."""

    def __init__(self, server: NatsServer, folder: Path) -> None:
        self.signer = create(folder / "ann.nk")
        self.journal = folder / "fxtop" / "journal.jsonl"
        self.provider = ScriptedProvider(body("s1", node=VIZ), body("s2", node=VIZ))
        self.provider.hold.clear()
        trust = Trust({self.signer.public_key: Role.OPERATOR})
        self.agent = agent(server.url, VIZ, folder, self.provider, trust=trust)
        ours = {name: text for name, text in os.environ.items() if not name.startswith(("FXTOP_", "NATS_", "FX_"))}
        self._env = ours | {
            "XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "FX_CONFIG_DIR": str(folder / "none"),
            "FXTOP_KEY_FILE": str(folder / "ann.nk"), "FXTOP_OPERATOR": "ann", "FXTOP_SERVER": server.url,
            "FXTOP_CLUSTER": CLUSTER,
        }  # fmt: skip

    async def start(self, *line: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "fxtop", *line, env=self._env, stdout=pipe, stderr=pipe
        )

    async def terminate_and_be_killed(self) -> None:
        """``fxtop terminate --wait``, killed once the agent works on it."""
        command = await self.start(*("terminate", f"{VIZ}/s1", "--reason", "stuck", "--yes", "--wait", "--grace", "0"))
        assert command.stderr is not None
        heard = b""
        async with asyncio.timeout(WITHIN):
            while b"terminate running" not in heard:
                said = await command.stderr.readline()
                heard += said
                assert said, f"the command ended by itself: {heard.decode()}"
        command.send_signal(signal.SIGKILL)
        await command.communicate()


@pytest.fixture
async def shell(rack: Rack, tmp_path: Path) -> AsyncIterator[Shell]:
    shell = Shell(await rack.server(), tmp_path)
    await shell.agent.start()
    yield shell
    await shell.agent.stop()


async def test_a_command_that_is_killed_in_the_middle_is_followed_by_the_next_console(shell: Shell, rack: Rack) -> None:
    await shell.terminate_and_be_killed()
    desk = Desk(rack.servers[0], shell.journal, shell.signer)
    await desk.link.start()
    try:
        await desk.until(lambda: any(job.mine for job in desk.store.jobs.values()))
        (job,) = desk.store.jobs.values()
        assert not job.state.ended
        shell.provider.hold.set()
        assert (await desk.ended(job.id)).state is JobState.DONE
    finally:
        await desk.link.stop()
    assert shell.provider.done == [("terminate", "s1", 0.0)]


async def test_what_became_of_it_can_be_asked_for(shell: Shell) -> None:
    await shell.terminate_and_be_killed()
    asking = await shell.start("jobs", "resolve", "-o", "json")
    (goes_on,) = json.loads((await asking.communicate())[0])
    assert (goes_on["status"], goes_on["mine"], asking.returncode) == ("running", True, 0)
    shell.provider.hold.set()
    asking = await shell.start("jobs", "resolve", goes_on["request"], "-o", "json")
    (ended,) = json.loads((await asking.communicate())[0])
    assert (ended["status"], ended["done"], asking.returncode) == ("done", 1, 0)
    asking = await shell.start("jobs", "resolve")
    out, said = await asking.communicate()
    assert (out, asking.returncode) == (b"", 0)
    assert b"is known" in said
    assert shell.provider.done == [("terminate", "s1", 0.0)]


class CutOff:
    """The rule of a manager's line: so many of the nodes' replies to it are lost."""

    def __init__(self, losses: int) -> None:
        self.losses = losses

    def __call__(self, frame: Frame) -> tuple[Copy, ...]:
        answer = not frame.to_server and frame.subject.startswith("_INBOX") and b'"before"' in frame.payload
        if answer and self.losses:
            self.losses -= 1
            return LOSE
        return PASS


@pytest.mark.parametrize(("losses", "state", "item"), [(1, JobState.DONE, "done"), (99, JobState.FAILED, "unknown")])
async def test_a_manager_that_can_not_hear_the_nodes_sets_each_weight_once_and_claims_nothing(
    rack: Rack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, losses: int, state: JobState, item: str
) -> None:
    monkeypatch.setattr(reach, "ANSWER_WITHIN", 0.3)
    monkeypatch.setattr(member, "SPREAD", 0.1)
    server = await rack.server()
    busy = ScriptedProvider(*(body(f"s{n}", node=VIZ) for n in range(8)))
    async with AsyncExitStack() as stack:
        rule: Rule = CutOff(losses)
        relay = await stack.enter_async_context(Relay(server, rule))
        agents = (
            agent(server.url, VIZ, tmp_path, busy),
            agent(relay.url, MGR, tmp_path, ScriptedProvider(), key=MANAGER),
        )
        desk = Desk(server, tmp_path / "journal.jsonl")
        for each in agents:
            await each.start()
            stack.push_async_callback(each.stop)
        await desk.link.start()
        stack.push_async_callback(desk.link.stop)
        await desk.until(lambda: {VIZ, MGR} <= desk.store.nodes.keys())
        made = await desk.planned()
        desk.operator.arming.arm()
        sent = await desk.operator.commit(made, made.confirmation.expect)
        job = await desk.ended(sent.requests[0])
        assert job.state is state
        weighed = [entry for entry in job.items if entry.id in (VIZ, MGR)]
        assert weighed
        assert item in {entry.status for entry in weighed}
        assert all(accepted(tmp_path, NodeId(entry.id), "weight") == 1 for entry in weighed)
