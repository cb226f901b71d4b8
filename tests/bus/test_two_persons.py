"""Two persons for one action on real servers: asked for by one, read and approved by the other, across a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fxtop.__main__ import main
from fxtop.actions.announcing import others
from fxtop.actions.arming import Arming
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.guardrails.rule import Rule
from fxtop.actions.journal import Journal
from fxtop.actions.keys import create
from fxtop.actions.model import Intent, Plan, Refused
from fxtop.actions.operator import Operator
from fxtop.agent.config import AgentConfig
from fxtop.agent.service import Agent
from fxtop.agent.simulated.provider import SimulatedHost, SimulatedProvider
from fxtop.agent.simulated.site import SimulatedSite
from fxtop.agent.trust import Role, Trust
from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import subscriptions
from fxtop.cli.exits import Exit
from fxtop.clock import SystemClock
from fxtop.cluster.records import JobRow, JobState
from fxtop.cluster.store import Store
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.protocol.signing import NkeySigner, new_seed
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, Rack, settings

NODE = NodeId("viz01.example.edu")
ANN, BOB = NkeySigner(new_seed()), NkeySigner(new_seed())
WORDS = "Nobody drains the last render node alone."
TWO = Guardrails((Rule(words=WORDS, verbs=frozenset({"drain"}), second_person=True),), approve_within=60.0)


@dataclass
class Person:
    """A console with an operator at it."""

    bus: NatsBus
    store: Store
    operator: Operator

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(WITHIN):
            while not condition():
                await self.bus.wait_activity(0.05)
                self.look()

    def look(self) -> None:
        self.store.fold(self.bus.take())
        self.store.advance()
        self.operator.advance()

    async def plan(self) -> Plan:
        return await self.operator.prepare(Intent("drain", nodes=(NODE,), reason="fan"))

    async def ask(self) -> RequestId:
        """Ask for the drain; the request's id."""
        plan = await self.plan()
        return RequestId((await self.operator.commit(plan, plan.confirmation.expect)).requests[0])

    async def refused(self, request: RequestId) -> JobRow:
        jobs = self.store.jobs
        await self.until(lambda: request in jobs and jobs[request].state is JobState.REFUSED)
        return jobs[request]

    async def waiting(self, request: RequestId) -> JobRow:
        jobs = self.store.jobs
        await self.until(lambda: request in jobs and jobs[request].waits)
        return jobs[request]


class Place:
    """One server, and one agent that can be started anew."""

    def __init__(self, server: NatsServer, folder: Path, park: BusPark) -> None:
        self.server = server
        self.folder = folder
        self._park = park
        self.world = SimulatedSite((NODE,), SystemClock(), sessions=2, life=1e6)
        self.trust = Trust({ANN.public_key: Role.OPERATOR, BOB.public_key: Role.OPERATOR})
        self.agent = self._new()

    def taking(self) -> bool:
        """Whether the node takes new sessions."""
        return self.agent.placement.taking

    async def restart(self) -> None:
        await self.agent.stop(bye=False)
        self.agent = self._new()
        await self.agent.start()

    async def person(self, signer: NkeySigner, name: str) -> Person:
        bus = await self._park.bus(self.server, cluster_subjects=subscriptions(CLUSTER), sync_on_connect=True)
        clock = SystemClock()
        store, arming = Store(CLUSTER, clock), Arming(clock)
        journal = Journal(self.folder / f"{name}.jsonl")
        person = Person(bus, store, Operator(bus, store, clock, arming, journal, signer, name))
        arming.arm()
        await person.until(lambda: NODE in store.nodes and store.nodes[NODE].facts)
        return person

    def _new(self) -> Agent:
        clock = SystemClock()
        return Agent(
            AgentConfig(CLUSTER, NODE, self.folder / "agent", trust=self.trust, guardrails=TWO, interval=0.5),
            NatsBus(settings(self.server, name="agent"), clock, CLUSTER),
            SimulatedProvider(self.world, NODE, clock),
            SimulatedHost(self.world, NODE, clock),
            clock,
        )


