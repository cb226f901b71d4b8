"""What the site's rules do to plans, from planning to sending, and the time to stop a large one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fxtop.actions.announcing import EVERY, others
from fxtop.actions.arming import Arming
from fxtop.actions.guardrails.globs import Globs
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.guardrails.quiet import QuietHours, read_windows
from fxtop.actions.guardrails.rule import Rule, TicketForm
from fxtop.actions.journal import Journal, Kind
from fxtop.actions.model import Intent, Plan, Refused
from fxtop.actions.operator import Operator
from fxtop.actions.plan import with_words
from fxtop.actions.window import CancelWindow
from fxtop.clock import utc
from fxtop.cluster.records import JobState
from fxtop.config.zones import zone
from fxtop.protocol.consent import IntentNotice
from fxtop.protocol.decode import decode
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.protocol.signing import NkeySigner, new_seed
from tests.unit.actions.fake_bus import FakeBus, answering
from tests.unit.actions.site import Site, key

WORDS = "Ask the lab first."
SEED = new_seed()


class Desk:
    """An operator under rules, with twelve nodes."""

    def __init__(self, folder: Path, *rules: Rule, cancel_seconds: float = 0.0) -> None:
        self.site = Site()
        for number in range(1, 13):
            self.site.node(f"viz{number:02}")
        self.bus = FakeBus()
        self.arming = Arming(self.site.clock)
        self.arming.arm()
        self.journal = Journal(folder / "journal.jsonl")
        self.operator = Operator(
            self.bus,
            self.site.store,
            self.site.clock,
            self.arming,
            self.journal,
            NkeySigner(SEED),
            "ann",
            rules=Guardrails(rules),
            cancel_seconds=cancel_seconds,
        )

    async def plan(self, verb: Any = "drain", *targets: str, **fields: Any) -> Plan:
        nodes = tuple(NodeId(name) for name in targets if "/" not in name)
        sessions = tuple(key(name) for name in targets if "/" in name)
        return await self.operator.prepare(Intent(verb, nodes=nodes, sessions=sessions, reason="fan", **fields))

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.journal.read().entries]

    def twelve(self) -> list[str]:
        return [f"viz{number:02}" for number in range(1, 13)]


def rule(**fields: Any) -> Rule:
    return Rule(words=WORDS, **fields)


async def test_what_a_rule_forbids_is_refused_with_its_words_and_is_on_record(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule(nodes=Globs(["viz01"]), deny=True))
    with pytest.raises(Refused) as refused:
        await desk.plan("drain", "viz01", "viz02")
    assert refused.value.code == "deny"
    assert refused.value.sentence == f"A rule denies the drain of viz01. {WORDS}"
    assert desk.kinds == [Kind.INTENT, Kind.REFUSED]
    await desk.plan("drain", "viz02")


async def test_whose_sessions_are_touched_is_judged(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule(users=Globs(["prof-*"]), protect=True))
    desk.site.session("viz01/a", "prof-x")
    desk.site.session("viz02/b", "ann")
    await desk.plan("drain", "viz01")
    await desk.plan("terminate", "viz02/b")
    for refused in (
        desk.plan("terminate", "viz01/a", "viz02/b"),
        desk.plan("drain", "viz01", then="terminate"),
        desk.plan("message", "viz01", text="hello"),
    ):
        with pytest.raises(Refused, match="viz01/a of prof-x"):
            await refused


async def test_so_many_launchers_have_to_remain(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule(min_launchers=10))
    assert (await desk.plan("drain", "viz01", "viz02")).rules[
        0
    ].demand == "At least 10 nodes must still take new sessions."
    with pytest.raises(Refused, match="9 nodes that are known to take new sessions would be left, and a rule wants 10"):
        await desk.plan("drain", "viz01", "viz02", "viz03")
    desk.site.node("viz12", state="draining")
    with pytest.raises(Refused, match="9 nodes"):
        await desk.plan("drain", "viz01", "viz02")


async def test_a_plan_shows_what_is_demanded_and_a_ticket_may_come_later(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule(ticket=TicketForm("INC-[0-9]+"), cap=5, second_person=True))
    made = await desk.plan("drain", "viz01")
    assert [note.words for note in made.rules] == [WORDS] * 3
    assert made.second_person
    assert desk.operator.lacking(made) == f"A ticket of the form INC-[0-9]+ is needed, and none was named. {WORDS}"
    with pytest.raises(Refused, match="Nothing was sent: A ticket of the form"):
        await desk.operator.commit(made)
    good = with_words(made, "fan", "INC-7")
    assert desk.operator.lacking(good) is None
    await desk.operator.commit(good)
    assert [left.request.second for left in desk.bus.left] == [True]


async def test_a_rule_may_want_the_name_or_the_number_typed(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule(typed=True))
    one, two = await desk.plan("drain", "viz01"), await desk.plan("drain", "viz01", "viz02")
    assert (one.confirmation.expect, two.confirmation.expect, two.confirmation.why) == ("viz01", "2", WORDS)
    with pytest.raises(Refused, match="type viz01"):
        await desk.operator.commit(one)
    await desk.operator.commit(one, "viz01")


async def test_what_must_be_typed_anyway_stays(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule(typed=True))
    made = await desk.plan("drain", *desk.twelve()[:11])
    assert made.confirmation.expect == "11"
    assert made.confirmation.why.endswith(WORDS)


async def test_a_quiet_hour_that_began_while_the_plan_was_read_counts(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    begins = utc(desk.site.clock.now() + 60)
    ends = utc(desk.site.clock.now() + 7260)
    hours = QuietHours(read_windows([f"daily {begins:%H:%M}-{ends:%H:%M}"]), zone("UTC"), "UTC")
    desk = Desk(tmp_path, rule(quiet=hours))
    made = await desk.plan("drain", "viz01")
    assert made.rules[0].demand.startswith("Not in quiet hours")
    desk.site.clock.pass_time(61)
    with pytest.raises(Refused) as refused:
        await desk.operator.commit(made)
    assert refused.value.code == "quiet"
    assert desk.bus.left == []


# The time to stop a large action


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # what is waited for tells nobody
            await asyncio.sleep(0)


async def begun(desk: Desk) -> tuple[asyncio.Task[Any], CancelWindow]:
    """The sending of eleven drains, in the time in which it can be stopped."""
    made = await desk.plan("drain", *desk.twelve()[:11])
    left: list[float] = []
    window = desk.operator.cancel_window(made, left.append)
    sending = asyncio.create_task(desk.operator.commit(made, "11", window))
    await until(lambda: bool(left))
    return sending, window


async def test_nothing_is_sent_before_the_time_to_stop_it_is_over(tmp_path: Path) -> None:
    desk = Desk(tmp_path, cancel_seconds=5)
    made = await desk.plan("drain", *desk.twelve()[:11])
    left: list[float] = []
    sending = asyncio.create_task(desk.operator.commit(made, "11", desk.operator.cancel_window(made, left.append)))
    await until(lambda: bool(left))
    assert (left[0], desk.bus.left, desk.kinds[-1]) == (5.0, [], Kind.HELD)
    desk.site.clock.pass_time(4.9)
    await until(lambda: left[-1] < 1)
    assert desk.bus.left == []
    desk.site.clock.pass_time(0.2)
    await sending
    assert len(desk.bus.left) == 11


async def test_what_is_stopped_in_time_is_not_sent_and_is_on_record(tmp_path: Path) -> None:
    desk = Desk(tmp_path, cancel_seconds=5)
    sending, window = await begun(desk)
    window.cancel("ann pressed Esc")
    with pytest.raises(Refused) as refused:
        await sending
    assert (refused.value.code, refused.value.sentence) == ("cancelled", "Nothing was sent: ann pressed Esc.")
    assert (desk.bus.left, desk.kinds[-1]) == ([], Kind.REFUSED)


async def test_who_ends_the_program_in_that_time_has_sent_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, cancel_seconds=5)
    sending, _ = await begun(desk)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    assert (desk.bus.left, desk.journal.read().entries[-1].code) == ([], "cancelled")


async def test_who_disarms_in_that_time_has_sent_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, cancel_seconds=5)
    sending, _ = await begun(desk)
    desk.arming.disarm("disarmed by hand")
    desk.site.clock.pass_time(6)
    with pytest.raises(Refused, match="disarmed by hand"):
        await sending
    assert desk.bus.left == []


async def test_exactly_as_many_as_may_go_at_once_go_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, cancel_seconds=5)
    await desk.operator.commit(await desk.plan("drain", *desk.twelve()[:10]))
    assert len(desk.bus.left) == 10


async def test_a_wrong_number_is_told_before_the_waiting_and_not_after_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path, cancel_seconds=5)
    with pytest.raises(Refused, match="type 11"):
        await desk.operator.commit(await desk.plan("drain", *desk.twelve()[:11]), "12")
    assert Kind.HELD not in desk.kinds


async def test_too_late_a_stop_stops_nothing(tmp_path: Path) -> None:
    window = CancelWindow(0.0, Site().clock)
    await window.pass_by()
    window.cancel("too late")


# Others see it, and are seen


def said(desk: Desk) -> list[IntentNotice]:
    notices = [decode(left.subject, left.payload).message for left in desk.bus.said]
    return [notice for notice in notices if isinstance(notice, IntentNotice)]


async def test_a_plan_is_announced_while_it_is_read_and_taken_back_after_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.operator.announced(await desk.plan("drain", "viz01", "viz02")):
        await until(lambda: bool(said(desk)))
        desk.site.clock.pass_time(EVERY)
        await until(lambda: len(said(desk)) == 2)
    assert [(each.operator, each.verb, each.nodes, each.ttl > 0) for each in said(desk)] == [
        ("ann", "drain", ["viz01", "viz02"], True),
        ("ann", "drain", ["viz01", "viz02"], True),
        ("ann", "drain", ["viz01", "viz02"], False),
    ]
    assert len({each.id for each in said(desk)}) == 1


async def test_nothing_is_announced_while_control_is_disarmed_or_the_bus_is_away(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    made = await desk.plan("drain", "viz01")
    looks: list[int] = []
    desk.arming.disarm("by hand")
    async with desk.operator.announced(made, lambda: looks.append(1)):
        await until(lambda: bool(looks))
    desk.arming.arm()
    desk.bus.fall()
    async with desk.operator.announced(made, lambda: looks.append(1)):
        await until(lambda: len(looks) > 1)
    assert desk.bus.said == []


async def test_who_turns_up_is_answered_at_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    async with desk.operator.announced(await desk.plan("drain", "viz01")):
        await until(lambda: len(said(desk)) == 1)
        desk.site.tell("intent", "b", id="b", operator="bob", verb="drain", nodes=["viz01"], ttl=20.0)
        await until(lambda: len(said(desk)) == 2)


async def test_others_are_told_of_with_what_they_do_and_for_how_long(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    made = await desk.plan("drain", "viz01", "viz02")
    desk.site.tell("intent", "b", id="b", operator="bob", verb="terminate", nodes=["viz02"], sessions=3, ttl=20.0)
    desk.site.clock.pass_time(12)
    assert others(made, desk.site.store) == (
        "bob is about to terminate viz02 (3 sessions), for 12 seconds now (unproven).",
    )
    desk.site.store.fold([desk.site.progress("r9", "viz01", "drain", "running")])
    assert others(made, desk.site.store)[-1] == "Somebody asked meanwhile for the drain of viz01."


async def test_ones_own_requests_are_not_held_for_a_second_person_unless_a_rule_wants_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.bus.respond = answering("done")
    await desk.operator.commit(await desk.plan("drain", "viz01"))
    assert not desk.bus.left[0].request.second


async def test_a_request_that_waits_for_a_second_person_is_not_given_up_before_its_time(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    (request,) = (await desk.operator.commit(await desk.plan("drain", "viz01"))).requests
    told = desk.site.progress(request, "viz01", "drain", "running")
    until = desk.site.clock.now() + 600
    waiting = {**msgspec.json.decode(told.payload), "waits": {"until": until}}
    desk.site.store.fold([msgspec.structs.replace(told, payload=msgspec.json.encode(waiting))])
    job = desk.site.store.jobs[RequestId(request)]
    desk.site.pass_time(599)
    desk.operator.advance()
    assert not job.state.ended
    desk.site.pass_time(2)
    desk.operator.advance()
    assert job.state is JobState.UNKNOWN
