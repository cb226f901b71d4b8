"""What was asked for before: found again after a restart, and asked about without being asked for again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fxtop.actions.arming import Arming
from fxtop.actions.courier import EXPIRES_AFTER
from fxtop.actions.journal import Journal, Kind
from fxtop.actions.link import ClusterLink
from fxtop.actions.model import Intent, Refused
from fxtop.actions.operator import Operator
from fxtop.bus.port import Answer, NoAnswer
from fxtop.cluster.records import JobRow, JobState
from fxtop.protocol.ids import RequestId
from fxtop.protocol.signing import NkeySigner, new_seed
from tests.unit.actions.fake_bus import FakeBus, Left, reply
from tests.unit.actions.site import Site, key

SIGNER = NkeySigner(new_seed())


class Console:
    """One life of a console; the next one on the same journal is its restart."""

    def __init__(self, folder: Path, site: Site | None = None, *, read_only: bool = False) -> None:
        self.site = site or Site()
        self.bus = FakeBus()
        self.bus.respond = self._respond
        self.remembered: dict[str, Any] | None = None
        """What the agent says of the request that it is asked about; None: it says nothing at all."""
        self.journal = Journal(folder / "journal.jsonl")
        arming = Arming(self.site.clock, read_only=read_only)
        self.operator = Operator(self.bus, self.site.store, self.site.clock, arming, self.journal, SIGNER, "ann")
        if not read_only:
            arming.arm()

    async def _respond(self, left: Left) -> Answer:
        if left.verb != "recall" or self.remembered is None:
            raise NoAnswer("no answer")
        return reply(left, "done", **self.remembered)

    async def terminate(self) -> RequestId:
        """A termination that nobody answers."""
        self.site.node("viz01")
        self.site.session("viz01/s1")
        made = await self.operator.prepare(Intent("terminate", sessions=(key("viz01/s1"),), reason="stuck"))
        sent = await self.operator.commit(made, made.confirmation.expect)
        return RequestId(sent.requests[0])

    def job(self, request: str) -> JobRow:
        return self.site.store.jobs[RequestId(request)]


def told(answer: str, request: str, **progress: Any) -> dict[str, Any]:
    """That a request is remembered, with its reply and perhaps how its job stands."""
    job = {"v": 1, "request": request, "node": "viz01", "verb": "terminate", "ts": 1.0, "done": 0, "total": 1}
    return {
        "known": True,
        "memory": 900.0,
        "reply": {"v": 1, "request": request, "status": answer},
        "progress": job | progress if progress else None,
    }


UNKNOWN_THERE = {"known": False, "memory": 900.0}


async def test_a_restarted_console_shows_what_has_no_end_on_record(tmp_path: Path) -> None:
    request = await Console(tmp_path).terminate()
    again = Console(tmp_path)
    await again.operator.recollect()
    job = again.job(request)
    assert (job.state, job.mine, job.verb, job.target, job.reason) == (
        JobState.UNKNOWN, True, "terminate", "viz01", "stuck",
    )  # fmt: skip
    assert job.sessions == ("s1",)


async def test_a_restarted_console_follows_what_goes_on(tmp_path: Path) -> None:
    before = Console(tmp_path)

    async def accept(left: Left) -> Answer:
        return reply(left, "accepted")

    before.bus.respond = accept
    request = await before.terminate()
    again = Console(tmp_path)
    await again.operator.recollect()
    assert again.job(request).state is JobState.ACCEPTED
    again.site.store.fold([again.site.progress(request, "viz01", "terminate", "done", 1, 1)])
    again.operator.advance()
    assert again.job(request).state is JobState.DONE
    assert again.journal.read().entries[-1].state == "done"


async def test_what_ended_is_not_taken_up_again(tmp_path: Path) -> None:
    before = Console(tmp_path)

    async def done(left: Left) -> Answer:
        return reply(left, "done")

    before.bus.respond = done
    await before.terminate()
    again = Console(tmp_path)
    await again.operator.recollect()
    assert again.site.store.jobs == {}


async def test_what_was_dismissed_stays_so_after_a_restart_and_can_still_be_asked_about(tmp_path: Path) -> None:
    before = Console(tmp_path)
    request = await before.terminate()
    before.operator.dismiss([request])
    assert before.job(request).dismissed
    again = Console(tmp_path)
    await again.operator.recollect()
    assert again.site.store.jobs == {}
    assert [entry.kind for entry in again.journal.read().entries].count(Kind.DISMISSED) == 1
    (job,) = await again.operator.resolve([request])
    assert (job.id, job.state) == (request, JobState.UNKNOWN)


async def test_what_goes_on_is_not_dismissed(tmp_path: Path) -> None:
    console = Console(tmp_path)

    async def accept(left: Left) -> Answer:
        return reply(left, "accepted")

    console.bus.respond = accept
    request = await console.terminate()
    console.operator.dismiss([request, RequestId("nobody's")])
    assert not console.job(request).dismissed
    again = Console(tmp_path)
    await again.operator.recollect()
    assert again.job(request).state is JobState.ACCEPTED


async def test_what_the_bus_told_first_stays_and_is_ours(tmp_path: Path) -> None:
    request = await Console(tmp_path).terminate()
    again = Console(tmp_path)
    again.site.store.fold([again.site.progress(request, "viz01", "terminate", "running", 0, 1)])
    await again.operator.recollect()
    job = again.job(request)
    assert (job.state, job.mine, job.reason, job.total) == (JobState.RUNNING, True, "stuck", 1)


async def test_the_question_is_no_second_request(tmp_path: Path) -> None:
    console = Console(tmp_path)
    request = await console.terminate()
    console.remembered = told("accepted", request, status="done", done=1)
    (job,) = await console.operator.resolve([request])
    assert job.state is JobState.DONE
    assert [left.verb for left in console.bus.left] == ["terminate", "recall"]
    question = console.bus.left[-1]
    assert question.args == {"request": request}
    assert question.request.dry_run
    assert question.id != request
    assert [entry.state for entry in console.journal.read().entries if entry.kind == Kind.OUTCOME] == [
        "unknown",
        "done",
    ]


@pytest.mark.parametrize(
    ("status", "progress", "state"),
    [
        ("accepted", {"status": "partial", "done": 0}, JobState.PARTIAL),
        ("accepted", {"status": "running"}, JobState.RUNNING),
        ("accepted", {}, JobState.ACCEPTED),
        ("refused", {}, JobState.REFUSED),
        ("failed", {}, JobState.FAILED),
    ],
)
async def test_what_is_remembered_is_believed(
    tmp_path: Path, status: str, progress: dict[str, Any], state: JobState
) -> None:
    console = Console(tmp_path)
    request = await console.terminate()
    console.remembered = told(status, request, **progress)
    (job,) = await console.operator.resolve()
    assert job.state is state


async def test_what_never_came_and_can_not_come_any_more_was_not_done(tmp_path: Path) -> None:
    console = Console(tmp_path)
    request = await console.terminate()
    console.remembered = UNKNOWN_THERE
    (job,) = await console.operator.resolve([request])
    assert job.state is JobState.UNKNOWN
    assert "may until it expires" in job.detail
    console.site.pass_time(EXPIRES_AFTER + 1)
    (job,) = await console.operator.resolve([request])
    assert (job.state, job.code) == (JobState.FAILED, "never_came")
    assert "nothing was done" in job.detail


async def test_what_an_agent_may_have_forgotten_stays_unknown(tmp_path: Path) -> None:
    console = Console(tmp_path)
    request = await console.terminate()
    console.remembered = UNKNOWN_THERE
    console.site.pass_time(901)
    (job,) = await console.operator.resolve([request])
    assert job.state is JobState.UNKNOWN
    assert "remembers no request that old" in job.detail


async def test_an_agent_that_does_not_answer_leaves_it_unknown(tmp_path: Path) -> None:
    console = Console(tmp_path)
    request = await console.terminate()
    (job,) = await console.operator.resolve([request])
    assert job.state is JobState.UNKNOWN
    assert job.detail.startswith("asked again: no answer came from viz01")


async def test_who_may_only_look_asks_nothing(tmp_path: Path) -> None:
    await Console(tmp_path).terminate()
    wall = Console(tmp_path, read_only=True)
    await wall.operator.recollect()
    with pytest.raises(Refused, match="Nobody was asked"):
        await wall.operator.resolve()
    assert wall.bus.left == []


async def test_what_did_not_leave_here_is_not_asked_about(tmp_path: Path) -> None:
    console = Console(tmp_path)
    with pytest.raises(Refused, match="no request deadbeef left here"):
        await console.operator.resolve(["deadbeef"])


async def test_a_console_asks_by_itself_on_each_connection(tmp_path: Path) -> None:
    request = await Console(tmp_path).terminate()
    again = Console(tmp_path)
    again.remembered = told("accepted", request, status="done", done=1)
    link = ClusterLink(again.bus, again.site.store, again.site.clock, again.operator, None)
    await link.start()
    assert link._remembering is not None
    await link._remembering
    link.inflow.take_in()
    link.settle()
    await link._remembering
    assert again.job(request).state is JobState.DONE
    assert [left.verb for left in again.bus.left] == ["recall"]
    await link.stop()
