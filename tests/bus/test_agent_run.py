"""``fxtop agent run`` as systemd runs it: the real program on a real nats-server."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from fxtop.bus.connection import NatsBus
from fxtop.bus.port import BusError
from fxtop.bus.settings import subscriptions
from fxtop.protocol.decode import decode
from fxtop.protocol.ids import NodeId
from fxtop.protocol.node import NodeFacts, NodeHeartbeat
from fxtop.protocol.presence import Bye
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, Rack
from tests.unit.agent.kit import HELPDESK, OPERATOR, Asker, Told

M = TypeVar("M")
NODE = NodeId("viz07")


class Machine:
    """The folder of one agent, the process, and systemd's end of the line."""

    def __init__(self, folder: Path, server: NatsServer) -> None:
        self.file = folder / "agent.toml"
        self.keys = folder / "keys"
        self.log = folder / "log"
        self._state = folder / "state"
        self._server = server
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._line.setblocking(False)
        self._line.bind(str(folder / "notify"))
        self._env = os.environ | {
            "NOTIFY_SOCKET": str(folder / "notify"),
            "WATCHDOG_USEC": "60000000",
            "FX_CONFIG_DIR": str(folder / "nothing"),
        }
        self.process: asyncio.subprocess.Process | None = None
        self.trust(OPERATOR.public_key)
        self.write()

    def trust(self, *keys: str) -> None:
        self.keys.write_text("".join(f"{key} operator\n" for key in keys))
        self.keys.chmod(0o644)

    def write(self, more: str = "", node: str = NODE) -> None:
        self.file.write_text(
            f'node = "{node}"\nkeys_file = "keys"\nstate_dir = "{self._state}"\nheartbeat = 0.3\n{more}\n'
            f'[bus]\ncluster = "{CLUSTER}"\nservers = "{self._server.url}"\n'
            '[collect.sessions]\nprovider = "simulated"\nsimulated = 4\n[collect.versions]\non = false\n'
        )

    async def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "fxtop",
                "agent",
                "run",
                "--config",
                str(self.file),
                env=self._env,
                stderr=log,
            )
        await self.says("READY=1")

    def send(self, what: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(what)

    async def end(self, what: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(what)
        return await self.gone()

    async def gone(self) -> int:
        """Wait until the process has ended by itself."""
        assert self.process is not None
        async with asyncio.timeout(WITHIN):
            return await self.process.wait()

    async def says(self, word: str) -> None:
        """Wait until systemd has heard ``word``."""
        async with asyncio.timeout(WITHIN):
            while word not in (await asyncio.get_running_loop().sock_recv(self._line, 4096)).decode().split("\n"):
                continue

    def room_for_files(self, size: int) -> None:
        """Let the process write no file beyond ``size`` bytes, as a disk without room does."""
        assert self.process is not None
        _, most = resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (size, most))


@pytest.fixture
async def machine(rack: Rack, tmp_path: Path) -> AsyncIterator[Machine]:
    machine = Machine(tmp_path, await rack.server())
    await machine.start()
    yield machine
    await machine.end(signal.SIGKILL)


@pytest.fixture
async def bus(machine: Machine, park: BusPark) -> NatsBus:
    return await park.bus(machine._server, cluster_subjects=subscriptions(CLUSTER), sync_on_connect=True)


async def heard(bus: NatsBus, kind: type[M], fits: Callable[[M], bool] = lambda _: True) -> M:
    """The next message of a kind that fits."""
    async with asyncio.timeout(WITHIN):
        while True:
            await bus.wait_activity(WITHIN)
            for inbound in bus.take():
                message = decode(inbound.subject, inbound.payload).message
                if isinstance(message, kind) and fits(message):
                    return message


async def ask(bus: NatsBus, verb: str, signer: object = OPERATOR, **args: object) -> Told:
    return await Asker(bus, signer).ask(verb, args, node=NODE)  # type: ignore[arg-type]  # a signer of the kit


async def test_a_console_hears_heartbeats_and_facts(bus: NatsBus) -> None:
    facts = await heard(bus, NodeFacts)
    assert facts.provider == "simulated"
    assert facts.notes["versions"].startswith("Nobody looks")
    beat = await heard(bus, NodeHeartbeat)
    assert (beat.node, beat.interval, beat.state) == (NODE, 0.3, "active")


async def test_it_ends_with_a_goodbye(machine: Machine, bus: NatsBus) -> None:
    await heard(bus, NodeHeartbeat)
    machine.send(signal.SIGTERM)
    assert (await heard(bus, Bye)).id == NODE
    await machine.says("STOPPING=1")
    assert await machine.gone() == 0


async def test_a_drain_outlives_the_agent(machine: Machine, bus: NatsBus) -> None:
    assert (await ask(bus, "drain", deadline=None, then="wait")).reply.status == "accepted"
    await heard(bus, NodeHeartbeat, lambda beat: beat.state != "active")
    assert await machine.end(signal.SIGKILL) != 0
    await machine.start()
    bus.take()
    beat = await heard(bus, NodeHeartbeat)
    assert beat.state in ("draining", "drained")
    assert beat.drain is not None
    assert beat.drain.by == "ann"


async def test_a_reload_takes_up_the_list_of_keys_and_disturbs_nothing(machine: Machine, bus: NatsBus) -> None:
    boot = (await heard(bus, NodeHeartbeat)).boot
    assert (await ask(bus, "weight", HELPDESK, weight=2.0)).reply.code == "unknown_key"
    machine.trust(OPERATOR.public_key, HELPDESK.public_key)
    machine.send(signal.SIGHUP)
    await machine.says("READY=1")
    assert (await ask(bus, "weight", HELPDESK, weight=2.0)).reply.status == "done"
    assert (await heard(bus, NodeHeartbeat, lambda beat: beat.weight == 2.0)).boot == boot


async def test_a_changed_list_of_keys_counts_without_a_signal(machine: Machine, bus: NatsBus) -> None:
    assert (await ask(bus, "weight", HELPDESK, weight=2.0)).reply.code == "unknown_key"
    machine.trust(HELPDESK.public_key)
    assert (await ask(bus, "weight", HELPDESK, weight=2.0)).reply.status == "done"
    assert (await ask(bus, "weight", weight=3.0)).reply.code == "unknown_key"


async def test_a_role_of_the_site_is_taken_up_by_a_reload_and_disturbs_nothing(machine: Machine, bus: NatsBus) -> None:
    boot = (await heard(bus, NodeHeartbeat)).boot
    machine.keys.write_text(f"{HELPDESK.public_key} lab\n")
    machine.write("[roles.lab]\nverbs = ['weight']\n")
    machine.send(signal.SIGHUP)
    await machine.says("READY=1")
    assert (await ask(bus, "resume", HELPDESK)).reply.code == "role"
    assert (await ask(bus, "weight", HELPDESK, weight=2.0)).reply.status == "done"
    assert (await heard(bus, NodeHeartbeat, lambda beat: beat.weight == 2.0)).boot == boot


async def test_a_reload_with_other_settings_puts_the_agent_together_anew(machine: Machine, bus: NatsBus) -> None:
    boot = (await heard(bus, NodeHeartbeat)).boot
    machine.write("capacity = 33")
    machine.send(signal.SIGHUP)
    beat = await heard(bus, NodeHeartbeat, lambda beat: beat.capacity == 33)
    assert beat.boot != boot


async def test_a_node_that_gets_another_name_says_goodbye_under_the_old_one(machine: Machine, bus: NatsBus) -> None:
    await heard(bus, NodeHeartbeat)
    machine.write(node="viz08")
    machine.send(signal.SIGHUP)
    assert (await heard(bus, Bye)).id == NODE
    await heard(bus, NodeHeartbeat, lambda beat: beat.node == "viz08")


async def test_a_reload_of_a_broken_file_changes_nothing(machine: Machine, bus: NatsBus) -> None:
    boot = (await heard(bus, NodeHeartbeat)).boot
    machine.file.write_text("nod = 1")
    machine.send(signal.SIGHUP)
    await machine.says("READY=1")
    bus.take()
    assert (await heard(bus, NodeHeartbeat)).boot == boot
    assert "did you mean 'node'? The agent goes on with what it was told before." in machine.log.read_text()


async def test_a_full_disk_makes_it_refuse_what_it_could_not_remember(machine: Machine, bus: NatsBus) -> None:
    assert (await ask(bus, "weight", weight=2.0)).reply.status == "done"
    machine.room_for_files(0)
    refused = (await ask(bus, "drain", deadline=None, then="wait")).reply
    assert (refused.status, refused.code) == ("failed", "storage")
    assert "Nothing was done" in refused.detail
    bus.take()
    beat = await heard(bus, NodeHeartbeat)
    assert (beat.state, beat.weight) == ("active", 2.0)
    machine.room_for_files(resource.RLIM_INFINITY)
    assert (await ask(bus, "weight", weight=3.0)).reply.status == "done"
    await machine.end(signal.SIGKILL)
    await machine.start()
    assert (await heard(bus, NodeHeartbeat, lambda beat: beat.weight == 3.0)).state == "active"


async def test_it_runs_before_there_is_a_bus_and_finds_it_when_it_comes(
    rack: Rack, tmp_path: Path, park: BusPark
) -> None:
    server = await rack.server()
    machine = Machine(tmp_path, server)
    await server.kill()
    await machine.start()
    try:
        await server.start()
        bus = await park.bus(server, cluster_subjects=subscriptions(CLUSTER))
        assert (await heard(bus, NodeHeartbeat)).node == NODE
    finally:
        await machine.end()


async def test_a_file_that_can_not_be_used_ends_it_with_a_sentence(rack: Rack, tmp_path: Path) -> None:
    machine = Machine(tmp_path, await rack.server())
    machine.file.write_text("heartbeat = 0")
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fxtop", "agent", "run", "--config", str(machine.file), stderr=asyncio.subprocess.PIPE
    )
    _, said = await done.communicate()
    assert done.returncode == 2
    assert b"'heartbeat' has to be 0.2 to 300, not 0." in said


async def test_nobody_answers_under_its_name_when_it_is_gone(machine: Machine, bus: NatsBus) -> None:
    await machine.end()
    with pytest.raises(BusError):
        await ask(bus, "ping")
