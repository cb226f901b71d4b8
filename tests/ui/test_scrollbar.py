"""The scrollbar beside a table looks and acts as Textual's, which is drawn with everything that widgets can have."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget

from tests.ui.tablekit import Rows, TableApp

SIZE = (60, 14)


def seen(strips: list[Strip]) -> list[object]:
    """What a terminal shows of lines, and what a mouse finds there."""
    return [
        (cell, style.color, style.bgcolor, style.reverse, style.meta)
        for strip in strips
        for segment in strip
        if (style := segment.style) is not None
        for cell in segment.text
    ]


@pytest.mark.parametrize("rows", [5, 40, 10_000])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.77, 1.0])
async def test_it_is_drawn_as_textual_draws_it(rows: int, part: float) -> None:
    app = TableApp(Rows.many(rows))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.go_to(f"row{int((rows - 1) * part):05d}")
        await pilot.pause()
        bar = app.table.vertical_scrollbar
        ours = bar.render_lines(bar.size.region)
        assert type(bar) is not ScrollBar
        assert seen(ours) == seen(Widget.render_lines(bar, bar.size.region))
        assert [strip.cell_length for strip in ours] == [1] * bar.size.height


async def test_it_is_drawn_otherwise_under_the_mouse_and_where_its_styles_change() -> None:
    app = TableApp(Rows.many(100))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        bar = app.table.vertical_scrollbar
        app.table.styles.scrollbar_color_hover = "red"
        usual = seen(bar.render_lines(bar.size.region))
        bar.mouse_over = True
        hovered = seen(bar.render_lines(bar.size.region))
        assert str(Color.parse("red").rich_color) in str(hovered)
        bar.mouse_over = False
        assert seen(bar.render_lines(bar.size.region)) == usual
        app.table.styles.scrollbar_color = "blue"
        await pilot.pause()
        assert str(Color.parse("blue").rich_color) in str(seen(bar.render_lines(bar.size.region)))


async def test_a_click_beneath_the_thumb_scrolls() -> None:
    app = TableApp(Rows.many(1_000))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.click(app.table.vertical_scrollbar, offset=(0, 10))
        await pilot.pause()
        assert app.table.top > 0
