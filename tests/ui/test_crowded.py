"""When there are too many sessions to follow one by one, their users stand for them, and the console says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from fxtop.cluster.records import SessionKey
from fxtop.ui.crowd import PATIENCE, Crowd
from fxtop.ui.pane import Pane
from fxtop.ui.screens.details import DetailsScreen
from fxtop.views.column import Column
from fxtop.views.order import SortValue, sort_value
from tests.ui.consolekit import Harness
from tests.ui.test_console import NODES, console, line, shown, tick

SMALL, LARGE = (80, 24), (120, 40)
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
TOO_MANY = "12 sessions are too many to follow one by one here: shown by user. n or Enter on a user shows theirs."


@asynccontextmanager
async def crowded(
    tmp_path: Path, size: tuple[int, int] = LARGE, *, most: int = NODES - 1
) -> AsyncIterator[tuple[Harness, Pilot[int]]]:
    """A console for which a dozen sessions are too many."""
    async with console(tmp_path, size) as (harness, pilot):
        harness.app.health.crowd = Crowd(most=most, large=NODES // 2)
        await tick(harness, pilot)
        yield harness, pilot


def panes(harness: Harness) -> tuple[Pane, Pane]:
    """The sessions and the users."""
    return harness.main.panes["sessions"], harness.main.panes["users"]


def listed(pane: Pane) -> list[str]:
    return [str(id_) for id_ in pane.view.ids]


async def end_sessions(harness: Harness, pilot: Pilot[int], *numbers: int) -> None:
    for number in numbers:
        harness.site.session(f"viz{number:02d}/s{number}", state="ended")
    await tick(harness, pilot)


async def test_users_take_the_place_of_the_sessions_and_the_console_says_why(tmp_path: Path) -> None:
    async with crowded(tmp_path) as (harness, _):
        sessions, users = panes(harness)
        assert shown(harness) == {"nodes", "transporters", "users", "licenses"}
        assert line(harness, "event-line") == TOO_MANY
        assert str(users.border_title) == "3: Users 2, too many sessions to list each"
        assert str(users.border_subtitle) == "n or Enter lists a user's, :group none all"
        assert listed(users) == ["ann", "bob"]
        assert listed(sessions) == []
        assert users.region.y == harness.main.panes["nodes"].region.y


async def test_where_one_pane_stands_the_strip_names_the_users_in_their_place(tmp_path: Path) -> None:
    async with crowded(tmp_path, SMALL) as (harness, pilot):
        strip = line(harness, "strip")
        assert "3 Users" in strip
        assert "Sessions" not in strip
        assert len(strip) <= SMALL[0]
        assert line(harness, "event-line") == TOO_MANY
        await pilot.press("3")
        assert shown(harness) == {"users"}


async def test_up_to_the_number_each_session_is_listed_and_the_users_have_a_key_of_their_own(tmp_path: Path) -> None:
    async with crowded(tmp_path, SMALL, most=NODES) as (harness, pilot):
        assert "3 Sessions" in line(harness, "strip")
        assert len(line(harness, "strip")) <= SMALL[0]
        await pilot.press("9")
        await pilot.pause()
        assert shown(harness) == {"users"}
        assert listed(panes(harness)[1]) == ["ann", "bob"]
        await pilot.press("enter")
        assert isinstance(harness.app.screen, DetailsScreen)
        await pilot.press("escape", "n")
        assert harness.main.active is panes(harness)[0]
        assert listed(panes(harness)[0]) == [f"viz{number:02d}/s{number}" for number in range(1, NODES, 2)]


@SIZES
@pytest.mark.parametrize("key", ["n", "enter"])
async def test_the_sessions_of_a_user_are_listed_live_and_esc_leads_back(
    tmp_path: Path, size: tuple[int, int], key: str
) -> None:
    async with crowded(tmp_path, size) as (harness, pilot):
        sessions, users = panes(harness)
        await pilot.press("3", "down", key)
        await pilot.pause()
        assert harness.main.active is sessions
        assert shown(harness) >= {"sessions"} and "users" not in shown(harness)
        assert listed(sessions) == [f"viz{number:02d}/s{number}" for number in range(2, NODES + 1, 2)]
        harness.site.session("viz01/new", user="bob")
        harness.site.session("viz02/s2", user="ann")
        harness.site.session("viz03/s3", cpu=0.5)
        await tick(harness, pilot)
        assert listed(sessions)[:2] == ["viz01/new", "viz04/s4"]
        assert str(sessions.border_subtitle) == f"of bob, {NODES // 2} of {NODES + 1}"
        await pilot.press("escape")
        assert harness.main.active is users
        assert listed(sessions) == []


@SIZES
async def test_they_come_back_by_themselves_and_nothing_is_lost(tmp_path: Path, size: tuple[int, int]) -> None:
    async with crowded(tmp_path, size) as (harness, pilot):
        sessions, users = panes(harness)
        await pilot.press("3")
        await end_sessions(harness, pilot, 1, 2)
        assert listed(sessions) == []
        harness.site.session("viz05/s5", user="zoe")
        await end_sessions(harness, pilot, 3, 4)
        assert harness.main.active is sessions
        assert "users" not in shown(harness)
        assert line(harness, "event-line") == "8 sessions can be followed one by one again: each is listed again."
        assert {key.session for key in harness.site.store.sessions} == {key.split("/")[1] for key in listed(sessions)}
        assert listed(sessions)[-1] == "viz05/s5"
        assert users.digit == "9"


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is a portion of its own."""
    monkeypatch.setattr("fxtop.views.view.SLICE", 1)
    monkeypatch.setattr("fxtop.views.view.FIRST", 1)
    monkeypatch.setattr("fxtop.ui.pane.SLICE", 1)


