"""The gate as it is printed, between real nats-servers: who comes in through it sees and sends what he may, no more."""

from __future__ import annotations

import asyncio
import json
import os
import re
import stat
import subprocess
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fxtop.__main__ import main
from fxtop.agent.config import AgentConfig
from fxtop.agent.service import Agent
from fxtop.agent.simulated.provider import SimulatedHost, SimulatedProvider
from fxtop.agent.simulated.site import SimulatedSite
from fxtop.bus.connection import NatsBus
from fxtop.bus.port import BusPhase, NotAllowed
from fxtop.bus.settings import subscriptions
from fxtop.clock import SystemClock
from fxtop.cluster.records import JobState
from fxtop.cluster.store import Store
from fxtop.demo.extra import nats_server
from fxtop.protocol import subjects
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.sources.moleculer.listener import MoleculerListener
from fxtop.sources.servers import sightings
from tests.bus.brokers import Eavesdropper, FakeBroker, in_force
from tests.natskit import (
    CLUSTER,
    WITHIN,
    Authority,
    BusPark,
    Certificate,
    NatsServer,
    Rack,
    ServerSpec,
    free_port,
    settings,
    until,
)
from tests.unit.agent.kit import MANAGER, TRUST, Asker

TOKEN, ROUTE_PASSWORD = "thisisasecret", "route pass/word"
MANAGERS, GATED, FREE = NodeId("mgr1.example.edu"), NodeId("viz01.example.edu"), NodeId("viz02.example.edu")
"""A manager and a node whose agents come in through the gate, and a node whose agent holds FastX's token."""
SESSIONS = 12


@dataclass(frozen=True)
class Printed(ServerSpec):
    """A server whose configuration was printed by the command."""

    text: str = ""

    def render(self) -> str:
        return self.text


@dataclass(frozen=True)
class Gate:
    """A gate that runs beside one of FastX's servers."""

    fastx: NatsServer
    server: NatsServer
    ca: Path
    passwords: dict[str, str]

    def login(self, role: str) -> dict[str, Any]:
        """How somebody comes in, as the printed comments say."""
        own = {"inbox_prefix": f"_INBOX_{role}"} if role in ("operator", "viewer") else {}
        return {"user": lambda: role, "password": lambda: self.passwords[role.upper()], "ca": self.ca, **own}

    async def comes_in(self, park: BusPark, role: str, **more: Any) -> NatsBus:
        """Somebody with a login of the gate."""
        return await park.bus(self.server, **{**self.login(role), **more})

    async def holds_the_token(self, park: BusPark, **more: Any) -> NatsBus:
        """Somebody on FastX's own server, whom nothing is forbidden."""
        return await park.bus(self.fastx, token=TOKEN, **more)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of this machine's settings."""
    for name in [name for name in os.environ if name.startswith(("FXTOP_", "NATS_", "FX_"))]:
        monkeypatch.delenv(name)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "FX_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))


Print = Callable[..., str]


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Print:
    """Runs the command and gives what it printed."""

    def run(*line: str) -> str:
        capsys.readouterr()
        assert main(["gate-config", "--cluster", CLUSTER, *line]) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture
async def fastx(rack: Rack) -> AsyncIterator[NatsServer]:
    """A server as FastX has them: one token for all, and a port for routes."""
    block = (
        f'cluster {{ name: fx, listen: "127.0.0.1:{free_port()}", no_advertise: false\n'
        f'  authorization {{ user: ruser, password: "{ROUTE_PASSWORD}", timeout: 2 }} }}'
    )
    yield await rack.server("fastx1", token=TOKEN, cluster=block)


