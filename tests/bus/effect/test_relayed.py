"""Exactly one effect over a bad line: what is lost, doubled, held back or comes in another order is done once at most,
and what the console says of it is true."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from fxtop.actions import courier
from fxtop.actions.arming import Arming
from fxtop.actions.courier import EXPIRES_AFTER
from fxtop.actions.journal import Journal
from fxtop.actions.link import ClusterLink
from fxtop.actions.model import Intent
from fxtop.actions.operator import Operator
from fxtop.agent.config import AgentConfig
from fxtop.agent.service import Agent
from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import subscriptions
from fxtop.clock import SystemClock
from fxtop.cluster.records import JobRow, JobState, SessionKey
from fxtop.cluster.store import Store
from fxtop.protocol.ids import NodeId, RequestId, SessionId
from tests.natskit import CLUSTER, WITHIN, NatsServer, Rack, settings
from tests.relay import DOUBLE, LOSE, PASS, Copy, Frame, Relay, Rule
from tests.unit.agent.kit import OPERATOR, TRUST, ScriptedProvider, StillHost, body

NODE = NodeId("viz07")
S1, S2 = SessionId("s1"), SessionId("s2")
PATIENCE = 0.3
"""Seconds that the console waits for an answer here."""


class Watch(SystemClock):
    """A host's clock that a test sets forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead


class Line:
    """What is between a console and an agent, and both of them."""

    def __init__(self, server: NatsServer, relay: Relay, folder: Path) -> None:
        self.server = server
        self.relay = relay
        self.folder = folder
        self.agent_clock, self.clock = Watch(), Watch()
        self.provider = ScriptedProvider(body("s1", node=NODE), body("s2", node=NODE))
        config = AgentConfig(CLUSTER, NODE, folder / "agent", trust=TRUST, interval=0.5, poll_every=60.0)
        agent_bus = NatsBus(settings(server), self.agent_clock, CLUSTER)
        self.agent = Agent(config, agent_bus, self.provider, StillHost(), self.agent_clock)
        self.begin()

    def begin(self) -> None:
        """A new console on the same journal."""
        self.store = Store(CLUSTER, self.clock)
        reach = settings(self.relay.url, cluster_subjects=subscriptions(CLUSTER), sync_on_connect=True)
        self.bus = NatsBus(reach, self.clock, CLUSTER)
        arming = Arming(self.clock)
        journal = Journal(self.folder / "journal.jsonl")
        self.operator = Operator(self.bus, self.store, self.clock, arming, journal, OPERATOR, "ann")
        self.link = ClusterLink(self.bus, self.store, self.clock, self.operator, None)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(WITHIN):
            while not condition():
                await self.bus.wait_activity(0.02)
                self.link.inflow.take_in()
                self.link.settle()

    async def connect(self) -> None:
        await self.link.start()
        await self.until(lambda: SessionKey(NODE, S2) in self.store.sessions)

    async def send(self, verb: str) -> JobRow:
        """Ask for ``verb``; the job after its first answer, or without one."""
        sessions = (SessionKey(NODE, S1),) if verb == "terminate" else ()
        nodes = (NODE,) if verb == "drain" else ()
        intent = Intent(verb, nodes=nodes, sessions=sessions, reason="test", then="terminate", grace=0.0)  # type: ignore[arg-type]  # a verb
        made = await self.operator.prepare(intent)
        self.operator.arming.arm()
        sent = await self.operator.commit(made, made.confirmation.expect)
        return self.store.jobs[RequestId(sent.requests[0])]

    @property
    def ended(self) -> list[object]:
        """The sessions that were ended, as often as they were."""
        return [what[1] for what in self.provider.done if what[0] == "terminate"]