async def test_while_all_sessions_are_put_in_order_keys_are_heard_and_the_pane_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_by_one: None
) -> None:
    monkeypatch.setattr("fxtop.ui.pane.BREATH", 3600.0)
    async with crowded(tmp_path) as (harness, pilot):
        sessions, _ = panes(harness)
        await pilot.press(":", *"group none", "enter", "3")
        await tick(harness, pilot)
        assert harness.main.active is sessions
        assert sessions.view.uncovering
        assert sessions.table.empty_text == f"The {NODES} sessions are being put in order."
        assert str(sessions.border_subtitle) == "being put in order"
        harness.site.session("viz01/new")
        await tick(harness, pilot)
        assert listed(sessions) == []


async def test_what_changes_meanwhile_is_among_them_when_they_are_in_order(tmp_path: Path, one_by_one: None) -> None:
    async with crowded(tmp_path) as (harness, pilot):
        sessions, _ = panes(harness)
        await pilot.press(":", *"group none", "enter")
        harness.site.session("viz01/new", user="aaa")
        await tick(harness, pilot)
        for worker in [worker for worker in harness.app.workers if worker.group == "ordering"]:
            await worker.wait()
        assert len(sessions.view.ids) == NODES + 1
        assert listed(sessions)[0] == "viz01/new"


async def test_a_filter_and_an_order_outlast_the_time_by_user(tmp_path: Path) -> None:
    async with crowded(tmp_path, most=NODES) as (harness, pilot):
        sessions, _ = panes(harness)
        await pilot.press(":", *"sessions user:ann", "enter")
        await pilot.press(":", *"sort node", "enter", "r")
        await pilot.pause()
        expected = listed(sessions)
        assert len(expected) == NODES // 2
        assert expected[0] == "viz11/s11"
        await pilot.press(":", *"group user", "enter")
        await tick(harness, pilot)
        assert listed(sessions) == []
        await pilot.press(":", *"group auto", "enter")
        await tick(harness, pilot)
        assert listed(sessions) == expected


async def test_while_users_stand_for_the_sessions_these_cost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with crowded(tmp_path) as (harness, pilot):
        keyed: list[object] = []

        def counted(row: Any, column: Column[Any], **how: Any) -> SortValue:
            keyed.append(getattr(row, "key", None))
            return sort_value(row, column, **how)

        monkeypatch.setattr("fxtop.views.view.sort_value", counted)
        for number in range(1, NODES + 1):
            harness.site.session(f"viz{number:02d}/s{number}", user="ann" if number % 2 else "bob", cpu=0.7)
        await tick(harness, pilot)
        assert [id_ for id_ in keyed if isinstance(id_, SessionKey)] == []
        await pilot.press("3", "n")
        keyed.clear()
        for number in range(1, NODES + 1):
            harness.site.session(f"viz{number:02d}/s{number}", user="ann" if number % 2 else "bob", cpu=0.8)
        await tick(harness, pilot)
        assert len({id_ for id_ in keyed if isinstance(id_, SessionKey)}) == NODES // 2