@pytest.fixture
async def place(rack: Rack, park: BusPark, tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(await rack.server(), tmp_path, park)
    await place.agent.start()
    yield place
    await place.agent.stop()


async def test_ann_asks_the_agent_restarts_bob_reads_and_approves(place: Place) -> None:
    ann = await place.person(ANN, "ann")
    request = await ann.ask()
    job = await ann.waiting(request)
    assert (job.state, job.waits.rule if job.waits else "") == (JobState.RUNNING, WORDS)

    await place.restart()
    bob = await place.person(BOB, "bob")
    assert (await bob.waiting(request)).operator == "ann"
    with pytest.raises(Refused, match="this key asked for it itself"):
        await ann.operator.approver.read(request, NODE)
    pending = await bob.operator.approver.read(request, NODE)
    assert (pending.what, pending.operator, pending.key, pending.reason) == (
        f"drain {NODE}",
        "ann",
        ANN.public_key,
        "fan",
    )
    assert place.taking()
    await bob.operator.approver.approve(pending)
    assert not place.taking()
    drain = place.agent.placement.drain
    assert drain is not None
    assert drain.by == "ann"
    await ann.until(lambda: ann.store.jobs[request].waits is None)
    assert ann.store.jobs[request].state is JobState.RUNNING
    with pytest.raises(Refused, match="No request"):
        await bob.operator.approver.approve(pending)


async def test_ann_takes_it_back_and_both_see_that_it_was_refused(place: Place) -> None:
    ann, bob = await place.person(ANN, "ann"), await place.person(BOB, "bob")
    request = await ann.ask()
    await ann.waiting(request)
    await ann.operator.approver.withdraw(request, NODE, "wrong node")
    for person in (ann, bob):
        assert (await person.refused(request)).code == "withdrawn"
    assert place.taking()


async def test_who_is_about_to_act_on_a_node_is_seen_by_who_is_too(place: Place) -> None:
    ann, bob = await place.person(ANN, "ann"), await place.person(BOB, "bob")
    anns, bobs = await ann.plan(), await bob.plan()
    async with ann.operator.announced(anns, ann.look), bob.operator.announced(bobs, bob.look):
        await ann.until(lambda: others(anns, ann.store))
        await bob.until(lambda: others(bobs, bob.store))
        assert others(bobs, bob.store)[0].startswith(f"ann is about to drain {NODE}, for ")
    await bob.until(lambda: not others(bobs, bob.store))


# The commands


@dataclass
class Ended:
    code: int
    out: str
    err: str


Run = Callable[..., asyncio.Future[Ended]]


@pytest.fixture
def fxtop(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command line as ann or bob, beside the agent."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("FX_CONFIG_DIR", str(tmp_path / "none"))
    keys = dict(place.trust.keys)
    for name in ("ann", "bob"):
        key = create(tmp_path / f"{name}.nk")
        keys[key.public_key] = Role.OPERATOR
        (tmp_path / f"{name}.toml").write_text(
            f'[clusters.{CLUSTER}]\nservers = ["{place.server.url}"]\ntoken_file = "token"\n'
            f'[operator]\nname = "{name}"\nkey_file = "{name}.nk"\n'
        )
    (tmp_path / "token").write_text("secret")
    (tmp_path / "token").chmod(0o600)
    place.agent.relist(Trust(keys))

    def run(name: str, *line: str) -> Ended:
        capsys.readouterr()
        code = main(["--config", str(tmp_path / f"{name}.toml"), *line])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ended(code, said.out, said.err)

    return lambda name, *line: asyncio.ensure_future(asyncio.to_thread(run, name, *line))


def request_in(err: str) -> str:
    """The id in «fxtop approve ID»."""
    return err.rpartition("fxtop approve ")[2].split()[0]


async def test_the_commands_ask_for_it_wait_show_it_and_approve_it(place: Place, fxtop: Run) -> None:
    asked = await fxtop("ann", "drain", NODE, "--reason", "fan", "--yes")
    assert asked.code == Exit.WAITS
    request = request_in(asked.err)
    own = await fxtop("ann", "approve", request, "--yes")
    assert (own.code, "this key asked for it itself" in own.err) == (Exit.REFUSED, True)
    jobs = await fxtop("bob", "get", "jobs")
    assert "waits for a second person until" in jobs.out
    assert place.taking()
    done = await fxtop("bob", "approve", request, "--yes")
    assert done.code == Exit.DONE
    for word in (f"ann asks to drain {NODE}", "reason: fan", f"rule: {WORDS}", "whose signature fits"):
        assert word in done.err
    assert not place.taking()
    assert (await fxtop("bob", "approve", request, "--yes")).code == Exit.REFUSED


async def test_a_command_that_waits_says_for_whom_and_ends_when_it_is_turned_down(place: Place, fxtop: Run) -> None:
    waiting = fxtop("ann", "drain", NODE, "--reason", "fan", "--yes", "--wait")
    bob = await place.person(BOB, "bob")
    jobs = bob.store.jobs
    await bob.until(lambda: any(job.waits for job in jobs.values()))
    request = next(job.id for job in jobs.values() if job.waits)
    await bob.operator.approver.withdraw(request, NODE, "not today")
    ended = await waiting
    assert ended.code == Exit.REFUSED
    assert "bob turned it down: not today" in ended.out
