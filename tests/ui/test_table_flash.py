"""A value that has just changed is emphasised for a moment, by more than colour."""

from __future__ import annotations

import pytest

from fxtop.ui.table.flash import FLASH_SECONDS, Flashes
from tests.ui.tablekit import Rows, TableApp, screen_lines

SIZE = (60, 8)


def emphasised(app: TableApp, y: int) -> list[str]:
    """The texts of the line at ``y`` that are underlined, as the themes write a flash."""
    strip = app.screen._compositor.render_strips()[y]
    return [segment.text.strip() for segment in strip if segment.style and segment.style.underline]


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast", "colour-blind", "ansi", "mono"])
async def test_a_changed_value_is_emphasised_until_the_flash_ends(theme: str) -> None:
    rows = Rows.of("a", "b")
    app = TableApp(rows, theme=theme)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.change("b", number=5)
        app.table.sync({"b"})
        await pilot.pause()
        assert emphasised(app, 2) == ["5"]
        rows.now += FLASH_SECONDS + 0.1
        app.table.fade()
        await pilot.pause()
        assert emphasised(app, 2) == []


async def test_a_value_that_always_changes_does_not_flash() -> None:
    rows = Rows.of("a", "b")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.now += 5
        app.table.sync()
        await pilot.pause()
        assert emphasised(app, 2) == []


async def test_a_row_that_scrolls_in_does_not_flash_for_what_changed_while_it_was_out_of_sight() -> None:
    rows = Rows.many(30)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.action_last()
        await pilot.pause()
        rows.change("row00001", number=5)
        app.table.sync({"row00001"})
        app.table.action_first()
        await pilot.pause()
        assert emphasised(app, 2) == []


async def test_what_changed_while_the_table_was_hidden_does_not_flash_when_it_is_shown() -> None:
    rows = Rows.of("a", "b")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.display = False
        await pilot.pause()
        rows.change("b", number=5)
        app.table.sync({"b"})
        app.table.display = True
        await pilot.pause()
        assert screen_lines(app)[2].split()[1] == "5"
        assert emphasised(app, 2) == []


async def test_a_new_row_does_not_flash() -> None:
    rows = Rows.of("a")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.items["b"] = Rows.of("b").items["b"]
        rows.order(["a", "b"])
        app.table.sync({"b"})
        await pilot.pause()
        assert emphasised(app, 2) == []


async def test_the_table_ends_flashes_by_itself() -> None:
    rows = Rows.of("a", "b")
    app = TableApp(rows, flash_seconds=0.01)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.change("b", number=5)
        app.table.sync({"b"})
        await pilot.pause()
        assert emphasised(app, 2) == ["5"]
        rows.now += 1
        while emphasised(app, 2):
            await pilot.pause(0.02)


def test_flashes_of_one_row_end_one_by_one() -> None:
    flashes: Flashes[str] = Flashes(2.0)
    flashes.light("a", frozenset({"x"}), 10.0)
    flashes.light("a", frozenset({"y"}), 11.0)
    assert flashes.remaining(11.0) == 1.0
    flashes.fade(12.5)
    assert flashes.of("a") == {"y"}
    flashes.fade(13.0)
    assert not flashes