@pytest.fixture
async def gate(fastx: NatsServer, authority: Authority, tmp_path: Path, printed: Print) -> AsyncIterator[Gate]:
    """The gate that was printed, joined to FastX's server."""
    certificate = authority.certificate("127.0.0.1")
    route = re.search(r"127\.0\.0\.1:(\d+)", fastx.spec.cluster)
    assert route is not None
    secrets, password = tmp_path / "gate-secrets.conf", tmp_path / "routes"
    password.write_text(f"{ROUTE_PASSWORD}\n")
    port = free_port()
    line = (
        "--route", f"127.0.0.1:{route[1]}", "--cluster-name", "fx", "--port", str(port), "--route-port",
        str(free_port()), "--monitoring-port", str(free_port()), "--cert", str(certificate.file), "--key",
        str(certificate.key), "--secrets", str(secrets), "--route-password-file", str(password), "--system-user",
        "sysmon", "--moleculer", "--moleculer-discover",
    )  # fmt: skip
    server = NatsServer(Printed("gate", port, tls=certificate, text=printed(*line)), tmp_path)
    await server.start()
    gate = Gate(fastx, server, authority.file, passwords_in(secrets))
    await joined(gate)
    yield gate
    await server.kill()


def passwords_in(secrets: Path) -> dict[str, str]:
    """Passwords by role."""
    return dict(re.findall(r'^FXTOP_GATE_(\w+)_PASSWORD: "([^"]+)"', secrets.read_text(), re.MULTILINE))


async def joined(gate: Gate) -> None:
    """Return when the two servers see each other."""
    bus = NatsBus(settings(gate.fastx, token=TOKEN), SystemClock(), CLUSTER)
    await bus.start()
    try:
        await bus.wait_connected(WITHIN)
        async with asyncio.timeout(WITHIN):
            while len(await sightings(bus, quiet=0.05, within=0.5)) < 2:
                await bus.wait_activity(0.01)
    finally:
        await bus.stop()


@pytest.fixture
async def world(gate: Gate, park: BusPark, tmp_path: Path) -> AsyncIterator[SimulatedSite]:
    """Three agents: a manager's and a node's behind the gate, and one that holds FastX's token."""
    world = SimulatedSite((MANAGERS, GATED, FREE), SystemClock(), sessions=SESSIONS, life=1e6)
    for session in world.sessions:
        session.stubborn = False
    reach = {
        MANAGERS: settings(gate.server, **gate.login("manager")),
        GATED: settings(gate.server, **gate.login("agent")),
        FREE: settings(gate.fastx, token=TOKEN),
    }
    agents = [
        Agent(
            AgentConfig(CLUSTER, node, tmp_path / node, trust=TRUST, interval=0.5, capacity=20, weight=2.0),
            NatsBus(how, SystemClock(), CLUSTER),
            SimulatedProvider(world, node, SystemClock()),
            SimulatedHost(world, node, SystemClock()),
            SystemClock(),
            manager_key=MANAGER if node == MANAGERS else None,
        )
        for node, how in reach.items()
    ]
    living = asyncio.create_task(world.run())
    await asyncio.gather(*(agent.start() for agent in agents))
    yield world
    living.cancel()
    await asyncio.gather(*(agent.stop() for agent in agents))


class Console:
    """Somebody who shows the cluster."""

    def __init__(self, bus: NatsBus) -> None:
        self.bus = bus
        self.store = Store(CLUSTER, SystemClock())
        self.asker = Asker(bus)

    async def until(self, condition: Callable[[], object]) -> None:
        """Return when ``condition`` holds of what was heard."""
        async with asyncio.timeout(WITHIN):
            while not condition():
                await self.bus.wait_activity(0.05)
                self.store.fold(self.bus.take())
                self.store.advance()

    async def sees(self, world: SimulatedSite) -> None:
        """Return when all nodes and sessions are known."""
        store = self.store
        await self.until(
            lambda: (
                len(store.nodes) == 3
                and all(row.beat and row.facts for row in store.nodes.values())
                and len(store.sessions) == len(world.sessions)
            )
        )

    async def job_ends(self, request: str) -> JobState:
        """How a job ends."""
        jobs = self.store.jobs
        await self.until(lambda: (row := jobs.get(RequestId(request))) is not None and row.state.ended)
        return jobs[RequestId(request)].state

    def state(self, node: NodeId) -> str:
        """As the last heartbeat says."""
        row = self.store.nodes.get(node)
        return row.beat.state if row and row.beat else ""