@pytest.fixture
async def line(rack: Rack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    monkeypatch.setattr(courier, "ANSWER_WITHIN", PATIENCE)
    server = await rack.server()
    async with AsyncExitStack() as stack:
        relay = await stack.enter_async_context(Relay(server))
        line = Line(server, relay, tmp_path)
        await line.agent.start()
        stack.push_async_callback(line.agent.stop)
        await line.connect()
        yield line
        await line.link.stop()


def is_request(frame: Frame) -> bool:
    return frame.to_server and ".ctl.node." in frame.subject and not frame.subject.endswith(".recall")


def is_reply(frame: Frame) -> bool:
    return not frame.to_server and frame.subject.startswith("_INBOX") and b'"status"' in frame.payload


def is_progress(frame: Frame) -> bool:
    return not frame.to_server and frame.subject.startswith(f"fxtop.{CLUSTER}.job.")


def is_word(frame: Frame) -> bool:
    """Anything by which a console hears of a job."""
    return is_reply(frame) or is_progress(frame) or frame.subject.startswith(f"fxtop.{CLUSTER}.audit.")


def when(fits: Callable[[Frame], bool], copies: tuple[Copy, ...]) -> Rule:
    """A rule for the frames that fit; all others pass."""
    return lambda frame: copies if fits(frame) else PASS


@dataclass(frozen=True)
class Trouble:
    """What the line does to the messages of a request, and what the console knows then by itself."""

    rule: Rule
    by_itself: JobState


TROUBLES = {
    "requests doubled": Trouble(when(is_request, DOUBLE), JobState.DONE),
    "replies doubled": Trouble(when(is_reply, DOUBLE), JobState.DONE),
    "replies lost": Trouble(when(is_reply, LOSE), JobState.DONE),
    "progress doubled": Trouble(when(is_progress, DOUBLE), JobState.DONE),
    "progress lost": Trouble(when(is_progress, LOSE), JobState.DONE),
    "all words lost": Trouble(when(is_word, LOSE), JobState.UNKNOWN),
}


@pytest.mark.parametrize("verb", ["terminate", "drain"])
@pytest.mark.parametrize("name", TROUBLES)
async def test_it_is_done_once_and_the_console_knows_or_says_that_it_does_not(line: Line, verb: str, name: str) -> None:
    trouble = TROUBLES[name]
    line.relay.rule = trouble.rule
    job = await line.send(verb)
    await line.until(lambda: job.state is trouble.by_itself)
    line.relay.rule = when(lambda _: False, LOSE)
    await line.operator.resolve([job.id])
    await line.until(lambda: job.state is JobState.DONE)
    assert sorted(map(str, line.ended)) == (["s1"] if verb == "terminate" else ["s1", "s2"])


@pytest.mark.parametrize("verb", ["terminate", "drain"])
async def test_a_request_that_was_lost_is_known_not_to_have_been_done_once_it_has_expired(
    line: Line, verb: str
) -> None:
    line.relay.rule = when(is_request, LOSE)
    job = await line.send(verb)
    assert (job.state, job.code) == (JobState.UNKNOWN, "no_answer")
    await line.operator.resolve([job.id])
    assert job.state is JobState.UNKNOWN
    line.clock.ahead = line.agent_clock.ahead = EXPIRES_AFTER + 1
    await line.operator.resolve([job.id])
    assert (job.state, job.code) == (JobState.FAILED, "never_came")
    assert line.ended == []


@pytest.mark.parametrize("verb", ["terminate", "drain"])
async def test_a_request_that_comes_late_is_not_done(line: Line, verb: str) -> None:
    late = asyncio.Event()
    line.relay.rule = when(is_request, (late,))
    job = await line.send(verb)
    line.agent_clock.ahead = line.clock.ahead = EXPIRES_AFTER + 1
    late.set()
    await line.until(lambda: job.state is JobState.REFUSED)
    assert job.code == "expired"
    assert line.ended == []
    assert line.store.nodes[NODE].acting == ()


async def test_a_reply_that_comes_late_changes_nothing_any_more(line: Line) -> None:
    late = asyncio.Event()
    line.relay.rule = when(is_reply, (late,))
    job = await line.send("terminate")
    await line.until(lambda: job.state is JobState.DONE)
    late.set()
    line.relay.rule = when(lambda _: False, LOSE)
    await line.bus.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    line.link.inflow.take_in()
    line.link.settle()
    assert job.state is JobState.DONE


async def test_words_in_another_order_end_with_the_same_truth(line: Line) -> None:
    late = asyncio.Event()
    held: list[Frame] = []

    def hold_what_goes_on(frame: Frame) -> tuple[Copy, ...]:
        if is_progress(frame) and b'"running"' in frame.payload:
            held.append(frame)
            return (late, late)
        return PASS

    line.relay.rule = hold_what_goes_on
    job = await line.send("terminate")
    await line.until(lambda: job.state is JobState.DONE)
    assert held
    late.set()
    await line.bus.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    line.link.inflow.take_in()
    line.link.settle()
    assert (job.state, job.done, job.total) == (JobState.DONE, 1, 1)


async def test_a_console_that_ends_in_the_middle_finds_its_job_again_and_follows_it(line: Line) -> None:
    line.provider.hold.clear()
    request = (await line.send("terminate")).id
    await line.link.stop()
    line.begin()
    await line.connect()
    await line.until(lambda: request in line.store.jobs and line.store.jobs[request].state is JobState.RUNNING)
    job = line.store.jobs[request]
    assert (job.mine, job.reason, job.sessions) == (True, "test", (S1,))
    line.provider.hold.set()
    await line.until(lambda: job.state is JobState.DONE)
    assert line.ended == ["s1"]


async def test_a_console_that_was_away_when_it_ended_asks_and_knows(line: Line) -> None:
    line.relay.rule = when(is_word, LOSE)
    request = (await line.send("terminate")).id
    await line.link.stop()
    line.relay.rule = when(lambda _: False, LOSE)
    line.begin()
    await line.connect()
    await line.until(lambda: request in line.store.jobs and line.store.jobs[request].state is JobState.DONE)
    assert line.ended == ["s1"]
