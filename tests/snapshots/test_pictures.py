"""What the console looks like. After a change that is meant: ``pytest tests/snapshots --snapshot-update``, and look."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fxtop.ui.screens.details import DetailsScreen
from fxtop.ui.screens.plan_dialog import PlanDialog
from tests.snapshots.scenery import Scenery
from tests.ui.consolekit import Harness

SMALL, MIDDLE, LARGE = (80, 24), (120, 40), (200, 60)

Picture = Callable[..., bool]


@pytest.fixture(autouse=True)
def own_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of what the person who runs the tests likes to see."""
    for name in [name for name in os.environ if name == "NO_COLOR" or name.startswith("TEXTUAL_")]:
        if name != "TEXTUAL_SNAPSHOT_TEMPDIR":
            monkeypatch.delenv(name)


@pytest.fixture
def picture(snap_compare: Picture, tmp_path: Path) -> Picture:
    """Compares the console, after some keys, with the picture that was taken of it before."""

    def compare(
        *keys: str, size: tuple[int, int] = SMALL, until: type | None = None, bus_error: str = "", **options: Any
    ) -> bool:
        harness = Harness(tmp_path, **options)
        Scenery(harness.site).set_up()
        if bus_error:
            harness.bus.fall(error=bus_error)
        return snap_compare(harness.app, terminal_size=size, run_before=_pose(harness, keys, until))

    return compare


def _pose(harness: Harness, keys: tuple[str, ...], until: type | None) -> Callable[[Pilot[int]], Awaitable[None]]:
    async def pose(pilot: Pilot[int]) -> None:
        harness.tick()
        await pilot.press(*keys)
        while until is not None and not (isinstance(harness.app.screen, until) and harness.app.screen.is_mounted):
            await pilot.pause()
        for field in harness.app.screen.query(Input):
            field.cursor_blink = False
        harness.tick()

    return pose


@pytest.mark.parametrize("size", [SMALL, MIDDLE, LARGE], ids=lambda size: "{}x{}".format(*size))
def test_main(picture: Picture, size: tuple[int, int]) -> None:
    assert picture(size=size)


def test_sessions(picture: Picture) -> None:
    assert picture("3")


def test_seats(picture: Picture) -> None:
    assert picture("4")


def test_jobs(picture: Picture) -> None:
    assert picture("5", size=MIDDLE)


def test_plan(picture: Picture) -> None:
    assert picture("W", "down", "down", "D", size=MIDDLE, until=PlanDialog)


def test_details_where_there_is_little_room(picture: Picture) -> None:
    assert picture("down", "down", "down", "enter", until=DetailsScreen)


def test_bus_lost(picture: Picture) -> None:
    assert picture(bus_error="The server closed the connection.")


def test_wall(picture: Picture) -> None:
    assert picture(size=MIDDLE, wall=True)


def test_sixteen_colours(picture: Picture) -> None:
    assert picture(size=MIDDLE, theme="ansi")


def test_no_colour(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture(theme="mono")


def test_ascii(picture: Picture) -> None:
    assert picture("3", ascii_only=True)
