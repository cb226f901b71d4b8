"""The one who acts: how what was sent is followed to its end, and kept on record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fxtop.actions.journal import Kind
from fxtop.actions.model import Intent, Plan, Refused, Stale
from fxtop.actions.plan import plan as plan_without_asking
from fxtop.actions.plan import with_words
from fxtop.bus.port import NoAgent, NoAnswer
from fxtop.cluster.records import JobState
from fxtop.protocol.ids import NodeId
from fxtop.protocol.signing import NkeySigner, verify
from tests.unit.actions.desk import SEED, Desk, desk_at
from tests.unit.actions.fake_bus import Left, Responder, answering, failing, reply
from tests.unit.actions.site import INTERVAL


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