async def console(gate: Gate, park: BusPark, role: str) -> Console:
    """A console that logs in at the gate, as the real one does."""
    return Console(await gate.comes_in(park, role, cluster_subjects=subscriptions(CLUSTER), sync_on_connect=True))


async def test_a_viewer_sees_all_that_an_operator_does(gate: Gate, park: BusPark, world: SimulatedSite) -> None:
    viewer = await console(gate, park, "viewer")
    operator = await console(gate, park, "operator")
    await asyncio.gather(viewer.sees(world), operator.sees(world))
    assert {sighting.name for sighting in await sightings(viewer.bus)} == {"fastx1", "fxtop-gate"}
    answers = await viewer.bus.gather("$SRV.PING.fxtop-agent", within=2, quiet=0.3)
    assert {json.loads(answer.payload)["metadata"]["node"] for answer in answers} == {MANAGERS, GATED, FREE}
    own = json.loads((await viewer.bus.request("$SYS.REQ.USER.INFO", b"")).payload)
    assert own["data"]["user"] == "viewer"

    for node, request in ((GATED, "drain1"), (FREE, "drain2")):
        answer = await operator.asker.ask("drain", {"then": "terminate"}, node=node, request=request)
        assert answer.reply.status == "accepted"
        assert await operator.job_ends(request) is JobState.DONE
        assert await viewer.job_ends(request) is JobState.DONE
        job = viewer.store.jobs[RequestId(request)]
        assert (job.target, job.verb, job.operator != "") == (node, "drain", True), "its audit record was heard, too"
    await viewer.until(lambda: viewer.state(GATED) == viewer.state(FREE) == "drained")
    assert viewer.bus.status.last_error is None
    assert operator.bus.status.last_error is None


async def test_managers_plan_and_apply_through_the_gate(gate: Gate, park: BusPark, world: SimulatedSite) -> None:
    operator = await console(gate, park, "operator")
    await operator.sees(world)
    plan: dict[str, object] = {}
    async with asyncio.timeout(WITHIN):
        while "plan" not in plan:
            answer = await operator.asker.ask_managers("plan", {"policy": "sessions", "nodes": None})
            plan = dict(answer.reply.result)
            await operator.bus.wait_activity(0.1)
    await operator.asker.ask_managers("rebalance", {"plan": plan["plan"]}, request="go1")
    assert await operator.job_ends("go1") is JobState.DONE
    await operator.until(lambda: {row.beat.weight for row in operator.store.nodes.values() if row.beat} == {1.0})


FORBIDDEN = (
    "fxtop.test.ctl.node.viz01.drain", "fxtop.test.ctl.node.viz01.ping", "fxtop.test.ctl.manager.plan",
    "fxtop.test.hb.node.viz01", "fxtop.test.facts.node.viz01", "fxtop.test.session.viz01.s1",
    "fxtop.test.sessions.viz01", "fxtop.test.bye.node.viz01", "fxtop.test.job.r1", "fxtop.test.audit.viz01",
    "fxtop.test.ctl.node.viz01.approve", "fxtop.test.ctl.node.viz01.withdraw", "fxtop.test.ctl.node.viz01.recall",
    "fxtop.test.intent.i1", "fxtop.test.plan.p1", "fxtop.other.sync", "fxtop.other.history", "fxtop.test.sync.more",
    "MOL.DISCOVER", "MOL.DISCOVER.fx-a", "MOL.HEARTBEAT", "MOL.INFO", "MOL.REQ.fx-a", "MOL.EVENT.fx-a",
    "_INBOX.someone", "_INBOX_operator.someone", "_INBOX_viewer.someone", "$JS.API.INFO", "$SYS.REQ.SERVER.PING.VARZ",
    "$SRV.OTHER", "anything.else",
)  # fmt: skip


async def sent(bus: NatsBus, ear: Eavesdropper, *names: str) -> set[str]:
    """Which of these subjects let something through to somebody who hears everything."""
    ear.messages.clear()
    end = subjects.build(CLUSTER, "sync")
    for name in (*names, end):
        await bus.publish(name, b"{}")
    async with asyncio.timeout(WITHIN):
        while not any(subject == end for subject, _ in ear.messages):
            await bus.wait_activity(0.01)
    return {subject for subject, _ in ear.messages} - {end}


