"""The console as a person meets it: keys in, lines out, over a bus in memory and a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from fxtop.bus.port import Answer, BusPhase, NoAnswer
from fxtop.cluster.records import JobState
from fxtop.ui.chrome.line import Line
from fxtop.ui.chrome.prompt import Prompt
from fxtop.ui.screens.help import HelpScreen
from fxtop.ui.screens.plan_dialog import PlanDialog
from fxtop.ui.widgets.banner import Banner
from tests.ui.consolekit import Harness
from tests.unit.actions.fake_bus import Left, answering, failing, reply

NODES = 12


@asynccontextmanager
async def console(
    tmp_path: Path, size: tuple[int, int] = (120, 40), **options: Any
) -> AsyncIterator[tuple[Harness, Pilot[int]]]:
    """A console that shows twelve nodes with a session each."""
    harness = Harness(tmp_path, **options)
    for number in range(1, NODES + 1):
        harness.site.node(f"viz{number:02d}", running=number % 3)
        harness.site.session(f"viz{number:02d}/s{number}", user="ann" if number % 2 else "bob")
    async with harness.app.run_test(size=size) as pilot:
        await tick(harness, pilot)
        yield harness, pilot


async def tick(harness: Harness, pilot: Pilot[int], seconds: float = 0.5) -> None:
    """Time passes, and the console takes in what came."""
    harness.site.clock.pass_time(seconds)
    harness.tick()
    await pilot.pause()


def line(harness: Harness, id_: str) -> str:
    """The text of one of the lines around the panes."""
    return harness.main.query_one(f"#{id_}", Line).text


def shown(harness: Harness) -> set[str]:
    """The panes on screen."""
    return {pane.spec.id for pane in harness.main.panes.values() if pane.display}


async def test_all_four_panes_stand_together_from_120x40_up(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, _):
        assert shown(harness) == {"nodes", "transporters", "sessions", "licenses"}


@pytest.mark.parametrize("size", [(80, 24), (119, 40), (120, 39)])
async def test_below_120x40_one_pane_stands_with_a_summary_of_the_rest(tmp_path: Path, size: tuple[int, int]) -> None:
    async with console(tmp_path, size) as (harness, pilot):
        assert shown(harness) == {"nodes"}
        assert "3 Sessions" in line(harness, "strip")
        assert f"sessions {NODES}" in line(harness, "summary")
        await pilot.press("3")
        assert shown(harness) == {"sessions"}


async def test_a_tiny_terminal_is_told_what_it_takes(tmp_path: Path) -> None:
    async with console(tmp_path, (20, 5)) as (harness, pilot):
        assert harness.main.has_class("-too-small")
        await pilot.resize_terminal(120, 40)
        await pilot.pause()
        assert not harness.main.has_class("-too-small")


async def test_zoom_gives_a_pane_the_room_and_esc_gives_it_back(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("z")
        assert shown(harness) == {"nodes"}
        await pilot.press("escape")
        assert len(shown(harness)) == 4


async def test_a_filter_works_while_it_is_typed_and_esc_takes_it_back(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("3", "slash", *"user:ann")
        await pilot.pause()
        sessions = harness.main.panes["sessions"]
        assert len(sessions.view.ids) == NODES // 2
        await pilot.press("enter", "escape")
        assert len(sessions.view.ids) == NODES


def _type(harness: Harness, *keys: str) -> None:
    """All at once, as they come from a paste or a slow line."""
    characters = {"slash": "/", "space": " ", "enter": "\r"}
    for key in keys:
        harness.app.post_message(Key(key, characters.get(key, key)))


@pytest.mark.parametrize(("line_", "text"), [("viz01", "viz01"), ("cpuu>1", "cpuu>13")])
async def test_keys_typed_behind_enter_are_for_the_panes_unless_the_prompt_stays(
    tmp_path: Path, line_: str, text: str
) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("slash", *line_)
        field = harness.main.query_one(Input)
        _type(harness, "enter", "3")
        for _ in range(4):  # the prompt, the screen, the app, the screen
            await pilot.pause()
        assert field.value == text
        assert harness.main.active.spec.id == ("sessions" if line_ == text else "nodes")


@pytest.mark.parametrize("turns", range(10))
async def test_what_is_typed_while_the_prompt_opens_arrives_in_its_order(tmp_path: Path, turns: int) -> None:
    async with console(tmp_path) as (harness, pilot):
        _type(harness, "slash")
        for _ in range(turns):
            await asyncio.sleep(0)
        _type(harness, *"viz01")
        await asyncio.sleep(0)
        _type(harness, "space", *"state=active")
        await pilot.pause()
        assert harness.main.query_one(Input).value == "viz01 state=active"


@pytest.mark.parametrize("others", [(), ("question_mark",)], ids=["alone", "behind another"])
async def test_what_ends_the_console_waits_for_no_other_key(tmp_path: Path, others: tuple[str, ...]) -> None:
    async with console(tmp_path) as (harness, pilot):
        harness.app.hold(harness.main.active.table)
        _type(harness, *others, "ctrl+c")
        await pilot.pause()
        assert harness.app.screen is harness.main
        assert harness.app.return_value == 0


async def test_keys_wait_for_nobody_who_is_gone(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        gone = Static()
        await harness.main.mount(gone)
        harness.app.hold(gone)
        _type(harness, "3")
        await pilot.pause()
        assert harness.main.active.spec.id == "nodes"
        await gone.remove()
        _type(harness, "z")
        await pilot.pause()
        assert (harness.main.active.spec.id, harness.main.zoomed) == ("sessions", True)


async def test_a_burst_of_lines_is_read_line_by_line(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        _type(harness, "slash", *"viz", "enter", "3", "slash", *"bob", "enter", "1", "slash", *"02", "enter")
        for _ in range(30):
            await pilot.pause()
        assert harness.main.active.spec.id == "nodes"
        assert harness.main.active.filter_text == "viz02"
        assert harness.main.panes["sessions"].filter_text == "bob"


async def test_a_mistake_in_a_filter_is_shown_where_it_is_and_the_last_good_one_stays(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("slash", *"viz03", "space", *"cpuu>1")
        await pilot.pause()
        assert str(harness.main.active.view.filter) == "viz03 cpuu"
        assert "did you mean cpu?" in line(harness, "prompt-help")
        assert "^" in line(harness, "prompt-help")


@pytest.mark.parametrize(
    ("typed", "shown"), [("stat", "state:"), ("state:", "active"), ("cpuu>1", "^"), ("x: st", "^")]
)
async def test_what_a_filter_can_become_is_said_when_the_hand_rests_unless_that_would_not_mend_it(
    tmp_path: Path, typed: str, shown: str
) -> None:
    async with console(tmp_path) as (harness, pilot):
        harness.main.query_one(Prompt).open("filter")
        await pilot.press(*("space" if letter == " " else letter for letter in typed))
        await pilot.pause()
        harness.main.query_one(Prompt)._offer_late()
        assert shown in line(harness, "prompt-help")


async def test_of_a_burst_only_the_whole_is_judged(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        _type(harness, "slash", *"node:viz03")
        for _ in range(12):
            await pilot.pause()
        assert harness.main.active.filter_text == "node:viz03"
        assert "^" not in line(harness, "prompt-help")


async def test_what_a_filter_can_become_is_not_looked_for_once_it_is_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("slash", *"stat", "enter")
        await pilot.pause()
        prompt = harness.main.query_one(Prompt)
        monkeypatch.setattr(prompt, "_completer", lambda kind, text: pytest.fail(f"{kind} {text} was looked for"))
        prompt._offer_late()
        assert not prompt.is_open


async def test_the_command_line_completes_and_runs_commands(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("colon", *"sess", "tab", "space", *"user:bob", "enter")
        await pilot.pause()
        assert harness.main.active.spec.id == "sessions"
        assert harness.main.active.filter_text == "user:bob"


async def test_an_unknown_command_is_a_sentence_under_the_line(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("colon", *"drian", "enter")
        await pilot.pause()
        assert "Did you mean :drain?" in line(harness, "prompt-help")
        assert harness.main.query_one(Prompt).is_open


async def test_narrowing_to_a_node_leaves_only_its_sessions_and_esc_widens(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("down", "n")
        sessions = harness.main.panes["sessions"]
        assert [str(id_) for id_ in sessions.view.ids] == ["viz02/s2"]
        await pilot.press("escape")
        assert len(sessions.view.ids) == NODES


async def test_the_console_starts_read_only_and_says_how_to_arm_it(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        assert "READ-ONLY, W arms" in line(harness, "header")
        await pilot.press("D")
        await pilot.pause()
        assert not isinstance(harness.app.screen, PlanDialog)
        assert harness.bus.left == []


async def test_a_theme_that_cannot_be_used_is_explained_and_changes_nothing(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press(":", *"theme drak", "enter")
        await pilot.pause()
        assert line(harness, "event-line").startswith("There is no theme 'drak'. Did you mean 'dark'?")
        assert harness.app.theme == "dark"


async def test_arming_shows_a_countdown_and_ends_by_itself(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W")
        await tick(harness, pilot, 61)
        assert "ARMED 8:5" in line(harness, "header")
        await tick(harness, pilot, 600)
        assert "READ-ONLY" in line(harness, "header")


async def test_loss_of_the_bus_disarms_and_is_shouted_across_the_screen(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W")
        harness.bus.fall(error="The server went away.")
        await tick(harness, pilot)
        assert "READ-ONLY" in line(harness, "header")
        banner = harness.main.query_one(Banner)
        assert banner.display
        assert "BUS RECONNECTING" in banner.text
        assert "The server went away." in banner.text


async def test_while_the_bus_is_down_nothing_is_well_and_no_node_is_called_lost(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        harness.bus.fall(BusPhase.DOWN, "Nothing listens on mgr1:4222.")
        await tick(harness, pilot, 120)
        assert "1 critical" in line(harness, "header")
        assert [finding.kind for finding in harness.main.fx.findings] == ["bus-down"]


async def test_what_a_finding_rests_on_is_one_key_away(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        drain = {"by": "ann", "reason": "kernel", "since": 0.0, "deadline": harness.site.clock.now() - 120}
        harness.site.node("viz03", state="draining", drain=drain, running=1)
        await tick(harness, pilot)
        await pilot.press("6", "enter")
        await pilot.pause()
        text = str(harness.app.screen.query_one("#details-text", Static).render())
        assert "viz03 should have been drained 2 min ago; 1 session left" in text
        assert "viz03/s3" in text
        await pilot.press("escape", "n")
        assert harness.main.active.spec.id == "nodes"
        assert [str(id_) for id_ in harness.main.active.view.ids] == ["viz03"]


async def test_before_anything_was_heard_nothing_is_counted_and_nothing_is_well(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    async with harness.app.run_test(size=(120, 40)) as pilot:
        await tick(harness, pilot)
        assert "nothing heard yet" in line(harness, "header")
        assert line(harness, "summary") == "Nothing is known of the cluster yet."
        assert str(harness.main.panes["nodes"].border_title) == "1: Nodes"


async def test_the_cause_of_a_broken_bus_is_read_in_full_on_80_columns(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24)) as (harness, pilot):
        cause = (
            "mgr1:4222 refuses the token: it differs from the server's. Compare the file with authorization{} there."
        )
        harness.bus.fall(BusPhase.DOWN, cause)
        await tick(harness, pilot)
        banner = harness.main.query_one(Banner)
        assert banner.text.endswith(cause)
        assert banner.size.height * banner.size.width >= len(banner.text)


async def test_a_drain_asks_for_a_reason_and_sends_exactly_what_was_shown(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W", "down", "D")
        await pilot.pause()
        dialog = harness.app.screen
        assert isinstance(dialog, PlanDialog)
        assert [step.target for step in dialog.plan.steps] == ["viz02"]
        await pilot.press("enter")
        assert harness.app.screen is dialog
        harness.site.node("aaa")
        await tick(harness, pilot)
        await pilot.press(*"kernel", "enter")
        await pilot.pause()
        await pilot.pause()
        assert [(left.target, left.verb, left.request.reason) for left in harness.bus.left] == [
            ("viz02", "drain", "kernel")
        ]


async def test_over_ten_targets_the_number_must_be_typed(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W", "a", "D")
        await pilot.pause()
        await pilot.press(*"all of them", "enter", *"7", "enter")
        await pilot.pause()
        assert harness.bus.left == []
        await pilot.press("backspace", *str(NODES), "enter")
        await pilot.pause()
        await pilot.pause()
        assert len(harness.bus.left) == NODES


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 16)])
async def test_what_to_fill_in_and_what_enter_does_is_seen_on_every_screen(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with console(tmp_path, size) as (harness, pilot):
        await pilot.press("W", "a", "D")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        screen = harness.app.screen
        inside = screen.query_one(".dialog").content_region
        for part in ("#plan-scroll", "#field-reason", "#field-typed", "#plan-error", "#plan-foot"):
            region = screen.query_one(part).region
            assert region.height > 0, part
            assert inside.contains_region(region), part


async def test_a_failed_job_stays_until_it_is_dismissed(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        harness.bus.respond = answering("failed", "disk_full", "the state directory is full")
        await pilot.press("W", "D")
        await pilot.pause()
        await pilot.press(*"why", "enter")
        await pilot.pause()
        await tick(harness, pilot, 3600)
        await pilot.press("5")
        await tick(harness, pilot)
        assert len(harness.main.active.view.ids) == 1
        assert "1 job went wrong" in line(harness, "event-line")
        await pilot.press("X")
        await tick(harness, pilot)
        assert len(harness.main.active.view.ids) == 0


async def test_a_job_that_nobody_knows_the_end_of_is_asked_about_by_a_key(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        harness.bus.respond = failing(NoAnswer("nothing came"))
        await pilot.press("W", "D")
        await pilot.pause()
        await pilot.press(*"why", "enter")
        await pilot.pause()
        (job,) = harness.site.store.jobs.values()
        assert job.state is JobState.UNKNOWN

        async def remember(left: Left) -> Answer:
            first = {"v": 1, "request": job.id, "status": "refused", "code": "role"}
            return reply(left, "done", known=True, memory=900.0, reply=first)

        harness.bus.respond = remember
        await pilot.press("5")
        await tick(harness, pilot)
        await pilot.press("U")
        await pilot.pause()
        assert (job.state, job.code) == (JobState.REFUSED, "role")
        assert [left.verb for left in harness.bus.left if left.verb in ("drain", "recall")] == ["drain", "recall"]


async def test_turning_a_drain_into_an_ending_of_sessions_makes_the_plan_anew(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W", "down", "D")
        await pilot.pause()
        dialog = harness.app.screen
        assert isinstance(dialog, PlanDialog)
        await pilot.press("f2")
        await pilot.pause()
        assert dialog.plan.intent.then == "terminate"
        assert "viz02/s2" in [str(key) for key in dialog.plan.consequences.sessions]


async def test_a_deadline_is_planned_anew_before_it_is_sent(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W", "D")
        await pilot.pause()
        await pilot.press(*"why", "tab", "tab", *"30m", "enter")
        await pilot.pause()
        assert harness.bus.left == []
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert harness.bus.left[0].args["deadline"] == pytest.approx(harness.site.clock.now() + 1800)


async def test_esc_in_the_plan_sends_nothing(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W", "3", "T")
        await pilot.pause()
        await pilot.press(*"why", "escape")
        await pilot.pause()
        assert harness.bus.left == []


async def test_the_order_is_held_while_a_dialog_is_open(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W", "D")
        await pilot.pause()
        before = list(harness.main.panes["nodes"].view.ids)
        harness.site.node("aaa")
        await tick(harness, pilot)
        assert list(harness.main.panes["nodes"].view.ids) == before
        await pilot.press("escape")
        await tick(harness, pilot)
        assert harness.main.panes["nodes"].view.ids[0] == "aaa"


async def test_a_read_only_console_cannot_be_armed(tmp_path: Path) -> None:
    async with console(tmp_path, read_only=True) as (harness, pilot):
        await pilot.press("W")
        await pilot.pause()
        assert "can't be armed" in line(harness, "event-line")
        assert "READ-ONLY (fixed)" in line(harness, "header")


async def test_a_remapped_key_does_what_the_old_one_did(tmp_path: Path) -> None:
    async with console(tmp_path, keys={"pane.zoom": "ctrl+t"}) as (harness, pilot):
        await pilot.press("z")
        assert len(shown(harness)) == 4
        await pilot.press("ctrl+t")
        assert shown(harness) == {"nodes"}


async def test_help_lists_every_key_and_command(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(harness.app.screen, HelpScreen)
        text = harness.app.screen.text().plain
        assert all(e.help in text for e in harness.app.fx.entries)


async def test_the_theme_is_previewed_and_put_back(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("colon", *"theme", "enter")
        await pilot.pause()
        await pilot.press("down")
        await pilot.pause()
        assert harness.app.theme != "dark"
        await pilot.press("escape")
        await pilot.pause()
        assert harness.app.theme == "dark"


async def test_an_empty_pane_says_that_the_bus_is_down_and_since_when(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.bus.fall(BusPhase.DOWN)
    async with harness.app.run_test(size=(120, 40)) as pilot:
        await tick(harness, pilot)
        assert "no connection to the bus since" in harness.main.active.table.empty_text


async def test_keys_of_boxes_can_be_remapped_too(tmp_path: Path) -> None:
    async with console(tmp_path, keys={"box.back": "x"}) as (harness, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press("escape")
        assert isinstance(harness.app.screen, HelpScreen)
        await pilot.press("x")
        assert not isinstance(harness.app.screen, HelpScreen)


async def test_keys_typed_while_a_plan_is_being_made_do_nothing_to_the_panes(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("W")
        harness.main.planning = True
        await pilot.press("b", "u", "q", "z", "3")
        await pilot.pause()
        assert harness.app.screen is harness.main
        assert harness.app.is_running
        assert harness.main.active.spec.id == "nodes"
        assert len(shown(harness)) == 4


async def test_columns_are_chosen_by_boxes_that_need_no_colour(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("c")
        await pilot.pause()
        options = harness.app.screen.query_one(OptionList)
        before = str(options.get_option_at_index(0).prompt)
        await pilot.press("space")
        assert before.startswith("[x]")
        assert str(options.get_option_at_index(0).prompt).startswith("[ ]")
        await pilot.press("enter")
        await pilot.pause()
        chosen = harness.main.active.table.visible_columns
        assert chosen is not None
        assert harness.main.active.spec.columns[0].id not in chosen


async def test_a_narrow_summary_still_names_every_kind(tmp_path: Path) -> None:
    async with console(tmp_path, (80, 24)) as (harness, _):
        text = line(harness, "summary")
        assert len(text) <= 80
        assert all(word in text for word in ("nodes", "transporters", "seats", "sessions"))


async def test_a_key_is_heard_between_the_pieces_of_a_tick(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("enter")
        pieces = harness.app.pieces()
        next(pieces)
        await pilot.press("escape", "down")
        assert harness.app.screen is harness.main
        assert harness.main.active.table.cursor.index == 1
        assert sum(1 for _ in pieces) >= len(shown(harness))


@pytest.mark.parametrize("typed", [False, True])
async def test_a_tick_is_painted_at_once_unless_a_key_comes_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: bool
) -> None:
    together: list[bool] = []

    @contextmanager
    def batch() -> Iterator[None]:
        together.append(True)
        yield
        together.append(False)

    async with console(tmp_path) as (harness, pilot):
        monkeypatch.setattr(harness.app, "batch_update", batch)
        pieces = harness.app.pieces()
        next(pieces)
        if typed:
            await pilot.press("down")
        next(pieces)
        assert together == ([True, False] if typed else [True])
        assert list(pieces)
        assert together == [True, False]
