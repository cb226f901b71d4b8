"""The site's rules, a second person, the time to stop, and the others at it: as the console shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from fxtop.actions.guardrails.globs import Globs
from fxtop.actions.guardrails.rule import Rule, TicketForm
from fxtop.bus.port import Answer
from fxtop.protocol import subjects
from fxtop.protocol.consent import Held
from fxtop.protocol.control import Request
from fxtop.protocol.ids import RequestId
from fxtop.protocol.signing import NkeySigner, new_seed, sign
from fxtop.ui.chrome.event_line import EventLine
from fxtop.ui.screens.approve_dialog import ApproveDialog
from fxtop.ui.screens.countdown import CountdownScreen
from fxtop.ui.screens.plan_dialog import PlanDialog
from tests.ui.consolekit import Harness
from tests.unit.actions.fake_bus import Left, reply
from tests.unit.actions.site import CLUSTER

WORDS = "Ask the lab first."
SIZES = [(120, 40), (80, 24)]
BOB = NkeySigner(new_seed())
R1 = RequestId("r1")


@asynccontextmanager
async def console(
    tmp_path: Path, size: tuple[int, int] = (120, 40), **options: Any
) -> AsyncIterator[tuple[Harness, Pilot[Any]]]:
    harness = Harness(tmp_path, **options)
    for number in range(1, 13):
        harness.site.node(f"viz{number:02}")
        harness.site.session(f"viz{number:02}/s{number}", "ann")
    async with harness.app.run_test(size=size) as pilot:
        await tick(harness, pilot)
        yield harness, pilot


async def tick(harness: Harness, pilot: Pilot[Any], seconds: float = 0.0) -> None:
    harness.site.clock.pass_time(seconds)
    harness.tick()
    await pilot.pause()


def on_top(harness: Harness) -> Screen[Any]:
    return harness.app.screen


def said(harness: Harness) -> str:
    return str(harness.main.query_one(EventLine).text)


def text(harness: Harness, selector: str) -> str:
    return str(harness.app.screen.query_one(selector, Static).content)


async def until_sent(harness: Harness, pilot: Pilot[Any], count: int) -> None:
    for _ in range(100):
        if len(harness.bus.left) >= count:
            return
        await pilot.pause(0.02)
    raise AssertionError(f"{len(harness.bus.left)} of {count} requests were sent")


async def test_what_a_rule_forbids_is_told_in_its_own_words(tmp_path: Path) -> None:
    rule = Rule(words=WORDS, nodes=Globs(["viz01"]), protect=True)
    async with console(tmp_path, rules=[rule]) as (harness, pilot):
        await pilot.press("W", "D")
        await pilot.pause()
        assert f"A rule protects viz01. {WORDS}" in said(harness)
        assert harness.app.screen is harness.main


@pytest.mark.parametrize("size", SIZES)
async def test_a_plan_shows_what_the_rules_demand_and_asks_for_the_ticket(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    rule = Rule(words=WORDS, ticket=TicketForm("INC-[0-9]+"), second_person=True)
    async with console(tmp_path, size, rules=[rule]) as (harness, pilot):
        await pilot.press("W", "D")
        await pilot.pause()
        dialog = harness.app.screen
        assert isinstance(dialog, PlanDialog)
        assert f"It needs a ticket of the form INC-[0-9]+. {WORDS}" in text(harness, "#plan-text")
        assert "second person" in text(harness, "#plan-text")
        assert text(harness, "#plan-text").index(WORDS) < text(harness, "#plan-text").index("Will be sent")
        await pilot.press(*"fan", "enter")
        assert harness.app.screen is dialog
        assert "A ticket of the form INC-[0-9]+ is needed" in text(harness, "#plan-error")
        inside = dialog.query_one(".dialog").content_region
        for part in ("#field-ticket", "#plan-error", "#plan-foot"):
            assert inside.contains_region(dialog.query_one(part).region), part
        await pilot.press(*"INC-7", "enter")
        await until_sent(harness, pilot, 1)
        assert (harness.bus.left[0].request.ticket, harness.bus.left[0].request.second) == ("INC-7", True)
        await pilot.pause()
        assert "waits for a second person" in said(harness)


@pytest.mark.parametrize("size", SIZES)
async def test_many_targets_can_be_stopped_and_then_nothing_was_sent(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, size, cancel_seconds=5) as (harness, pilot):
        await pilot.press("W", "a", "D")
        await pilot.pause()
        await pilot.press(*"fan", "enter", *"12", "enter")
        await pilot.pause()
        screen = harness.app.screen
        assert isinstance(screen, CountdownScreen)
        assert text(harness, "#countdown-left").startswith("It is sent in 5 s")
        assert screen.region.contains_region(screen.query_one(".dialog").region)
        await pilot.press("escape")
        await pilot.pause(0.05)
        assert harness.bus.left == []
        assert on_top(harness) is harness.main
        assert "Nothing was sent: ann stopped it within its 5 s." in said(harness)


async def test_many_targets_are_sent_when_the_time_to_stop_is_over(tmp_path: Path) -> None:
    async with console(tmp_path, cancel_seconds=5) as (harness, pilot):
        await pilot.press("W", "a", "D")
        await pilot.pause()
        await pilot.press(*"fan", "enter", *"12", "enter")
        await pilot.pause()
        await pilot.press("enter", "space", "D")
        assert isinstance(harness.app.screen, CountdownScreen)
        assert harness.bus.left == []
        harness.site.clock.pass_time(5.1)
        await until_sent(harness, pilot, 12)
        await pilot.pause()
        assert on_top(harness) is harness.main


async def test_few_targets_go_at_once(tmp_path: Path) -> None:
    async with console(tmp_path, cancel_seconds=5) as (harness, pilot):
        await pilot.press("W", "D")
        await pilot.pause()
        await pilot.press(*"fan", "enter")
        await until_sent(harness, pilot, 1)


@pytest.mark.parametrize("size", SIZES)
async def test_who_else_is_at_it_is_seen_while_the_plan_is_read(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, size) as (harness, pilot):
        await pilot.press("W", "D")
        await pilot.pause()
        assert text(harness, "#plan-others") == ""
        harness.site.tell("intent", "b", id="b", operator="bob", verb="drain", nodes=["viz01"], ttl=20.0)
        await tick(harness, pilot, 12)
        assert text(harness, "#plan-others") == "bob is about to drain viz01, for 12 seconds now (unproven)."
        inside = harness.app.screen.query_one(".dialog").content_region
        for part in ("#plan-others", "#field-reason", "#plan-foot"):
            assert inside.contains_region(harness.app.screen.query_one(part).region), part
        await tick(harness, pilot, 10)
        assert text(harness, "#plan-others") == ""


async def test_others_are_told_while_the_plan_is_read_and_when_it_is_left(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W", "D")
        while not any(".intent." in left.subject for left in harness.bus.said):
            await pilot.pause(0.01)
        await pilot.press("escape")
        await pilot.pause()
        notices = [msgspec.json.decode(left.payload) for left in harness.bus.said if ".intent." in left.subject]
        assert [(each["operator"], each["nodes"], each["ttl"] > 0) for each in notices] == [
            ("ann", ["viz01"], True),
            ("ann", ["viz01"], False),
        ]


async def test_a_read_only_console_announces_nothing(tmp_path: Path) -> None:
    async with console(tmp_path, read_only=True) as (harness, pilot):
        await pilot.press("W", "D")
        await pilot.pause(0.05)
        assert harness.bus.said == []


# The second person


def waits(harness: Harness) -> None:
    """Bob's drain of viz02 waits on its agent, which shows it to whoever asks."""
    payload = msgspec.json.encode(Request(v=1, reason="fan", args=msgspec.Raw(b'{"then":"wait"}')))
    subject = subjects.build(CLUSTER, "ctl.node", "viz02", "drain")
    headers = sign(BOB, subject=subject, request=R1, operator="bob", expires=1.0, payload=payload)
    until = harness.site.clock.now() + 900
    held = Held(subject=subject, headers=headers, payload=payload.decode(), until=until, rule=WORDS)

    async def answer(left: Left) -> Answer:
        return reply(left, "done", **(msgspec.to_builtins(held) if left.request.dry_run else {}))

    harness.bus.respond = answer
    told = harness.site.progress(R1, "viz02", "drain", "running")
    waiting = {**msgspec.json.decode(told.payload), "waits": {"until": until, "rule": WORDS, "operator": "bob"}}
    harness.site.store.fold([msgspec.structs.replace(told, payload=msgspec.json.encode(waiting))])


