"""The console over a thin line, and what it says of itself."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Static

from fxtop.config.link import Link
from fxtop.protocol.inbound import Inbound
from fxtop.ui.chrome.health_notes import notes
from fxtop.ui.pace import SLOWEST
from fxtop.ui.paced_app import PORTION
from fxtop.ui.screens.frame import RESTING_SECONDS, SETTLING_SECONDS
from fxtop.ui.terminal.drain import Sample
from tests.ui.consolekit import Harness
from tests.ui.test_console import console, line, tick

SLOW = Sample(4_000, 2.0)


async def _thin(harness: Harness, pilot: Pilot[int]) -> None:
    """Frames arrive late, one after the other."""
    harness.app.link.take(SLOW)
    harness.app.link.take(SLOW)
    await pilot.pause()


async def test_a_line_that_proves_thin_is_spared_and_the_screen_says_so_and_why(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        assert "thin" not in line(harness, "header")
        await _thin(harness, pilot)
        await tick(harness, pilot)
        assert "thin link" in line(harness, "header")
        said = line(harness, "event-line")
        assert said.startswith("Thin link profile, since the terminal takes 2.0K/s, 2.0 s a frame")
        assert ":link fast ends it" in said
        app = harness.app
        assert app.theme == "ansi"
        assert app.health.pace.thin
        assert {pane.table.flash_seconds for pane in harness.main.panes.values()} == {0.0}


async def test_what_the_person_says_of_the_line_counts_and_brings_his_own_theme_back(tmp_path: Path) -> None:
    async with console(tmp_path, theme="light") as (harness, pilot):
        await _thin(harness, pilot)
        await pilot.press(":", *"link fast", "enter")
        await tick(harness, pilot)
        assert harness.app.theme == "light"
        assert harness.app.health.pace.period > SLOWEST
        assert {pane.table.flash_seconds for pane in harness.main.panes.values()} == {1.5}
        assert "thin" not in line(harness, "header")
        await pilot.press(":", *"link modem", "enter")
        await pilot.pause()
        assert "it is 'modem', and has to be one of auto, slow, fast" in line(harness, "event-line")


async def test_a_theme_without_colours_is_left_as_it_is(tmp_path: Path) -> None:
    async with console(tmp_path, theme="mono") as (harness, pilot):
        await _thin(harness, pilot)
        assert harness.app.theme == "mono"


async def test_a_line_said_to_be_thin_is_so_from_the_start(tmp_path: Path) -> None:
    async with console(tmp_path, link=Link.SLOW) as (harness, pilot):
        await tick(harness, pilot)
        assert harness.app.theme == "ansi"
        assert "Thin link profile, since it was asked for" in line(harness, "event-line")


async def test_over_a_thin_line_rows_move_only_now_and_then(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await _thin(harness, pilot)
        view = harness.main.panes["nodes"].view
        await tick(harness, pilot, SETTLING_SECONDS + RESTING_SECONDS)
        counts = []
        for number in range(2 * int(RESTING_SECONDS)):
            harness.site.node(f"new{number:02d}")
            await tick(harness, pilot, 1.0)
            counts.append(len(view.ids))
        assert len(set(counts)) == 3
        assert counts[-1] - counts[0] == len(counts)


async def test_until_everybody_was_heard_rows_come_freely_over_a_thin_line_too(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await _thin(harness, pilot)
        harness.site.node("viz99")
        await tick(harness, pilot)
        assert "viz99" in harness.main.panes["nodes"].view.ids


async def test_the_bytes_a_second_show_when_asked_for_where_they_are_counted(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press(":", *"bytes", "enter")
        await pilot.pause()
        assert harness.app.health.show_rate
        assert notes(harness.app.health) == []  # a headless terminal counts nothing


async def test_being_behind_is_never_silent(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        now = harness.site.clock.monotonic()
        harness.bus.deliver(Inbound("fxtop.v1.prod.nonsense", b"{}", now))
        await tick(harness, pilot, 3.5)
        assert "behind by 3.5 s" in line(harness, "header")
        await tick(harness, pilot)
        assert "behind" not in line(harness, "header")


async def test_ticks_that_take_too_long_come_more_seldom_and_it_says_so(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        app = harness.app
        app.health.pace.beat = 0.5
        while not app.health.pace.ticked(0.3):
            pass
        await tick(harness, pilot)
        assert "every 1 s" in line(harness, "header")


async def test_a_portion_at_a_time_is_taken_in_between_ticks(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, _):
        store, now = harness.site.store, harness.site.clock.monotonic()
        harness.bus.deliver(*[Inbound("fxtop.v1.prod.nonsense", b"{}", now)] * (PORTION + 1))
        assert harness.app.take_in(PORTION)
        assert store.intake.rejected_total == PORTION
        assert not harness.app.take_in(PORTION)
        assert store.intake.rejected_total == PORTION + 1


async def test_the_bus_panel_tells_how_the_console_itself_is(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        await pilot.press("8")
        await pilot.pause()
        text = str(harness.app.screen.query_one("#bus-text", Static).visual)
        for words in ("This console", "Tick", "Behind", "Garbage collector", "Terminal"):
            assert words in text
