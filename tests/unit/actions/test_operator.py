"""The one who acts: what must hold before anything leaves, what leaves then, and what is known of its end."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from fxtop.actions.arming import Arming
from fxtop.actions.journal import Entry, Journal, Kind
from fxtop.actions.model import Intent, Plan, Refused, Stale
from fxtop.actions.operator import Operator
from fxtop.actions.plan import plan as plan_without_asking
from fxtop.actions.plan import with_words
from fxtop.bus.port import BusDown, BusError, BusPhase, NoAgent, NoAnswer, NotAllowed, TooLarge
from fxtop.cluster.records import JobRow, JobState
from fxtop.protocol.control import HEADER_EXPIRES, HEADER_OPERATOR, HEADER_REQUEST
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.protocol.signing import NkeySigner, new_seed, verify
from tests.unit.actions.fake_bus import FakeBus, Left, Responder, answering, failing, reply
from tests.unit.actions.site import INTERVAL, Site, key

SEED = new_seed()


@dataclass
class Desk:
    """An operator at a console, with everything within reach."""

    site: Site
    bus: FakeBus
    arming: Arming
    journal: Journal
    operator: Operator

    @property
    def jobs(self) -> list[JobRow]:
        return list(self.site.store.jobs.values())

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.journal.read().entries]

    def entries(self, kind: Kind) -> list[Entry]:
        return [entry for entry in self.journal.read().entries if entry.kind == kind]

    def responds(self, responder: Responder) -> None:
        self.bus.respond = responder

    async def planned(self, verb: Any = "drain", *targets: str, **fields: Any) -> Plan:
        names = targets or ("viz01",)
        sessions = tuple(key(name) for name in names if "/" in name)
        nodes = tuple(NodeId(name) for name in names if "/" not in name)
        fields = {"reason": "kernel update", "nodes": nodes, "sessions": sessions} | fields
        return await self.operator.prepare(Intent(verb, **fields))

    async def refused(self, made: Plan, typed: str = "") -> Refused:
        before = len(self.bus.left)
        with pytest.raises(Refused) as refused:
            await self.operator.commit(made, typed)
        assert len(self.bus.left) == before, "a refused plan must not send anything"
        return refused.value


def desk_at(path: Path, *, signer: bool = True, read_only: bool = False, name: str = "ann") -> Desk:
    site = Site()
    for number in range(1, 5):
        site.node(f"viz0{number}")
    bus = FakeBus()
    arming = Arming(site.clock, read_only=read_only)
    journal = Journal(path / "journal.jsonl")
    nkey = NkeySigner(SEED) if signer else None
    return Desk(site, bus, arming, journal, Operator(bus, site.store, site.clock, arming, journal, nkey, name))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Armed, with a key, and connected."""
    desk = desk_at(tmp_path)
    desk.arming.arm()
    return desk


