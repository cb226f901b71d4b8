"""A filter of very many rows shows its first ones at once, with an honest count, and the others as it finds them."""

from __future__ import annotations

from pathlib import Path

import pytest

import fxtop.views.view
from fxtop.ui import pane as module
from fxtop.ui.pane import Pane
from tests.ui.consolekit import Harness
from tests.ui.test_console import NODES, console

MATCHING = NODES // 2
LONG = 3600.0


@pytest.fixture(autouse=True)
def asked_singly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dozen rows take as long as very many."""
    monkeypatch.setattr(fxtop.views.view, "SLICE", 1)
    monkeypatch.setattr(fxtop.views.view, "AT_ONCE", 2)


def sessions(harness: Harness) -> Pane:
    return harness.main.panes["sessions"]


async def test_the_first_rows_are_counted_as_the_beginning_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BREATH", LONG)
    async with console(tmp_path) as (harness, _):
        pane = sessions(harness)
        pane.set_filter("user:ann")
        assert 0 < len(pane.view.ids) < MATCHING
        assert str(pane.border_subtitle) == f"/user:ann, {len(pane.view.ids)}+ of {NODES}"


async def test_when_all_rows_are_asked_the_whole_count_is_shown_without_waiting_for_a_tick(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        pane = sessions(harness)
        pane.set_filter("user:ann")
        assert pane.view.asking
        await harness.app.workers.wait_for_complete([w for w in harness.app.workers if w.group == "asking"])
        await pilot.pause()
        assert str(pane.border_subtitle) == f"/user:ann, {MATCHING} of {NODES}"
        assert len(pane.view.ids) == MATCHING


async def test_what_is_typed_next_takes_the_place_of_what_is_still_asked(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        pane = sessions(harness)
        pane.set_filter("user:an")
        pane.set_filter("user:bob")
        asking = [w for w in harness.app.workers if w.group == "asking" and not w.is_cancelled]
        await harness.app.workers.wait_for_complete(asking)
        await pilot.pause()
        assert str(pane.border_subtitle) == f"/user:bob, {NODES - MATCHING} of {NODES}"