async def everything(gate: Gate, park: BusPark) -> Eavesdropper:
    """All that gets through to FastX's server."""
    bus, ear = await gate.holds_the_token(park), Eavesdropper()
    await bus.listen(">", ear.handle)
    await in_force(bus)
    return ear


async def test_a_viewer_can_send_nothing_but_questions(gate: Gate, park: BusPark) -> None:
    ear = await everything(gate, park)
    viewer = await gate.comes_in(park, "viewer")
    assert await sent(viewer, ear, *FORBIDDEN) == set()
    for verb in (
        "ping",
        "drain",
        "resume",
        "terminate",
        "message",
        "weight",
        "requeue",
        "approve",
        "withdraw",
        "recall",
    ):
        with pytest.raises(NotAllowed):
            await viewer.request(f"fxtop.test.ctl.node.viz01.{verb}", b"{}")
    with pytest.raises(NotAllowed):
        await viewer.request("fxtop.test.ctl.manager.rebalance", b"{}")
    assert viewer.status.phase is BusPhase.CONNECTED


async def test_an_operator_can_ask_agents_to_act_and_speak_for_none_of_them(gate: Gate, park: BusPark) -> None:
    ear = await everything(gate, park)
    operator = await gate.comes_in(park, "operator")
    own = {"fxtop.test.intent.i1", "MOL.DISCOVER", "MOL.DISCOVER.fx-a"}
    acts = {name for name in FORBIDDEN if ".ctl." in name} | own
    assert await sent(operator, ear, *FORBIDDEN) == acts


async def test_an_agent_tells_and_answers_and_asks_nobody(gate: Gate, park: BusPark) -> None:
    ear = await everything(gate, park)
    agent = await gate.comes_in(park, "agent")
    await agent.listen("fxtop.test.ctl.node.viz01.>", Eavesdropper().handle)
    ear.messages.clear()
    for name in FORBIDDEN:
        await agent.publish(name, b"{}")
    await agent.publish("fxtop.test.audit.end", b"{}")
    await until(agent, lambda: any(subject.endswith(".end") for subject, _ in ear.messages))
    told = ("hb", "facts", "session", "sessions", "bye", "job", "audit")
    assert {subject.split(".")[2] for subject, _ in ear.messages} == set(told)


@pytest.mark.parametrize("role", ["viewer", "operator", "agent"])
async def test_nobody_reads_the_answers_of_another_role(gate: Gate, park: BusPark, role: str) -> None:
    speaker = await gate.holds_the_token(park)
    bus, ear = await gate.comes_in(park, role), Eavesdropper()
    others = {"_INBOX_viewer", "_INBOX_operator", "_INBOX"} - {bus_prefix(role)}
    for name in (">", "MOL.REQ.>", "$SYS.>", *(f"{other}.>" for other in others)):
        await bus.listen(name, ear.handle)
    mine = f"{bus_prefix(role)}.end"
    await bus.listen(mine, ear.handle)
    for _ in range(2):  # only after the first round is it certain that all subscriptions were taken, or refused
        ear.messages.clear()
        while not ear.messages:
            for name in (*(f"{other}.secret" for other in others), "MOL.REQ.fx-a", mine):
                await speaker.publish(name, b"{}")
            await bus.wait_activity(0.05)
        assert {subject for subject, _ in ear.messages} == {mine}
    assert "listen" in (bus.status.last_error or "")


def bus_prefix(role: str) -> str:
    return "_INBOX" if role == "agent" else f"_INBOX_{role}"


async def test_fastxs_own_bus_is_heard_through_the_gate_and_only_operators_may_ask_there(
    gate: Gate, park: BusPark
) -> None:
    brokers = [FakeBroker(await gate.holds_the_token(park), id_, "MOL-prod") for id_ in ("fx-a", "viz07.example.edu")]
    for broker in brokers:
        await broker.start()
    heard = {}
    for role in ("viewer", "operator"):
        bus = await gate.comes_in(park, role)
        listener = heard[role] = MoleculerListener(bus, SystemClock(), discover=True)
        await listener.start()
        await in_force_at_the_gate(bus)
    await brokers[0].beat()
    async with asyncio.timeout(WITHIN):
        while not (heard["viewer"].namespaces and heard["operator"].answers == 2):
            await heard["operator"].wait_heard(0.05)
    assert heard["viewer"].answers == 0
    assert {len(broker.asked_by) for broker in brokers} == {1}