class TestGuards:
    async def test_a_console_starts_read_only(self, tmp_path: Path) -> None:
        desk = desk_at(tmp_path)
        refused = await desk.refused(await desk.planned())
        assert refused.code == "disarmed"
        assert refused.sentence == (
            "Nothing was sent: control is disarmed, it has not been armed yet. Arm it, then confirm again."
        )

    async def test_read_only_settings_can_t_be_overruled(self, tmp_path: Path) -> None:
        desk = desk_at(tmp_path, read_only=True)
        with pytest.raises(Refused):
            desk.arming.arm()
        refused = await desk.refused(await desk.planned())
        assert refused.code == "read_only"
        assert "it is read-only by its settings" in refused.sentence

    async def test_the_minutes_may_be_over(self, desk: Desk) -> None:
        made = await desk.planned()
        desk.site.clock.pass_time(601)
        refused = await desk.refused(made)
        assert (refused.code, "its 10 min are over" in refused.sentence) == ("disarmed", True)

    async def test_without_a_key_the_sentence_says_how_to_make_one(self, tmp_path: Path) -> None:
        desk = desk_at(tmp_path, signer=False)
        desk.arming.arm()
        refused = await desk.refused(await desk.planned())
        assert (refused.code, "`fxtop keys new`" in refused.sentence) == ("no_key", True)

    @pytest.mark.parametrize("name", ["", "  ", "\n"])
    async def test_an_operator_has_a_name(self, tmp_path: Path, name: str) -> None:
        desk = desk_at(tmp_path, name=name)
        desk.arming.arm()
        assert (await desk.refused(await desk.planned())).code == "no_name"

    async def test_the_bus_must_be_there(self, desk: Desk) -> None:
        made = await desk.planned()
        desk.bus.status = replace(desk.bus.status, phase=BusPhase.CONNECTED)
        desk.bus.fall(error="mgr1 closed the connection")
        refused = await desk.refused(made)
        assert refused.code == "disarmed"
        assert "the bus was lost" in refused.sentence

    async def test_a_bus_that_was_never_there_is_told_with_its_last_error(self, tmp_path: Path) -> None:
        desk = desk_at(tmp_path)
        desk.arming.arm()
        desk.bus.fall(BusPhase.CONNECTING, "no server answers at mgr1:4222")
        made = await desk.planned()
        obstacle = desk.operator.obstacle()
        assert obstacle is not None
        assert obstacle.code == "bus"
        assert obstacle.sentence == (
            "Nothing was sent: the bus is connecting (no server answers at mgr1:4222). Try again when it is connected."
        )
        await desk.refused(made)

    async def test_what_must_be_typed_must_be_typed(self, desk: Desk) -> None:
        made = await desk.planned("drain", "viz01", "viz02", "viz03", "viz04")
        assert made.confirmation.expect == "4"
        for typed in ("", "3", "y", "44", "viz01"):
            refused = await desk.refused(made, typed)
            assert refused.code == "confirmation"
            assert "type 4 to confirm" in refused.sentence
        assert len((await desk.operator.commit(made, " 4 ")).requests) == 4

    async def test_a_plan_older_than_ten_minutes_is_refused(self, desk: Desk) -> None:
        made = await desk.planned()
        desk.site.clock.pass_time(601)
        desk.arming.arm()
        refused = await desk.refused(made)
        assert refused.code == "old"
        assert "the plan is 10 minutes 1 second old" in refused.sentence

    async def test_setting_the_clock_back_doesn_t_make_a_plan_young(self, desk: Desk) -> None:
        made = await desk.planned()
        desk.site.clock.mono += 601
        desk.site.clock.wall -= 7200
        desk.arming.arm()
        assert (await desk.refused(made)).code == "old"

    async def test_a_host_that_slept_makes_a_plan_old(self, desk: Desk) -> None:
        made = await desk.planned()
        desk.site.clock.wall += 3600
        desk.arming.arm()
        assert (await desk.refused(made)).code == "old"

    async def test_a_deadline_may_be_over_when_the_plan_is_confirmed(self, desk: Desk) -> None:
        made = await desk.planned(deadline=desk.site.clock.now() + 60)
        desk.site.clock.pass_time(61)
        assert (await desk.refused(made)).code == "deadline"

    async def test_a_reason_is_required(self, desk: Desk) -> None:
        made = await desk.planned(reason="   ")
        refused = await desk.refused(made)
        assert (refused.code, "say why" in refused.sentence) == ("reason", True)
        await desk.operator.commit(with_words(made, "kernel update", None))
        assert desk.bus.left[0].request.reason == "kernel update"

    async def test_a_plan_for_another_cluster_is_refused(self, desk: Desk, tmp_path: Path) -> None:
        made = replace(await desk.planned(), cluster=type(desk.site.store.cluster)("staging"))
        refused = await desk.refused(made)
        assert refused.code == "cluster"
        assert "the plan is for cluster staging, and this is prod" in refused.sentence

    async def test_a_plan_is_sent_once(self, desk: Desk) -> None:
        made = await desk.planned()
        await desk.operator.commit(made)
        assert (await desk.refused(made)).code == "sent"
        assert (await desk.refused(with_words(made, "another reason", None))).code == "sent"
        assert len(desk.bus.left) == 1

    async def test_a_key_pressed_twice_sends_once(self, desk: Desk) -> None:
        made = await desk.planned()
        results = await asyncio.gather(desk.operator.commit(made), desk.operator.commit(made), return_exceptions=True)
        assert len(desk.bus.left) == 1
        assert sum(isinstance(result, Refused) for result in results) == 1

    async def test_guards_are_asked_in_their_order(self, tmp_path: Path) -> None:
        desk = desk_at(tmp_path, signer=False)
        made = await desk.planned("drain", "viz01", "viz02", "viz03", "viz04", reason="")
        desk.site.clock.pass_time(3600)
        desk.bus.fall()
        codes = [(await desk.refused(made)).code]
        desk.arming.arm()
        desk.bus.rise(since=0.0)
        codes.append((await desk.refused(made)).code)
        keyed = Operator(
            desk.bus, desk.site.store, desk.site.clock, desk.arming, desk.journal, NkeySigner(SEED), "ann"
        )  # fmt: skip
        for typed, words in (("", ""), ("4", "")):
            with pytest.raises(Refused) as refused:
                await keyed.commit(with_words(made, words, None), typed)
            codes.append(refused.value.code)
        assert codes == ["disarmed", "no_key", "confirmation", "old"]
        assert desk.bus.left == []

    async def test_nothing_leaves_that_is_not_recorded_first(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        made = await desk.planned()

        def full(*_: object) -> int:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("os.write", full)
            refused = await desk.refused(made)
            assert refused.code == "journal"
            assert "Nothing was sent, because it could not be recorded first." in refused.sentence
            assert "No space left on device" in refused.sentence
            assert desk.operator.trouble is not None
        assert desk.jobs == []
        await desk.operator.commit(made)  # and it can be tried again
        desk.operator.advance()
        assert desk.operator.trouble is None

    async def test_disarming_while_the_disk_is_slow_sends_nothing(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = await desk.planned()
        write = desk.journal.write

        def slowly(*entries: Entry) -> None:
            write(*entries)
            desk.arming.disarm("disarmed by hand")

        with monkeypatch.context() as patch:
            patch.setattr(desk.journal, "write", slowly)
            assert (await desk.refused(made)).code == "disarmed"
        assert desk.jobs == []
        assert desk.kinds[-2:] == ["sent", "refused"]
        desk.arming.arm()
        assert len((await desk.operator.commit(made)).requests) == 1

    async def test_what_stands_in_the_way_can_be_asked_beforehand(self, desk: Desk) -> None:
        assert desk.operator.obstacle() is None
        desk.arming.disarm("disarmed by hand")
        obstacle = desk.operator.obstacle()
        assert obstacle is not None
        assert "disarmed by hand" in obstacle.sentence


class TestDisarming:
    async def test_a_lost_bus_disarms(self, desk: Desk) -> None:
        desk.bus.fall()
        desk.operator.advance()
        assert not desk.arming.armed
        assert desk.arming.why == "the bus was lost"

    async def test_a_bus_that_was_lost_and_is_back_between_two_looks_disarms(self, desk: Desk) -> None:
        desk.site.clock.pass_time(5)
        desk.bus.rise(since=desk.site.clock.monotonic() - 1)
        desk.operator.advance()
        assert desk.arming.why == "the bus was lost"

    async def test_a_bus_that_came_back_before_control_was_armed_doesn_t(self, desk: Desk) -> None:
        desk.bus.rise(since=desk.site.clock.monotonic() + 1)
        desk.site.clock.pass_time(5)
        desk.arming.arm()
        desk.operator.advance()
        assert desk.arming.armed

    async def test_disarming_in_the_middle_stops_what_has_not_left(self, desk: Desk) -> None:
        names = [desk.site.node(f"n{number:02}") for number in range(12)]
        made = await desk.planned("drain", *names)

        async def disarm(left: Left) -> Any:
            desk.arming.disarm("disarmed by hand")
            return reply(left)

        desk.responds(disarm)
        await desk.operator.commit(made, "12")
        assert len(desk.bus.left) == 8  # those that were on their way at once
        states = [job.state for job in desk.jobs]
        assert states.count(JobState.ACCEPTED) == 8
        withheld = [job for job in desk.jobs if job.state is JobState.FAILED]
        assert len(withheld) == 4
        assert withheld[0].detail == "nothing was sent to n08: control was disarmed, disarmed by hand"


class TestRequests:
    async def test_each_is_signed_and_expires_soon(self, desk: Desk) -> None:
        sent = await desk.operator.commit(await desk.planned("drain", "viz01", "viz02", ticket="INC-42"))
        now = desk.site.clock.now()
        for left in desk.bus.left:
            assert verify(left.subject, left.headers, left.payload, now) == NkeySigner(SEED).public_key
            assert float(left.headers[HEADER_EXPIRES]) == now + 30
            assert left.headers[HEADER_OPERATOR] == "ann"
            assert (left.request.reason, left.request.ticket, left.request.dry_run) == (
                "kernel update",
                "INC-42",
                False,
            )
        assert [left.subject for left in desk.bus.left] == [
            "fxtop.prod.ctl.node.viz01.drain",
            "fxtop.prod.ctl.node.viz02.drain",
        ]
        assert [left.headers[HEADER_REQUEST] for left in desk.bus.left] == list(sent.requests)
        assert len(set(sent.requests)) == 2

    async def test_arguments_are_those_of_the_plan(self, desk: Desk) -> None:
        desk.site.session("viz02/a")
        await desk.operator.commit(await desk.planned("terminate", "viz02/a", grace=30.0))
        assert desk.bus.left[0].verb == "terminate"
        assert desk.bus.left[0].args == {"sessions": ["a"], "grace": 30.0}

    async def test_the_cluster_may_move_and_what_is_sent_may_not(self, desk: Desk) -> None:
        desk.site.session("viz01/a")
        desk.site.session("viz01/b", user="bob")
        made = await desk.planned("terminate", "viz01/a", "viz01/b")
        desk.site.session("viz01/a", state="ended")
        desk.site.session("viz01/c")
        desk.site.node("viz01", state="draining")
        desk.site.tell("bye.node", "viz02", ts=desk.site.clock.now())
        await desk.operator.commit(made)
        assert desk.bus.left[0].args["sessions"] == ["a", "b"]

    async def test_no_more_than_eight_are_on_their_way_at_once(self, desk: Desk) -> None:
        names = [desk.site.node(f"n{number:02}") for number in range(30)]
        await desk.operator.commit(await desk.planned("drain", *names), "30")
        assert len(desk.bus.left) == 30
        assert desk.bus.most_under_way == 8

    async def test_an_operator_s_name_can_t_break_a_header(self, tmp_path: Path) -> None:
        desk = desk_at(tmp_path, name=" Änn\r\nFxtop-Key: U\udcff ")
        desk.arming.arm()
        await desk.operator.commit(await desk.planned())
        left = desk.bus.left[0]
        assert left.headers[HEADER_OPERATOR] == "Änn··Fxtop-Key: U?"
        verify(left.subject, left.headers, left.payload, desk.site.clock.now())

    async def test_an_id_with_dots_is_one_token(self, desk: Desk) -> None:
        desk.site.node("viz09.example.edu")
        await desk.operator.commit(await desk.planned("drain", "viz09.example.edu"))
        assert desk.bus.left[0].subject == "fxtop.prod.ctl.node.viz09%2Eexample%2Eedu.drain"


class TestReplies:
    @pytest.mark.parametrize("status", ["done", "accepted", "refused", "failed", "unsupported"])
    async def test_what_the_agent_says_is_the_state_of_the_job(self, desk: Desk, status: str) -> None:
        desk.responds(answering(status, code="c", detail="in words"))
        sent = await desk.operator.commit(await desk.planned())
        job = desk.site.store.jobs[RequestId(sent.requests[0])]
        assert (job.state, job.code, job.detail) == (status, "c", "in words")
        assert (job.mine, job.verb, job.target, job.operator) == (True, "drain", "viz01", "ann")
        assert (job.plan, job.reason) == (sent.plan.id, "kernel update")

    @pytest.mark.parametrize(
        ("error", "state", "code", "says"),
        [
            (NoAgent("x"), "failed", "no_agent", "no agent answers for viz01: it is not running or not connected"),
            (BusDown("No connection."), "failed", "unsent", "No connection."),
            (TooLarge("It is over 1 MiB."), "failed", "unsent", "It is over 1 MiB."),
            (NotAllowed("Forbidden."), "refused", "not_allowed", "Forbidden."),
            (NoAnswer("x"), "unknown", "no_answer", "no answer came from viz01: whether it acted is not known"),
            (BusError("odd"), "unknown", "bus_error", "whether it acted is not known: odd"),
        ],
    )
    async def test_what_the_bus_says_is_told_truthfully(
        self, desk: Desk, error: BusError, state: str, code: str, says: str
    ) -> None:
        desk.responds(failing(error))
        await desk.operator.commit(await desk.planned())
        job = desk.jobs[0]
        assert (job.state, job.code) == (state, code)
        assert says in job.detail

    async def test_an_unknown_end_says_what_is_known_of_the_node(self, desk: Desk) -> None:
        desk.responds(failing(NoAnswer("x")))
        desk.site.pass_time(3)
        await desk.operator.commit(await desk.planned())
        assert desk.jobs[0].detail.endswith("not known; 3 seconds ago it said that it is active")

    @pytest.mark.parametrize("payload", [b"", b"{}", b"[1]", b"\xff", b'{"v":1,"request":"r","status":"maybe"}'])
    async def test_an_answer_that_can_t_be_read_proves_nothing(self, desk: Desk, payload: bytes) -> None:
        async def garbage(left: Left) -> Any:
            return reply(left)._replace(payload=payload)

        desk.responds(garbage)
        await desk.operator.commit(await desk.planned())
        assert (desk.jobs[0].state, desk.jobs[0].code) == (JobState.UNKNOWN, "garbled")

    async def test_the_words_of_a_failed_service_are_told(self, desk: Desk) -> None:
        async def fault(left: Left) -> Any:
            return reply(left)._replace(payload=b"", headers={"Nats-Service-Error": "disk\x1b full"})

        desk.responds(fault)
        await desk.operator.commit(await desk.planned())
        assert "disk· full" in desk.jobs[0].detail

    async def test_the_answer_to_another_request_proves_nothing(self, desk: Desk) -> None:
        async def other(left: Left) -> Any:
            answer = reply(left, "done")
            return answer._replace(payload=answer.payload.replace(left.id.encode(), b"somebody-elses"))

        desk.responds(other)
        await desk.operator.commit(await desk.planned())
        assert (desk.jobs[0].state, desk.jobs[0].code) == (JobState.UNKNOWN, "mismatch")

    async def test_progress_that_was_faster_than_the_answer_stands(self, desk: Desk) -> None:
        async def late(left: Left) -> Any:
            desk.site.store.fold([desk.site.progress(left.id, "viz01", "drain", "done", 3, 3)])
            raise NoAnswer("x")

        desk.responds(late)
        await desk.operator.commit(await desk.planned())
        assert (desk.jobs[0].state, desk.jobs[0].done) == (JobState.DONE, 3)

    async def test_each_step_has_its_own_end(self, desk: Desk) -> None:
        async def mixed(left: Left) -> Any:
            if left.target == "viz02":
                raise NoAgent("x")
            return reply(left, "refused" if left.target == "viz03" else "done")

        desk.responds(mixed)
        await desk.operator.commit(await desk.planned("drain", "viz01", "viz02", "viz03"))
        assert [job.state for job in desk.jobs] == ["done", "failed", "refused"]

    async def test_stopping_to_wait_leaves_no_job_hanging(self, desk: Desk) -> None:
        names = [desk.site.node(f"n{number:02}") for number in range(10)]
        made = await desk.planned("drain", *names)
        reached = asyncio.Event()

        async def silence(left: Left) -> Any:
            if left.target == "n07":
                reached.set()
            await asyncio.Event().wait()

        desk.responds(silence)
        task = asyncio.create_task(desk.operator.commit(made))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert [job.state for job in desk.jobs] == [JobState.UNKNOWN] * 8 + [JobState.FAILED] * 2
        assert desk.jobs[0].detail.startswith("the answer of n00 was not waited for; whether it acted is not known")
        assert desk.jobs[9].detail == "nothing was sent to n09: sending was stopped before it"
        assert len(desk.entries(Kind.OUTCOME)) == 10


class TestFollowing:
    async def test_progress_ends_a_job(self, desk: Desk) -> None:
        sent = await desk.operator.commit(await desk.planned())
        desk.site.store.fold([desk.site.progress(sent.requests[0], "viz01", "drain", "partial", 2, 3)])
        desk.operator.advance()
        assert desk.jobs[0].state is JobState.PARTIAL
        outcome = desk.entries(Kind.OUTCOME)[0]
        assert (outcome.state, outcome.request, outcome.targets) == ("partial", sent.requests[0], ("viz01",))
        assert (outcome.data["done"], outcome.data["total"]) == (2, 3)

    async def test_an_outcome_is_recorded_once(self, desk: Desk) -> None:
        desk.responds(answering("done"))
        await desk.operator.commit(await desk.planned())
        desk.operator.advance()
        desk.operator.advance()
        assert len(desk.entries(Kind.OUTCOME)) == 1

    async def test_a_lost_node_makes_it_unknown_and_says_what_is_known(self, desk: Desk) -> None:
        desk.site.session("viz01/a")
        sent = await desk.operator.commit(await desk.planned("terminate", "viz01/a"))
        desk.site.store.fold([desk.site.progress(sent.requests[0], "viz01", "terminate", "running", 1, 3)])
        desk.site.pass_time(INTERVAL * 7)
        desk.operator.advance()
        job = desk.jobs[0]
        assert (job.state, job.code) == (JobState.UNKNOWN, "lost")
        assert job.detail == (
            "viz01 was last heard 35 seconds ago; 1 of 3 items were done by then, and the rest is not known"
        )

    async def test_late_truth_wins_and_corrects_the_record(self, desk: Desk) -> None:
        sent = await desk.operator.commit(await desk.planned())
        desk.site.tell("bye.node", "viz01", ts=desk.site.clock.now())
        desk.operator.advance()
        states = [desk.jobs[0].state]
        desk.site.store.fold([desk.site.progress(sent.requests[0], "viz01", "drain", "done", 3, 3)])
        desk.operator.advance()
        states.append(desk.jobs[0].state)
        assert states == ["unknown", "done"]
        assert [entry.state for entry in desk.entries(Kind.OUTCOME)] == ["unknown", "done"]

    async def test_progress_after_an_unknown_end_is_followed_again(self, desk: Desk) -> None:
        sent = await desk.operator.commit(await desk.planned())
        states = []
        for _ in range(2):
            desk.site.pass_time(INTERVAL * 7)
            desk.operator.advance()
            states.append(desk.jobs[0].state)
            desk.site.node("viz01", state="draining")
            desk.site.store.fold([desk.site.progress(sent.requests[0], "viz01", "drain", "running", 1, 3)])
            desk.operator.advance()
            states.append(desk.jobs[0].state)
        assert states == ["unknown", "running"] * 2
        desk.site.store.fold([desk.site.progress(sent.requests[0], "viz01", "drain", "done", 3, 3)])
        desk.operator.advance()
        assert [entry.state for entry in desk.entries(Kind.OUTCOME)] == ["unknown", "unknown", "done"]

    async def test_silence_makes_it_unknown_after_grace_and_patience(self, desk: Desk) -> None:
        desk.site.session("viz01/a")
        await desk.operator.commit(await desk.planned("terminate", "viz01/a", grace=60.0))
        states = []
        for _ in range(2):
            desk.site.clock.pass_time(175)
            desk.site.node("viz01")
            desk.operator.advance()
            states.append(desk.jobs[0].state)
        assert states == [JobState.ACCEPTED, JobState.UNKNOWN]
        assert desk.jobs[0].detail == (
            "nothing was heard of it for 5 minutes 50 seconds; it was accepted, and the rest is not known"
        )

    async def test_a_drain_may_last_for_days_while_its_node_says_so(self, desk: Desk) -> None:
        await desk.operator.commit(await desk.planned())
        desk.site.clock.pass_time(3 * 86400)
        desk.site.node("viz01", state="draining")
        desk.operator.advance()
        assert desk.jobs[0].state is JobState.ACCEPTED

    async def test_a_drain_whose_node_takes_sessions_again_is_unknown(self, desk: Desk) -> None:
        await desk.operator.commit(await desk.planned())
        desk.operator.advance()
        assert desk.jobs[0].state is JobState.ACCEPTED
        desk.site.clock.pass_time(31)
        desk.site.node("viz01", state="active")
        desk.operator.advance()
        assert (desk.jobs[0].state, desk.jobs[0].code) == (JobState.UNKNOWN, "ended")

    async def test_a_journal_that_fails_later_is_trouble_and_loses_nothing(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent = await desk.operator.commit(await desk.planned())
        desk.site.store.fold([desk.site.progress(sent.requests[0], "viz01", "drain", "done")])

        def full(*_: object) -> int:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr("os.write", full)
            desk.operator.advance()
            assert desk.jobs[0].state is JobState.DONE
            troubles = [desk.operator.trouble]
        desk.operator.advance()
        troubles.append(desk.operator.trouble)
        assert troubles == [
            f"The journal {desk.journal.path} can't be written: No space left on device. "
            "Kept in memory until it can be: 1 line.",
            None,
        ]
        assert [entry.state for entry in desk.entries(Kind.OUTCOME)] == ["done"]

    async def test_a_forgotten_job_is_no_longer_followed(self, desk: Desk) -> None:
        await desk.operator.commit(await desk.planned())
        desk.site.store.jobs.clear()
        desk.operator.advance()
        assert desk.entries(Kind.OUTCOME) == []


class TestSettled:
    async def test_returns_when_all_jobs_have_ended(self, desk: Desk) -> None:
        sent = await desk.operator.commit(await desk.planned("drain", "viz01", "viz02"))

        def agents_work(_: float) -> None:
            request, node = (
                (sent.requests[0], "viz01") if desk.bus.inbox == [] and not done else (sent.requests[1], "viz02")
            )
            done.append(request)
            desk.bus.deliver(desk.site.progress(request, node, "drain", "done", 1, 1))

        done: list[str] = []
        desk.bus.on_wait = agents_work
        jobs = await desk.operator.settled(sent.requests)
        assert [job.id for job in jobs] == list(sent.requests)
        assert [job.state for job in jobs] == [JobState.DONE, JobState.DONE]
        assert done == list(sent.requests)

    async def test_returns_at_once_when_there_is_nothing_to_wait_for(self, desk: Desk) -> None:
        desk.responds(answering("done"))
        sent = await desk.operator.commit(await desk.planned())
        assert [job.state for job in await desk.operator.settled(sent.requests)] == [JobState.DONE]

    async def test_returns_them_as_they_stand_when_the_time_is_over(self, desk: Desk) -> None:
        sent = await desk.operator.commit(await desk.planned())
        desk.bus.on_wait = desk.site.clock.pass_time
        jobs = await desk.operator.settled(sent.requests, within=3)
        assert [job.state for job in jobs] == [JobState.ACCEPTED]

    async def test_gives_up_what_nobody_can_know(self, desk: Desk) -> None:
        sent = await desk.operator.commit(await desk.planned())
        desk.bus.on_wait = lambda _: desk.site.clock.pass_time(10)
        jobs = await desk.operator.settled(sent.requests)
        assert [(job.state, job.code) for job in jobs] == [(JobState.UNKNOWN, "lost")]


class TestDryRun:
    async def test_asks_every_agent_and_changes_nothing(self, tmp_path: Path) -> None:
        desk = desk_at(tmp_path, read_only=True)
        made = await desk.planned("drain", "viz01", "viz02", reason="")

        async def would(left: Left) -> Any:
            if left.target == "viz02":
                raise NoAgent("x")
            return reply(left, "done", sessions=["a"])

        desk.responds(would)
        first, second = await desk.operator.dry_run(made)
        assert all(left.request.dry_run for left in desk.bus.left)
        assert (first.step, first.state, first.result) == (made.steps[0], JobState.DONE, {"sessions": ["a"]})
        assert (second.state, second.code) == (JobState.FAILED, "no_agent")
        assert desk.jobs == []
        assert [entry.dry_run for entry in desk.entries(Kind.SENT)] == [True, True]

    async def test_needs_a_key_and_a_bus(self, tmp_path: Path) -> None:
        desk = desk_at(tmp_path, signer=False)
        with pytest.raises(Refused) as refused:
            await desk.operator.dry_run(await desk.planned())
        assert refused.value.code == "no_key"
        desk = desk_at(tmp_path)
        desk.bus.fall()
        with pytest.raises(Refused) as refused:
            await desk.operator.dry_run(await desk.planned())
        assert refused.value.code == "bus"
        assert desk.bus.left == []

    async def test_leaves_the_plan_to_be_sent(self, desk: Desk) -> None:
        made = await desk.planned()
        await desk.operator.dry_run(made)
        assert len((await desk.operator.commit(made)).requests) == 1


MANAGERS_PLAN = {"plan": "p1", "weights": {"viz01": 0.5, "viz02": 2.0}, "notes": ["Even in two hours."]}


class TestRebalance:
    def managers(self, desk: Desk, apply: Responder | None = None, **fields: Any) -> Responder:
        async def respond(left: Left) -> Any:
            if left.verb == "plan":
                return reply(left, "done", **({"expires": desk.site.clock.now() + 60} | MANAGERS_PLAN | fields))
            return await (apply or answering("done"))(left)

        return respond

    async def rebalance(self, desk: Desk, **fields: Any) -> Plan:
        return await desk.operator.prepare(Intent("rebalance", reason="monday", policy="load", **fields))

    async def test_the_managers_are_asked_for_a_plan_and_then_told_to_apply_it(self, desk: Desk) -> None:
        desk.responds(self.managers(desk))
        made = await self.rebalance(desk, nodes=(NodeId("viz01"), NodeId("viz02")))
        assert made.balance is not None
        assert made.balance.weights == {"viz01": 0.5, "viz02": 2.0}
        await desk.operator.commit(made)
        asked, told = desk.bus.left
        assert asked.subject == "fxtop.prod.ctl.manager.plan"
        assert asked.args == {"policy": "load", "nodes": ["viz01", "viz02"]}
        assert told.subject == "fxtop.prod.ctl.manager.rebalance"
        assert told.args == {"plan": "p1"}
        for left in desk.bus.left:
            verify(left.subject, left.headers, left.payload, desk.site.clock.now())

    async def test_a_plan_may_be_asked_for_while_disarmed(self, tmp_path: Path) -> None:
        desk = desk_at(tmp_path, read_only=True)
        desk.responds(self.managers(desk))
        made = await self.rebalance(desk)
        assert [left.verb for left in desk.bus.left] == ["plan"]
        assert (await desk.refused(made)).code == "read_only"

    async def test_no_node_named_means_all(self, desk: Desk) -> None:
        desk.responds(self.managers(desk))
        await self.rebalance(desk)
        assert desk.bus.left[0].args == {"policy": "load", "nodes": None}

    async def test_an_unknown_node_is_refused_before_anybody_is_asked(self, desk: Desk) -> None:
        with pytest.raises(Refused, match="Did you mean viz01"):
            await self.rebalance(desk, nodes=(NodeId("viz011"),))
        assert desk.bus.left == []

    @pytest.mark.parametrize(
        ("responder", "code", "says"),
        [
            (failing(NoAgent("x")), "no_agent", "no agent answers for the managers"),
            (failing(NoAnswer("x")), "no_answer", "no answer came from the managers"),
            (answering("refused", code="role", detail="ann is a viewer"), "role", "ann is a viewer"),
            (answering("unsupported"), "unsupported", "unsupported"),
            (answering("done"), "garbled", "can't be read"),
            (answering("done", plan="p", expires=1, weights={"a": "x"}), "garbled", "can't be read"),
        ],
    )
    async def test_no_plan_is_no_plan_and_says_why(
        self, desk: Desk, responder: Responder, code: str, says: str
    ) -> None:
        desk.responds(responder)
        with pytest.raises(Refused) as refused:
            await self.rebalance(desk)
        assert refused.value.code == code
        assert says in refused.value.sentence
        assert refused.value.sentence.startswith("There is no plan to rebalance by: ")

    @pytest.mark.parametrize("signer", [True, False])
    async def test_asking_needs_a_key_and_a_bus(self, tmp_path: Path, signer: bool) -> None:
        desk = desk_at(tmp_path, signer=signer)
        if signer:
            desk.bus.fall()
        with pytest.raises(Refused) as refused:
            await self.rebalance(desk)
        assert refused.value.code == ("bus" if signer else "no_key")
        assert desk.bus.left == []

    async def test_a_stale_plan_can_be_made_anew_at_once(self, desk: Desk) -> None:
        desk.responds(self.managers(desk, answering("refused", code="stale", detail="viz03 was drained")))
        made = with_words(await self.rebalance(desk), "tuesday", "INC-7")
        with pytest.raises(Stale) as stale:
            await desk.operator.commit(made)
        assert stale.value.code == "stale"
        assert "the cluster moved under the plan (viz03 was drained)" in stale.value.sentence
        assert desk.jobs[0].state is JobState.REFUSED
        desk.responds(self.managers(desk))
        again = await desk.operator.prepare(stale.value.intent)
        assert (again.intent.reason, again.intent.ticket, again.intent.policy) == ("tuesday", "INC-7", "load")
        await desk.operator.commit(again)
        assert desk.jobs[-1].state is JobState.DONE

    async def test_a_plan_that_expired_meanwhile_is_stale_before_it_is_sent(self, desk: Desk) -> None:
        desk.responds(self.managers(desk))
        made = await self.rebalance(desk)
        desk.site.clock.pass_time(61)
        refused = await desk.refused(made)
        assert isinstance(refused, Stale)
        assert refused.intent == made.intent

    async def test_another_refusal_is_a_job_and_no_exception(self, desk: Desk) -> None:
        desk.responds(self.managers(desk, answering("refused", code="role")))
        await desk.operator.commit(await self.rebalance(desk))
        assert (desk.jobs[0].state, desk.jobs[0].code) == (JobState.REFUSED, "role")


class TestRecord:
    async def test_everything_is_written_down_in_its_order(self, desk: Desk) -> None:
        desk.responds(answering("done"))
        made = await desk.planned(ticket="INC-42")
        await desk.operator.commit(made)
        desk.operator.advance()
        assert desk.kinds == ["intent", "plan", "sent", "reply", "outcome"]
        for entry in desk.journal.read().entries:
            assert (entry.cluster, entry.operator, entry.verb) == ("prod", "ann", "drain")
            assert (entry.reason, entry.ticket, entry.targets) == ("kernel update", "INC-42", ("viz01",))
            assert entry.key == NkeySigner(SEED).public_key
        plan_entry, sent = desk.entries(Kind.PLAN)[0], desk.entries(Kind.SENT)[0]
        assert plan_entry.hash == sent.hash
        assert plan_entry.action == sent.action == made.id
        assert plan_entry.data["steps"][0]["target"] == "viz01"

    async def test_words_added_later_are_recorded_before_they_are_sent(self, desk: Desk) -> None:
        made = await desk.planned(reason="")
        await desk.operator.commit(with_words(made, "kernel update", None))
        shown, confirmed = desk.entries(Kind.PLAN)
        assert (shown.reason, confirmed.reason) == ("", "kernel update")
        assert desk.entries(Kind.SENT)[0].hash == confirmed.hash != shown.hash

    async def test_a_plan_made_elsewhere_is_recorded_before_it_is_sent(self, desk: Desk) -> None:
        intent = Intent("drain", nodes=(NodeId("viz01"),), reason="x")
        await desk.operator.commit(plan_without_asking(intent, desk.site.store, clock=desk.site.clock))
        assert desk.kinds[:2] == ["plan", "sent"]

    async def test_a_request_is_on_disk_before_it_leaves(self, desk: Desk) -> None:
        on_disk: list[bool] = []

        async def look(left: Left) -> Any:
            on_disk.append(any(entry.request == left.id for entry in desk.entries(Kind.SENT)))
            return reply(left)

        desk.responds(look)
        await desk.operator.commit(await desk.planned("drain", "viz01", "viz02"))
        assert on_disk == [True, True]

    async def test_refusals_are_written_down(self, tmp_path: Path) -> None:
        desk = desk_at(tmp_path)
        await desk.refused(await desk.planned())
        with pytest.raises(Refused):
            await desk.planned("drain", "nowhere")
        assert [entry.code for entry in desk.entries(Kind.REFUSED)] == ["disarmed", "unknown_node"]
        assert desk.entries(Kind.REFUSED)[0].detail.startswith("Nothing was sent: control is disarmed")

    async def test_the_seed_is_nowhere(self, desk: Desk) -> None:
        await desk.operator.commit(await desk.planned())
        texts = (desk.journal.path.read_bytes(), repr(desk.operator).encode(), repr(vars(desk.operator)).encode())
        assert all(SEED not in text for text in texts)
        assert all(SEED.decode() not in f"{left.headers}{left.payload!r}" for left in desk.bus.left)