@pytest.mark.parametrize("size", SIZES)
async def test_what_waits_is_read_and_approved_in_the_jobs(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, size) as (harness, pilot):
        waits(harness)
        await pilot.press("W", "5")
        await tick(harness, pilot)
        job = harness.site.store.jobs[R1]
        cells = {
            c.id: c.cell(job, harness.site.store, harness.main.fx.look()).text for c in harness.main.active.spec.columns
        }
        assert cells["state"].endswith("waiting")
        assert cells["progress"].startswith("until ")
        assert cells["detail"].startswith("waits for a second person until ")
        await pilot.press("A")
        await pilot.pause(0.05)
        screen = harness.app.screen
        assert isinstance(screen, ApproveDialog)
        for words in ("bob asks to drain viz02", "reason: fan", BOB.public_key, f"rule: {WORDS}"):
            assert words in text(harness, "#consent-text")
        assert screen.region.contains_region(screen.query_one(".dialog").region)
        assert [left.request.dry_run for left in harness.bus.left] == [True]
        await pilot.press("enter")
        await until_sent(harness, pilot, 2)
        left = harness.bus.left[-1]
        assert (left.target, left.verb, left.args["request"], len(left.args["digest"])) == (
            "viz02",
            "approve",
            "r1",
            64,
        )
        await pilot.pause()
        assert "You approved the drain of viz02 for bob." in said(harness)


async def test_what_waits_is_turned_down_or_left(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        waits(harness)
        await pilot.press("W", "5")
        await tick(harness, pilot)
        await pilot.press("A")
        await pilot.pause(0.05)
        await pilot.press("escape")
        await pilot.pause()
        assert len(harness.bus.left) == 1
        await pilot.press("A")
        await pilot.pause(0.05)
        await pilot.press("x")
        await until_sent(harness, pilot, 3)
        assert harness.bus.left[-1].verb == "withdraw"


async def test_ones_own_is_taken_back(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        waits(harness)
        await pilot.press("W", "5")
        await tick(harness, pilot)
        await pilot.press("K")
        await until_sent(harness, pilot, 1)
        assert harness.bus.left[-1].verb == "withdraw"


async def test_nothing_is_approved_while_disarmed(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        waits(harness)
        await pilot.press("5")
        await tick(harness, pilot)
        await pilot.press("A")
        await pilot.pause()
        assert "disarmed" in said(harness)
        assert harness.bus.left == []


async def test_a_job_that_does_not_wait_is_said_not_to(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W", "5")
        await tick(harness, pilot)
        await pilot.press("A")
        await pilot.pause()
        assert "Go to the jobs (5) and choose the one that waits." in said(harness)
