"""The one who acts: what must hold before anything leaves, what leaves then, and what is known of its end."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fxtop.actions.journal import Entry, Kind
from fxtop.actions.model import Refused
from fxtop.actions.operator import Operator
from fxtop.actions.plan import with_words
from fxtop.bus.port import BusDown, BusError, BusPhase, NoAgent, NoAnswer, NotAllowed, TooLarge
from fxtop.cluster.records import JobState
from fxtop.protocol.control import HEADER_EXPIRES, HEADER_OPERATOR, HEADER_REQUEST
from fxtop.protocol.ids import RequestId
from fxtop.protocol.signing import NkeySigner, verify
from tests.unit.actions.desk import SEED, Desk, desk_at
from tests.unit.actions.fake_bus import Left, answering, failing, reply


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
        desk.bus.status = msgspec.structs.replace(desk.bus.status, phase=BusPhase.CONNECTED)
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
