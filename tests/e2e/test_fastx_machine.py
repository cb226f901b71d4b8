"""A whole FastX machine, its agent and an operator: what is seen of it, and what dies when it is told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from fxtop.agent.config import AgentConfig
from fxtop.agent.providers.fastx.accounts import Account, AccountBook
from fxtop.agent.providers.fastx.ladder import Patience
from fxtop.agent.providers.fastx.places import places_of
from fxtop.agent.providers.fastx.provider import FastxCommands, FastxProvider
from fxtop.agent.providers.pending import PendingSessions, WithPending
from fxtop.agent.providers.program import SiteCommand
from fxtop.agent.providers.schedulers import SchedulerCommands, find_schedulers
from fxtop.agent.service import Agent
from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import subscriptions
from fxtop.clock import SystemClock
from fxtop.cluster.records import JobRow
from fxtop.cluster.store import Store
from fxtop.config.site.fastx_conf import read_fastx_conf
from fxtop.config.site.mounts import read_mounts
from fxtop.protocol.ids import NodeId, RequestId, SessionId
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, Rack, settings
from tests.unit.agent.kit import TRUST, Asker, StillHost
from tests.unit.agent.providers.fastx_machine import (
    DESKTOP,
    SLEEP,
    STUBBORN,
    TIDY,
    FastxMachine,
    fastx_machine,
    root_only,
)

pytestmark = root_only

NODE = NodeId("viz01.example.edu")
CONF = "HOST=viz01\nSessionPath=@HOME@/.fastx_server/@HOST@/sessions # as FastX has it\n"
SHOW = 'test "$1 on $DISPLAY" = "Save your work. on $2"'
TIDY_ID, STUBBORN_ID, ORPHAN_ID, GHOST_ID, STAYS_ID, PENDING_ID = (SessionId(letter * 32) for letter in "abcde9")


class Site:
    """Three users' sessions in every state, with what somebody might put beside them; a scheduler holds one more."""

    def __init__(self, machine: FastxMachine, folder: Path) -> None:
        self.machine = machine
        self.folder = folder
        self.ann, self.bob, self.eve = (machine.user(name) for name in ("ann", "bob", "eve"))
        self.tidy = machine.session(self.ann, TIDY_ID, TIDY)
        self.stubborn = machine.session(self.bob, STUBBORN_ID, STUBBORN, DESKTOP)
        self.orphan = machine.session(self.bob, ORPHAN_ID, SLEEP, folder=False)
        self.ghost = machine.folder(self.ann, GHOST_ID)
        self.stays = machine.session(self.eve, STAYS_ID, DESKTOP)
        self.bystanders = [
            machine.start(self.ann, SLEEP),
            machine.start(self.ann, SLEEP, DISPLAY=self.tidy.display),
            machine.start(self.eve, SLEEP, XAUTHORITY=str(self.tidy.path / "authority"), DISPLAY=self.tidy.display),
            machine.start(self.eve, SLEEP, XAUTHORITY=str(self.stubborn.path / "authority")),
        ]
        self.precious = folder / "precious"
        self.precious.mkdir()
        (self.precious / "file").write_text("keep me")
        (self.ghost / "logs" / "trap").symlink_to(self.precious)
        (machine.session_path(self.eve) / f"FX3-{'f' * 32}").symlink_to(machine.session_path(self.ann))
        machine.folder(self.eve, "\x1b]0;owned\x07")
        self.slurm = folder / "schedule" / "slurm"
        self.slurm.mkdir(parents=True)
        waiting = [{"id": PENDING_ID, "user": "ann", "submitted": 1e9, "job": 4711, "reason": "Priority"}]
        (self.slurm / "waiting").write_text(json.dumps(waiting))

    def provider(self, clock: SystemClock) -> WithPending:
        """What sees this machine, by its FastX.conf."""
        known = self.machine.accounts
        conf, mounts = read_fastx_conf(CONF, Path("FastX.conf")), read_mounts("/dev/sda / xfs rw 0 0\n")
        fastx = FastxProvider(
            NODE,
            places_of(lambda: conf, "viz01.example.edu", lambda: mounts),
            clock,
            commands=FastxCommands(message=SiteCommand(("/bin/sh", "-c", SHOW, "sh", "{text}", self.tidy.display))),
            accounts=AccountBook(clock, lambda uid: known.get(uid) or Account(uid, uid, str(uid), None)),
            patience=Patience(settle=0.3),
        )
        status = SiteCommand(("/bin/cat", "{directory}/waiting"))
        schedulers = PendingSessions(
            NODE,
            {"slurm": SchedulerCommands(status)},
            clock,
            find=lambda: find_schedulers(self.folder / "none", self.folder / "schedule"),
        )
        return WithPending(fastx, schedulers)

    def untouched(self) -> bool:
        """Whether everything lives that nobody asked to end."""
        everybody = all(process.poll() is None for process in self.bystanders)
        return everybody and len(self.stays.processes()) == 3 and (self.precious / "file").exists()


