"""Exactly one effect: an agent that is killed at any step of a request does it once, and tells the truth of it."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fxtop.bus.connection import NatsBus
from fxtop.bus.port import BusError
from fxtop.bus.settings import subscriptions
from fxtop.clock import SystemClock
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.control import Recalled, Reply, Request
from fxtop.protocol.decode import decode_reply
from fxtop.protocol.ids import NodeId, RequestId
from tests.bus.effect.mortal import Life, effects, live, steps
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, Rack
from tests.unit.agent.kit import OPERATOR, Asker

SESSIONS = ("s1", "s2")
AT_ONCE = 4
"""Agents that are killed beside each other."""

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([live.__module__])


class Stage:
    """One server, one console that hears everything, and the key that signs."""

    def __init__(self, server: NatsServer, bus: NatsBus, folder: Path) -> None:
        self.server = server
        self.bus = bus
        self.folder = folder
        self.store = Store(CLUSTER, SystemClock())
        self.asker = Asker(bus)
        self._news = asyncio.Condition()

    async def listen(self) -> None:
        """Fold in what is said, for as long as the test goes on."""
        while True:
            await self.bus.wait_activity(WITHIN)
            self.store.fold(self.bus.take())
            async with self._news:
                self._news.notify_all()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(WITHIN), self._news:
            await self._news.wait_for(condition)


class Case:
    """One node, one request, and the step after which its agent is killed."""

    def __init__(self, stage: Stage, verb: str, args: Mapping[str, object], dies_after: str) -> None:
        self.stage = stage
        self.verb = verb
        self.node = NodeId(f"{verb}-{dies_after.replace(' ', '-').replace('.', '-') or 'never'}")
        self.folder = stage.folder / self.node
        self.dies_after = dies_after
        self.process: ForkServerProcess | None = None
        self.subject = subjects.build(CLUSTER, "ctl.node", self.node, verb)
        self.payload = msgspec.json.encode(Request(v=1, reason="test", args=msgspec.Raw(msgspec.json.encode(args))))
        self.request = RequestId(f"req-{self.node}")
        self.headers = stage.asker.headers(self.subject, self.payload, self.request, time.time() + 200)
        (self.folder / "sessions").mkdir(parents=True)
        for session in SESSIONS:
            (self.folder / "sessions" / session).touch()

    @property
    def left(self) -> set[str]:
        """The sessions that are still there."""
        return {file.name for file in (self.folder / "sessions").iterdir()}

    async def begin_life(self, dies_after: str = "") -> None:
        """Start the agent, and return when it takes requests."""
        boot = self.boot
        life = Life(self.node, self.folder, self.stage.server.url, OPERATOR.public_key, dies_after)
        self.process = _PROCESSES.Process(target=live, args=(life,), daemon=True)
        self.process.start()
        await self.stage.until(lambda: self.boot != boot and self.stage.store.nodes[self.node].facts is not None)

    @property
    def boot(self) -> str | None:
        node = self.stage.store.nodes.get(self.node)
        return node.beat.boot if node is not None and node.beat is not None else None

    async def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        await asyncio.to_thread(self.process.join)

    async def send(self) -> Reply:
        """Send the one request, always the same bytes."""
        answer = await self.stage.bus.request(self.subject, self.payload, self.headers, within=WITHIN)
        return decode_reply(answer.payload)

    async def job_ends(self) -> None:
        """Return when the bus has told of the end of the work."""
        jobs = self.stage.store.jobs
        await self.stage.until(lambda: (job := jobs.get(self.request)) is not None and job.state.ended)

    async def send_to_who_dies(self) -> Reply | None:
        """The same to an agent that is killed meanwhile, or at the end; what it said before that, if anything."""
        assert self.process is not None
        sending = asyncio.create_task(self.send())
        dying = asyncio.create_task(asyncio.to_thread(self.process.join))
        ending = asyncio.create_task(self.job_ends())
        await asyncio.wait({dying, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        self.process.kill()
        await dying
        await self.stage.bus.gather("$SYS.REQ.USER.INFO", quiet=0.01)  # what it said before is here by now
        if not sending.done():
            sending.cancel()
        try:
            return await sending
        except (asyncio.CancelledError, BusError):
            return None

    async def recall(self) -> Recalled:
        """What the agent says became of it, once it has come to an end."""
        async with asyncio.timeout(WITHIN):
            while True:
                told = await self.stage.asker.ask("recall", {"request": self.request}, node=self.node, dry_run=True)
                found = msgspec.convert(told.reply.result, Recalled)
                going_on = found.reply is not None and found.reply.status == "accepted" and found.progress is None
                if not going_on and not (found.progress is not None and found.progress.status == "running"):
                    return found
                await self.stage.bus.wait_activity(0.05)

    async def play(self) -> None:
        """A life that is cut short, and another one in which the request is sent again, twice."""
        await self.begin_life(self.dies_after)
        said = await self.send_to_who_dies()
        await self.begin_life()
        try:
            again = await self.send()
            assert await self.send() == again, "the same request has two answers"
            assert said in (None, again), "after the restart the answer is another one"
            self.check_truth(await self.recall(), again)
        finally:
            await self.kill()

    def check_truth(self, found: Recalled, reply: Reply) -> None:
        """One effect, and an answer that says neither more nor less."""
        done = Counter(effects(self.folder))
        assert all(times == 1 for what, times in done.items() if what.startswith("ended")), done
        assert {f"ended {session}" for session in set(SESSIONS) - self.left} <= set(done)
        assert found.known
        assert found.reply == reply
        beat = self.stage.store.nodes[self.node].beat
        assert beat is not None
        if reply.status != "accepted":
            assert not done, f"it is called {reply.status}, and was done"
            assert beat.state == "active", f"it is called {reply.status}, and the node is {beat.state}"
        else:
            assert found.progress is not None
            items = {item.id: item.status for item in found.progress.items}
            assert {id_ for id_, status in items.items() if status == "done"} == set(SESSIONS) - self.left
            assert (found.progress.status == "done") == (not self.left)


@pytest.fixture
async def stage(rack: Rack, park: BusPark, tmp_path: Path) -> AsyncIterator[Stage]:
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=subscriptions(CLUSTER))
    stage = Stage(server, bus, tmp_path)
    listening = asyncio.create_task(stage.listen())
    yield stage
    listening.cancel()


VERBS: dict[str, dict[str, Any]] = {
    "terminate": {"sessions": list(SESSIONS), "grace": 0.0},
    "drain": {"deadline": None, "then": "terminate"},
}


@pytest.mark.parametrize("verb", VERBS)
async def test_killed_at_any_step_it_has_one_effect_and_one_true_answer(stage: Stage, verb: str) -> None:
    whole = Case(stage, verb, VERBS[verb], "")
    await whole.begin_life()
    before = len(steps(whole.folder))
    reply = await whole.send()
    await whole.job_ends()
    taken = list(dict.fromkeys(steps(whole.folder)[before:]))
    whole.check_truth(await whole.recall(), reply)
    await whole.kill()
    assert {"reply 1", "ended s1 1", "ended s2 1", "journal accepted 1"} <= set(taken)
    room = asyncio.Semaphore(AT_ONCE)
    wrong: dict[str, str] = {}

    async def play(step: str) -> None:
        async with room:
            try:
                await Case(stage, verb, VERBS[verb], step).play()
            except AssertionError as error:
                wrong[step] = str(error).splitlines()[0] if str(error) else repr(error)

    async with asyncio.TaskGroup() as group:
        for step in taken:
            group.create_task(play(step))
    assert wrong == {}
