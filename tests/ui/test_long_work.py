"""What takes long with very many rows: a filter shows the first at once, a new order comes when it is made."""

from __future__ import annotations

from pathlib import Path

import pytest

import fxtop.views.view
from fxtop.actions import heap
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
    monkeypatch.setattr(fxtop.views.view, "FIRST", 1)
    monkeypatch.setattr(fxtop.views.view, "AT_ONCE", 2)
    monkeypatch.setattr(module, "SLICE", 1)


def sessions(harness: Harness) -> Pane:
    return harness.main.panes["sessions"]


async def finished(harness: Harness, group: str) -> None:
    """Wait for what goes on beside the keys."""
    for worker in list(harness.app.workers):
        if worker.group == group and not worker.is_cancelled:
            await worker.wait()


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
        await finished(harness, "asking")
        await pilot.pause()
        assert str(pane.border_subtitle) == f"/user:ann, {MATCHING} of {NODES}"
        assert len(pane.view.ids) == MATCHING


async def test_what_is_typed_next_takes_the_place_of_what_is_still_asked(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        pane = sessions(harness)
        pane.set_filter("user:an")
        pane.set_filter("user:bob")
        await finished(harness, "asking")
        await pilot.pause()
        assert str(pane.border_subtitle) == f"/user:bob, {NODES - MATCHING} of {NODES}"


async def test_while_a_new_order_is_made_keys_are_heard_and_the_old_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BREATH", LONG)
    async with console(tmp_path) as (harness, pilot):
        pane = sessions(harness)
        before = list(pane.view.ids)
        pane.table.sort_by("node", descending=True)
        await pilot.press("3", "down")
        assert pane.table.cursor.index == 1
        assert list(pane.view.ids) == before


async def test_a_new_order_is_shown_when_it_is_made(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        pane = sessions(harness)
        pane.table.sort_by("node", descending=True)
        await pilot.pause()
        await finished(harness, "ordering")
        assert [id_.node for id_ in pane.view.ids] == [f"viz{number:02d}" for number in range(NODES, 0, -1)]


async def test_the_collector_is_spared_each_portion_of_a_new_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path) as (harness, pilot):
        spared: list[None] = []
        monkeypatch.setattr(module, "spare_new", lambda: spared.append(None))
        sessions(harness).table.sort_by("node", descending=True)
        await pilot.pause()
        await finished(harness, "ordering")
        assert len(spared) >= NODES


async def test_what_a_filter_and_an_order_took_is_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    monkeypatch.setattr(heap, "give_back", lambda: given.append("back"))
    async with console(tmp_path) as (harness, pilot):
        pane = sessions(harness)
        pane.set_filter("user:ann")
        await finished(harness, "asking")
        assert given == ["back"]
        pane.table.sort_by("node", descending=True)
        await pilot.pause()
        await finished(harness, "ordering")
        assert given == ["back", "back"]