class Operator:
    """A console's store and an operator's key, on a bus of their own."""

    def __init__(self, bus: NatsBus) -> None:
        self.bus = bus
        self.store = Store(CLUSTER, SystemClock())
        self.asker = Asker(bus)

    def states(self) -> dict[SessionId, str]:
        """The sessions that are known, by id."""
        return {key.session: row.body.state for key, row in self.store.sessions.items()}

    async def until_states(self, states: dict[SessionId, str]) -> None:
        """Return when exactly these sessions are known."""
        async with asyncio.timeout(WITHIN):
            while self.states() != states:
                await self.heard()

    async def does(self, verb: str, args: dict[str, object], request: str) -> JobRow:
        """Ask for it, and follow the job to its end."""
        reply = (await self.asker.ask(verb, args, node=NODE, request=request)).reply
        assert reply.status == "accepted", reply
        jobs = self.store.jobs
        async with asyncio.timeout(WITHIN):
            while (row := jobs.get(RequestId(request))) is None or not row.state.ended:
                await self.heard()
        return row

    async def heard(self) -> None:
        await self.bus.wait_activity(0.05)
        self.store.fold(self.bus.take())
        self.store.advance()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with fastx_machine(tmp_path) as machine:
        yield Site(machine, tmp_path)


@asynccontextmanager
async def watched(site: Site, server: NatsServer, park: BusPark) -> AsyncIterator[Operator]:
    clock = SystemClock()
    config = AgentConfig(CLUSTER, NODE, site.folder / "state", trust=TRUST, interval=0.5, poll_every=0.2)
    bus = NatsBus(settings(server), clock, CLUSTER)
    operator = Operator(await park.bus(server, cluster_subjects=subscriptions(CLUSTER)))
    agent = Agent(config, bus, site.provider(clock), StillHost(), clock)
    await agent.start()
    try:
        yield operator
    finally:
        await agent.stop()


@pytest.fixture
async def operator(site: Site, tmp_path: Path) -> AsyncIterator[Operator]:
    park = BusPark()
    async with Rack(tmp_path) as rack:
        try:
            async with watched(site, await rack.server(), park) as found:
                yield found
        finally:
            await park.close()


SEEN = {
    TIDY_ID: "running",
    STUBBORN_ID: "running",
    ORPHAN_ID: "orphan",
    GHOST_ID: "ghost",
    STAYS_ID: "running",
    PENDING_ID: "pending",
}


def items(job: JobRow) -> dict[str, str]:
    return {item.id: item.status for item in job.items}


async def test_every_session_is_seen_for_what_it_is(site: Site, operator: Operator) -> None:
    await operator.until_states(SEEN)
    rows = {key.session: row.body for key, row in operator.store.sessions.items()}
    assert {id_: body.user for id_, body in rows.items()} == {
        TIDY_ID: "ann",
        STUBBORN_ID: "bob",
        ORPHAN_ID: "bob",
        GHOST_ID: "ann",
        STAYS_ID: "eve",
        PENDING_ID: "ann",
    }
    tidy, waiting = rows[TIDY_ID], rows[PENDING_ID]
    assert (tidy.pid, tidy.display) == (site.tidy.started[0].pid, site.tidy.display)
    assert waiting.pending is not None
    assert (waiting.created, waiting.pending.job, waiting.pending.reason) == (1e9, "4711", "Priority")


async def test_what_an_operator_ends_ends_and_nothing_else(site: Site, operator: Operator) -> None:
    await operator.until_states(SEEN)
    targets: list[str] = [TIDY_ID, STUBBORN_ID, ORPHAN_ID, GHOST_ID, "0" * 32, "../../../etc"]
    job = await operator.does("terminate", {"sessions": targets, "grace": 0.3}, "end-four")
    assert job.state.name == "DONE"
    assert set(items(job)) == set(targets)
    assert [lived.alive for lived in (site.tidy, site.stubborn, site.orphan)] == [False] * 3
    assert not site.ghost.exists()
    assert site.untouched()
    left = {STAYS_ID: "running", PENDING_ID: "pending", TIDY_ID: "ending", STUBBORN_ID: "ending"}
    await operator.until_states(left)


async def test_a_ghost_is_only_removed_by_name(site: Site, operator: Operator) -> None:
    await operator.until_states(SEEN)
    await operator.does("terminate", {"sessions": [TIDY_ID], "grace": 5.0}, "end-one")
    assert not site.tidy.alive
    assert (site.ghost / "authority").exists()
    assert site.tidy.path.is_dir()
    assert site.untouched()


async def test_a_pending_session_is_left_to_its_scheduler_where_no_command_cancels_it(
    site: Site, operator: Operator
) -> None:
    await operator.until_states(SEEN)
    job = await operator.does("terminate", {"sessions": [PENDING_ID], "grace": 0.0}, "cancel")
    (item,) = job.items
    assert item.status == "failed"
    assert "cancel" in item.detail


async def test_a_message_reaches_those_with_a_display(site: Site, operator: Operator) -> None:
    await operator.until_states(SEEN)
    job = await operator.does("message", {"sessions": [TIDY_ID, GHOST_ID], "text": "Save your work."}, "say")
    assert items(job) == {TIDY_ID: "done", GHOST_ID: "failed"}
    assert "no display" in next(item.detail for item in job.items if item.id == GHOST_ID)