async def test_ticks_that_can_be_no_rarer_are_a_reason_too_until_they_were_easy_for_long(tmp_path: Path) -> None:
    async with crowded(tmp_path, most=1_000) as (harness, pilot):
        pace = harness.app.health.pace
        pace.beat = 0.5
        for _ in range(20):
            pace.ticked(5.0)
        await tick(harness, pilot)
        assert "users" in shown(harness)
        assert line(harness, "event-line").startswith("A tick takes up to 5000 ms with 12 sessions one by one: shown")
        for _ in range(200):
            pace.ticked(0.001)
        await tick(harness, pilot, PATIENCE / 2)
        await tick(harness, pilot, PATIENCE / 2)
        assert "users" in shown(harness)
        await tick(harness, pilot, PATIENCE / 2)
        assert "users" not in shown(harness)


async def test_the_person_can_insist_on_all_sessions_and_leave_it_to_the_console_again(tmp_path: Path) -> None:
    async with crowded(tmp_path) as (harness, pilot):
        sessions, _ = panes(harness)
        await pilot.press(":", *"group none", "enter")
        await tick(harness, pilot)
        assert len(sessions.view.ids) == NODES
        assert line(harness, "event-line") == "As you asked: each is listed again."
        await pilot.press(":", *"group", "enter")
        await pilot.pause()
        assert "Each session is listed by itself, however many there are." in line(harness, "event-line")
        await pilot.press(":", *"group auto", "enter")
        await pilot.pause()
        assert line(harness, "event-line") == TOO_MANY
        await pilot.press(":", *"group node", "enter")
        await pilot.pause()
        assert "it is 'node', and has to be one of auto, user, none" in line(harness, "event-line")


async def test_narrowing_to_a_node_lists_its_sessions_and_esc_brings_the_users_back(tmp_path: Path) -> None:
    async with crowded(tmp_path) as (harness, pilot):
        sessions, _ = panes(harness)
        await pilot.press("down", "n")
        await pilot.pause()
        assert harness.main.active.spec.id == "nodes"
        assert listed(sessions) == ["viz02/s2"]
        assert "sessions" in shown(harness)
        await pilot.press("escape")
        assert "users" in shown(harness)


async def test_what_is_itself_too_much_is_not_listed(tmp_path: Path) -> None:
    async with crowded(tmp_path) as (harness, pilot):
        for number in range(NODES // 2):
            harness.site.session(f"viz01/more{number}")
        await tick(harness, pilot)
        await pilot.press("3", "n")
        await pilot.pause()
        assert "users" in shown(harness)
        assert line(harness, "event-line") == "12 sessions of ann are too many to list as well: all stay by user."
        assert len(harness.main.panes["nodes"].view.ids) == NODES // 2


async def test_tab_goes_through_what_stands_there(tmp_path: Path) -> None:
    async with crowded(tmp_path) as (harness, pilot):
        seen = []
        for _ in range(4):
            await pilot.press("tab")
            seen.append(harness.main.active.spec.id)
        assert seen == ["transporters", "users", "licenses", "nodes"]


async def test_nothing_is_taken_from_under_marks_or_a_command_that_is_typed(tmp_path: Path) -> None:
    async with crowded(tmp_path, most=NODES) as (harness, pilot):
        await pilot.press("3", "space")
        harness.site.session("viz01/new")
        await tick(harness, pilot)
        assert "sessions" in shown(harness)
        await pilot.press("u", ":")
        await tick(harness, pilot)
        assert "sessions" in shown(harness)
        await pilot.press("escape")
        await tick(harness, pilot)
        assert "users" in shown(harness)


async def test_a_filter_on_the_sessions_place_is_one_of_the_users(tmp_path: Path) -> None:
    async with crowded(tmp_path) as (harness, pilot):
        _, users = panes(harness)
        await pilot.press(":", *"sessions user:bob", "enter")
        await pilot.pause()
        assert harness.main.active is users
        assert listed(users) == ["bob"]
