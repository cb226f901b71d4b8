"""Panes that nobody sees are brought up to date more rarely, and at once when they are shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.ui.pane import GATHERED_TICKS
from fxtop.ui.screens.main import MainScreen
from tests.ui.consolekit import Harness
from tests.ui.test_console import NODES, console, tick

SMALL = (80, 24)


def _sessions(harness: Harness) -> int:
    return len(harness.main.panes["sessions"].view.ids)


async def test_out_of_sight_some_ticks_gather_before_it_looks(tmp_path: Path) -> None:
    async with console(tmp_path, SMALL) as (harness, pilot):
        counts = []
        for number in range(2 * GATHERED_TICKS):
            harness.site.session(f"viz01/new{number}")
            await tick(harness, pilot)
            counts.append(_sessions(harness) - NODES)
        assert len(set(counts)) == 3
        assert counts[-1] >= GATHERED_TICKS


@pytest.mark.parametrize("show", ["3", "3z", "3/ann"])
async def test_when_it_is_shown_it_shows_all(tmp_path: Path, show: str) -> None:
    async with console(tmp_path, SMALL) as (harness, pilot):
        for number in range(GATHERED_TICKS - 1):
            harness.site.session(f"viz01/new{number}", user="ann")
            await tick(harness, pilot)
        await pilot.press(*show)
        await pilot.pause()
        assert isinstance(harness.app.screen, MainScreen)
        ids = harness.main.panes["sessions"].view.ids
        assert {f"viz01/new{number}" for number in range(GATHERED_TICKS - 1)} <= {str(id_) for id_ in ids}


async def test_what_is_in_sight_is_brought_up_to_date_at_every_tick(tmp_path: Path) -> None:
    async with console(tmp_path, (120, 42)) as (harness, pilot):
        for number in range(3):
            harness.site.session(f"viz01/new{number}")
            await tick(harness, pilot)
            assert _sessions(harness) == NODES + number + 1
