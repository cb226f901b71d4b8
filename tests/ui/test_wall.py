"""The wall: seen from across the room, alive, loud when it is old, and without a key that sends."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import ContentSwitcher, Static

from fxtop.ui.chrome.line import Line
from fxtop.ui.screens.wall import PAGE_SECONDS, STALE_SECONDS, WallScreen
from fxtop.ui.widgets.banner import Banner
from tests.ui.consolekit import Harness


async def tick(harness: Harness, pilot: Pilot[int], seconds: float) -> None:
    harness.site.clock.pass_time(seconds)
    harness.tick()
    await pilot.pause()


def wall(harness: Harness) -> WallScreen:
    screen = harness.app.screen
    assert isinstance(screen, WallScreen)
    return screen


async def test_pages_turn_by_themselves(tmp_path: Path) -> None:
    harness = Harness(tmp_path, wall=True)
    harness.site.node("viz01", running=2)
    async with harness.app.run_test(size=(120, 40)) as pilot:
        pages = wall(harness).query_one(ContentSwitcher)
        before = pages.current
        await tick(harness, pilot, PAGE_SECONDS + 1)
        assert pages.current != before


async def test_a_lost_node_stands_first_among_what_is_wrong(tmp_path: Path) -> None:
    harness = Harness(tmp_path, wall=True)
    harness.site.node("viz01")
    async with harness.app.run_test(size=(120, 40)) as pilot:
        await tick(harness, pilot, 60)
        text = str(wall(harness).query_one("#worst-text", Static).content)
        assert text.startswith("!!")
        assert "viz01" in text.splitlines()[0]


async def test_the_beat_moves_only_when_something_is_heard(tmp_path: Path) -> None:
    harness = Harness(tmp_path, wall=True)
    harness.site.node("viz01")
    async with harness.app.run_test(size=(120, 40)) as pilot:
        await tick(harness, pilot, 1)
        head = wall(harness).query_one("#wall-head", Line)
        still = head.text[-1]
        await tick(harness, pilot, 1)
        assert head.text[-1] == still
        harness.site.node("viz01")
        await tick(harness, pilot, 1)
        assert head.text[-1] != still


async def test_silence_is_shouted_although_the_bus_is_up(tmp_path: Path) -> None:
    harness = Harness(tmp_path, wall=True)
    harness.site.node("viz01")
    async with harness.app.run_test(size=(120, 40)) as pilot:
        await tick(harness, pilot, STALE_SECONDS + 1)
        banner = wall(harness).query_one(Banner)
        assert banner.display
        assert "NOTHING HEARD" in banner.text


async def test_no_key_of_the_console_does_anything_there(tmp_path: Path) -> None:
    harness = Harness(tmp_path, wall=True, read_only=True)
    harness.site.node("viz01")
    async with harness.app.run_test(size=(120, 40)) as pilot:
        await pilot.press("W", "D", "T", "B", "colon")
        await tick(harness, pilot, 1)
        assert isinstance(harness.app.screen, WallScreen)
        assert not harness.link.arming.armed
        assert harness.bus.left == []
