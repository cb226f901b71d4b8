"""Two persons for one request: who may agree to what, what happens then, and what a restart changes about it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import msgspec

from fxtop.actions.guardrails.globs import Globs
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.guardrails.rule import Rule
from fxtop.actions.journal import Journal
from fxtop.agent.trust import Role, Trust
from fxtop.cluster.store import Store
from fxtop.protocol.consent import CODE, Held, digest
from fxtop.protocol.control import JobProgress
from fxtop.protocol.ids import RequestId
from fxtop.protocol.signing import NkeySigner, new_seed, verify
from tests.unit.agent.hub import MemoryBus
from tests.unit.agent.kit import CLUSTER, HELPDESK, NODE, OPERATOR, STRANGER, TRUST, Asker, Node, Told, body, running

BOB = NkeySigner(new_seed())
LISTED = Trust({**TRUST.keys, BOB.public_key: Role.OPERATOR})
WORDS = "Two of us look at it."
TWO = Guardrails((Rule(words=WORDS, verbs=frozenset({"drain", "resume", "terminate"}), second_person=True),))


def node(folder: Path, **settings: Any) -> Node:
    fields: dict[str, Any] = {"trust": LISTED, "guardrails": TWO} | settings
    return Node(folder, body("s1", user="ann"), body("s2", user="bob"), **fields)


def bob(of: Node) -> Asker:
    return Asker(of.bus, BOB, "bob")


async def waits(of: Node, request: str) -> JobProgress:
    """The progress that says that it waits."""

    def found() -> list[JobProgress]:
        told = [heard.message for heard in of.hub.heard("job") if heard.ids == (request,)]
        return [each for each in told if isinstance(each, JobProgress) and each.waits]

    async with of.hub.news:
        await of.hub.news.wait_for(lambda: bool(found()))
    return found()[-1]


async def read(of: Node, request: str, who: Asker | None = None) -> Held:
    """The request as its sender signed it."""
    told = await (who or bob(of)).ask("approve", {"request": request}, dry_run=True)
    assert told.reply.status == "done", told.reply
    return msgspec.convert(told.reply.result, Held)


async def approve(of: Node, request: str, who: Asker | None = None, **args: Any) -> Told:
    held = await read(of, request)
    return await (who or bob(of)).ask("approve", {"request": request, "digest": held.digest, **args})


async def test_nothing_is_done_before_a_second_person_agrees(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        reply = (await of.asker.ask("terminate", {"sessions": ["s1"]}, request="r1")).reply
        assert (reply.status, reply.code) == ("accepted", CODE)
        assert WORDS in reply.detail
        told = await waits(of, "r1")
        assert told.waits is not None
        assert (told.status, told.waits.until, told.waits.rule) == ("running", reply.result["until"], WORDS)
        assert of.provider.done == []
        assert (await approve(of, "r1")).reply.status == "done"
        assert (await of.job("r1")).status == "done"
        assert of.provider.done == [("terminate", "s1", 10.0)]


async def test_a_verb_that_ends_at_once_ends_its_job_when_it_is_approved(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("resume", request="r1")
        await waits(of, "r1")
        reply = (await approve(of, "r1")).reply
        assert (reply.status, reply.code, reply.result["status"]) == ("done", "unchanged", "done")
        assert (await of.job("r1")).status == "done"


async def test_other_verbs_need_nobody_else(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        assert (await of.asker.ask("message", {"sessions": ["s1"], "text": "hello"})).reply.code != CODE


async def test_what_is_approved_can_be_read_and_checked_first(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        reply = (await of.asker.ask("terminate", {"sessions": ["s1"]}, request="r1", reason="stuck")).reply
        held = await read(of, "r1")
        assert verify(held.subject, held.headers, held.body, 0.0 + float(held.headers["Fxtop-Expires"]) - 1) == (
            OPERATOR.public_key
        )
        assert msgspec.json.decode(held.payload)["reason"] == "stuck"
        assert held.digest == digest(held.subject, held.headers, held.body) == reply.result["digest"]
        assert of.provider.done == []


async def test_the_same_key_can_not_agree_with_itself_under_any_name(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("drain", {}, request="r1")
        for name in ("ann", "bob"):
            reply = (await approve(of, "r1", Asker(of.bus, OPERATOR, name))).reply
            assert (reply.status, reply.code) == ("refused", "same_key")


async def test_the_same_person_can_not_agree_with_another_key(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("drain", {}, request="r1")
        for name in ("ann", "Ann", " ann".strip()):
            reply = (await approve(of, "r1", Asker(of.bus, BOB, name))).reply
            assert (reply.status, reply.code) == ("refused", "same_person")
        assert of.agent.placement.taking


async def test_two_keys_that_are_listed_for_one_person_are_one_person_under_any_name(tmp_path: Path) -> None:
    both = Trust(LISTED.keys, {OPERATOR.public_key: "Ann Other", BOB.public_key: "ann other"})
    async with running(node(tmp_path, trust=both)) as of:
        await of.asker.ask("drain", {}, request="r1")
        assert (await bob(of).ask("approve", {"request": "r1"}, dry_run=True)).reply.code == "same_person"
        of.agent.relist(Trust(LISTED.keys, {BOB.public_key: "bob"}))
        assert (await approve(of, "r1", Asker(of.bus, BOB, "carl"))).reply.status == "done"


async def test_who_is_listed_for_a_name_can_not_agree_to_what_that_name_asked_for(tmp_path: Path) -> None:
    async with running(node(tmp_path, trust=Trust(LISTED.keys, {BOB.public_key: "ann"}))) as of:
        await of.asker.ask("drain", {}, request="r1")
        assert (await bob(of).ask("approve", {"request": "r1"}, dry_run=True)).reply.code == "same_person"


async def test_keys_that_are_not_listed_or_may_not_can_not_agree(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("drain", {}, request="r1")
        assert (await approve(of, "r1", Asker(of.bus, STRANGER, "eve"))).reply.code == "unknown_key"
        assert (await approve(of, "r1", Asker(of.bus, HELPDESK, "hal"))).reply.code == "role"
        assert of.agent.placement.taking


async def test_only_what_was_read_can_be_approved(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("drain", {}, request="r1")
        for wrong in ("0" * 64, ""):
            reply = (await approve(of, "r1", digest=wrong)).reply
            assert (reply.status, reply.code) == ("refused", "digest")
        assert (await bob(of).ask("approve", {"request": "r2", "digest": "x"})).reply.code == "not_waiting"
        assert of.agent.placement.taking


async def test_what_is_approved_is_approved_once(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("terminate", {"sessions": ["s1"]}, request="r1")
        held = await read(of, "r1")
        args = {"request": "r1", "digest": held.digest}
        first, second = await asyncio.gather(bob(of).ask("approve", args), bob(of).ask("approve", args))
        assert sorted([first.reply.code, second.reply.code]) == ["", "not_waiting"]
        await of.job("r1")
        assert len(of.provider.done) == 1


async def test_a_request_that_is_sent_again_still_waits_and_is_answered_alike(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        subject, payload = "fxtop.test.ctl.node.viz01%2Eexample%2Eedu.drain", b'{"v":1,"reason":"x","args":{}}'
        headers = of.asker.headers(subject, payload, "r1")
        answers = [await of.bus.request(subject, payload, headers) for _ in range(2)]
        assert answers[0].payload == answers[1].payload
        assert of.agent.placement.taking


async def test_its_sender_takes_it_back(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("drain", {}, request="r1")
        assert (await of.asker.ask("withdraw", {"request": "r1"}, reason="wrong node")).reply.status == "done"
        end = await of.job("r1")
        assert end.dropped is not None
        assert (end.status, end.dropped.code) == ("failed", "withdrawn")
        assert end.dropped.detail == "Nothing was done: ann withdrew it: wrong node"
        assert (await bob(of).ask("approve", {"request": "r1", "digest": "x"})).reply.code == "not_waiting"
        assert of.agent.placement.taking


async def test_a_helpdesk_may_take_back_its_own_and_nobody_elses(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        desk = Asker(of.bus, HELPDESK, "hal")
        await of.asker.ask("drain", {}, request="r1")
        assert (await desk.ask("withdraw", {"request": "r1"})).reply.code == "role"
        await desk.ask("terminate", {"sessions": ["s1"]}, request="r2")
        assert (await desk.ask("withdraw", {"request": "r2"})).reply.status == "done"


async def test_somebody_who_might_agree_turns_it_down(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("drain", {}, request="r1")
        await bob(of).ask("withdraw", {"request": "r1"}, reason="not today")
        end = await of.job("r1")
        assert end.dropped is not None
        assert (end.dropped.code, end.dropped.detail) == ("declined", "Nothing was done: bob turned it down: not today")
        entries = [each for each in Journal(of.config.journal_file).read().entries if each.request == "r1"]
        assert (entries[-1].state, entries[-1].code) == ("refused", "declined")


async def test_its_time_runs_out(tmp_path: Path) -> None:
    async with running(node(tmp_path, guardrails=Guardrails(TWO.rules, approve_within=0.15))) as of:
        await of.asker.ask("drain", {}, request="r1")
        end = await of.job("r1")
        assert end.dropped is not None
        assert end.dropped.code == "unapproved"
        assert (await bob(of).ask("approve", {"request": "r1", "digest": "x"})).reply.code == "not_waiting"
        assert of.agent.placement.taking


async def test_it_waits_across_a_restart_of_the_agent(tmp_path: Path) -> None:
    before = node(tmp_path)
    async with running(before, bye=False) as of:
        await of.asker.ask("terminate", {"sessions": ["s1"]}, request="r1")
        await waits(of, "r1")
        held = await read(of, "r1")
    async with running(node(tmp_path, hub=before.hub, provider=before.provider)) as of:
        assert before.provider.done == []
        await waits(of, "r1")
        assert await read(of, "r1") == held
        assert (await approve(of, "r1")).reply.status == "done"
        assert (await of.job("r1")).status == "done"
        assert len(before.provider.done) == 1


async def test_what_was_approved_before_a_restart_is_not_begun_again(tmp_path: Path) -> None:
    before = node(tmp_path)
    before.provider.hold.clear()
    async with running(before, bye=False) as of:
        await of.asker.ask("terminate", {"sessions": ["s1"]}, request="r1")
        await approve(of, "r1")
        async with of.hub.news:
            await of.hub.news.wait_for(lambda: bool(of.provider.done))
    before.provider.hold.set()
    async with running(node(tmp_path, hub=before.hub, provider=before.provider)) as of:
        assert (await of.job("r1")).status == "failed"
        assert len(of.provider.done) == 1


async def test_after_its_time_a_restart_drops_it(tmp_path: Path) -> None:
    short = Guardrails(TWO.rules, approve_within=0.1)
    before = node(tmp_path, guardrails=short)
    async with running(before, bye=False) as of:
        await of.asker.ask("drain", {}, request="r1")
    await asyncio.sleep(0.1)
    async with running(node(tmp_path, hub=before.hub, guardrails=short)) as of:
        end = await of.job("r1")
        assert end.dropped is not None
        assert end.dropped.code == "unapproved"


async def test_a_key_that_was_revoked_meanwhile_is_not_acted_for(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("drain", {}, request="r1")
        held = await read(of, "r1")
        of.agent.relist(Trust({BOB.public_key: Role.OPERATOR}))
        reply = (await bob(of).ask("approve", {"request": "r1", "digest": held.digest})).reply
        assert (reply.status, reply.code) == ("refused", "unknown_key")
        assert of.agent.placement.taking


async def test_a_deadline_that_passed_meanwhile_ends_nobodys_session(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        args = {"then": "terminate", "deadline": of.clock.now() + 0.05}
        await of.asker.ask("drain", args, request="r1")
        held = await read(of, "r1")
        await asyncio.sleep(0.05)
        reply = (await bob(of).ask("approve", {"request": "r1", "digest": held.digest})).reply
        assert (reply.status, reply.code) == ("refused", "deadline")
        assert of.agent.placement.taking


async def test_a_request_that_asks_for_a_second_person_waits_without_a_rule(tmp_path: Path) -> None:
    async with running(node(tmp_path, guardrails=Guardrails())) as of:
        assert (await of.asker.ask("drain", {}, second=True)).reply.code == CODE
        assert of.agent.placement.taking


async def test_a_dry_run_says_that_it_would_wait(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        reply = (await of.asker.ask("terminate", {"sessions": ["s1"]}, dry_run=True)).reply
        assert (reply.status, reply.result[CODE], reply.result["sessions"]) == ("done", WORDS, ["s1"])


async def test_every_decision_is_on_record(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("terminate", {"sessions": ["s1"]}, request="r1")
        await approve(of, "r1", Asker(of.bus, OPERATOR, "ann"))
        await approve(of, "r1")
        await of.job("r1")
        entries = Journal(of.config.journal_file).read().entries
        told = [(each.verb, each.operator, each.state, each.code) for each in entries if not each.dry_run]
        assert told[0] == ("terminate", "ann", "accepted", "")
        assert ("approve", "ann", "refused", "same_key") in told
        assert ("approve", "bob", "accepted", "") in told
        assert ("terminate", "ann", "done", "") in told


async def test_a_rule_may_fit_some_users_only(tmp_path: Path) -> None:
    some = Guardrails((Rule(words=WORDS, users=Globs(["ann"]), second_person=True),))
    async with running(node(tmp_path, guardrails=some)) as of:
        assert (await of.asker.ask("terminate", {"sessions": ["s2"]})).reply.code == ""
        assert (await of.asker.ask("terminate", {"sessions": ["s1"]})).reply.code == CODE


async def test_who_joins_later_is_told_what_waits(tmp_path: Path) -> None:
    async with running(node(tmp_path)) as of:
        await of.asker.ask("drain", {}, request="r1", reason="fan")
        await waits(of, "r1")
        console = MemoryBus(of.hub, of.clock, CLUSTER)
        await console.start()
        await console.sync(0.0)
        store = Store(CLUSTER, of.clock)
        async with asyncio.timeout(5):
            while RequestId("r1") not in store.jobs:
                await console.wait_activity(0.1)
                store.fold(console.take())
        job = store.jobs[RequestId("r1")]
        assert (job.operator, job.reason, job.verb, job.keeper) == ("ann", "fan", "drain", NODE)