async def in_force_at_the_gate(bus: NatsBus) -> None:
    """Return when the subscriptions of a login that may send next to nothing are in force."""
    await bus.request("$SYS.REQ.USER.INFO", b"")


async def test_fastxs_clients_are_not_sent_to_the_gate_and_can_not_come_in(gate: Gate, park: BusPark) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gate.fastx.spec.port)
    greeting = json.loads((await reader.readline()).removeprefix(b"INFO "))
    writer.close()
    assert not [url for url in greeting.get("connect_urls", []) if url.endswith(f":{gate.server.spec.port}")]
    bus = await park.bus(gate.server, token=TOKEN, ca=gate.ca, connected=False)
    await until(bus, lambda: bus.status.last_error is not None)
    assert not bus.status.connected


async def test_the_systems_login_reads_all_servers_and_changes_none(gate: Gate, park: BusPark) -> None:
    bus = await park.bus(gate.server, user=lambda: "sysmon", password=lambda: gate.passwords["SYSTEM"], ca=gate.ca)
    answers = await bus.gather("$SYS.REQ.SERVER.PING.VARZ", within=2, quiet=0.3)
    assert {json.loads(answer.payload)["server"]["name"] for answer in answers} == {"fastx1", "fxtop-gate"}
    server = json.loads(answers[0].payload)["server"]["id"]
    for change in ("RELOAD", "KICK", "LDM"):
        with pytest.raises(NotAllowed):
            await bus.request(f"$SYS.REQ.SERVER.{server}.{change}", b"{}")


def checked(config: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """What nats-server itself says of a configuration."""
    line = [str(nats_server()), "-t", "-c", str(config)]
    return subprocess.run(line, capture_output=True, text=True, env={**os.environ, **env}, check=False)


@pytest.fixture
def certificate(authority: Authority) -> Certificate:
    return authority.certificate("gate.example.edu")


@pytest.mark.parametrize(
    "more",
    [
        (),
        ("--moleculer",),
        ("--system-user", "sysmon", "--moleculer", "--moleculer-discover"),
        ("--route", "mgr1", "--route", "mgr2:7000", "--route", "[::1]:6222", "--viewer-user", "look", "--name", "g1"),
        ("--server", "tls://mgr1:4222", "--server", "tls://[::1]:4222", "--route-ca", "CA"),
    ],
)
def test_what_is_printed_is_valid_once_its_secrets_are_there_and_never_before(
    tmp_path: Path, authority: Authority, certificate: Certificate, printed: Print, more: tuple[str, ...]
) -> None:
    config, secrets = tmp_path / "gate.conf", tmp_path / "secrets.conf"
    files = ("--cert", str(certificate.file), "--key", str(certificate.key))
    line = [str(authority.file) if word == "CA" else word for word in (*files, *more)]

    config.write_text(printed(*line))
    wanted = re.findall(r"^#   (FXTOP_GATE_\w+)$", config.read_text(), re.MULTILINE)
    assert "can not be found" in checked(config).stderr
    values = {name: f'"nats-route://u:p@h{at}:1"' if name[-1].isdigit() else '"5e1"' for at, name in enumerate(wanted)}
    assert "is valid" in checked(config, **values).stderr
    for name in wanted:
        assert checked(config, **{k: v for k, v in values.items() if k != name}).returncode == 1

    config.write_text(printed(*line, "--secrets", str(secrets)))
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert "can not be found" in checked(config).stderr, "the routes' password is still to be filled in"
    secrets.write_text(re.sub(r"^# (?=FXTOP_)", "", secrets.read_text(), flags=re.MULTILINE))
    assert "is valid" in checked(config).stderr
