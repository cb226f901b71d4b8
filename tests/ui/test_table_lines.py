"""What the table paints, and how little of it."""

from __future__ import annotations

import pytest
from rich.style import Style

from fxtop.cluster.records import Liveness
from fxtop.ui.table import FxTable, lines
from fxtop.ui.table.rows import CAPACITY
from fxtop.views.column import Cell, Look
from tests.ui.tablekit import AGE, COLUMNS, NAME, NUMBER, Item, Rows, TableApp, column, screen_lines

SIZE = (60, 14)
SHOWN = SIZE[1] - FxTable.HEADER


def count_calls(monkeypatch: pytest.MonkeyPatch, owner: object, name: str) -> list[object]:
    """One element for each call of a method from now on."""
    calls: list[object] = []
    usual = getattr(owner, name)

    def counted(*arguments: object) -> object:
        calls.append(arguments)
        return usual(*arguments)

    monkeypatch.setattr(owner, name, counted)
    return calls


async def test_only_the_rows_on_the_screen_are_formatted() -> None:
    app = TableApp(Rows.many(10_000))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert app.table.formatted_rows == SHOWN


async def test_a_cursor_move_paints_two_lines_and_formats_none() -> None:
    app = TableApp(Rows.many(50))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        formatted = app.table.formatted_rows
        app.table.action_cursor_down()
        await pilot.pause()
        assert app.table.refreshed_lines == 2
        assert app.table.formatted_rows == formatted
        assert screen_lines(app)[2].startswith("›row00001")


async def test_a_cursor_move_that_scrolls_makes_two_lines_and_moves_the_others_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = TableApp(Rows.many(10_000))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.go_to("row00100")
        await pilot.pause()
        made = count_calls(monkeypatch, lines, "paint_row")
        bars = count_calls(monkeypatch, app.table.vertical_scrollbar, "render")
        app.table.action_cursor_down()
        await pilot.pause()
        assert screen_lines(app)[-1].startswith("›row00101")
        assert screen_lines(app)[-2].startswith(" row00100")
        assert len(made) == 2
        assert bars == []


async def test_the_scrollbar_is_drawn_again_where_its_thumb_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    app = TableApp(Rows.many(10_000))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        bars = count_calls(monkeypatch, app.table.vertical_scrollbar, "render")
        app.table.go_to("row05000")
        await pilot.pause()
        assert len(bars) == 1
        assert app.table.vertical_scrollbar.position == app.table.top


async def test_a_line_is_not_made_again_because_something_beside_the_table_is_painted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = TableApp(Rows.many(50))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        painted = count_calls(monkeypatch, app.table, "line_painted")
        app.table.vertical_scrollbar.refresh()
        await pilot.pause()
        assert painted == []
        app.table.refresh()
        await pilot.pause()
        assert len(painted) == SIZE[1]


async def test_paging_back_and_forth_formats_nothing_twice_and_a_long_way_forgets() -> None:
    app = TableApp(Rows.many(5_000))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for _ in range(3):
            app.table.action_page_down()
            await pilot.pause()
        formatted = app.table.formatted_rows
        app.table.action_first()
        await pilot.pause()
        assert app.table.formatted_rows == formatted
        for _ in range(CAPACITY // (SHOWN - 1) + 2):
            app.table.action_page_down()
            await pilot.pause()
        formatted = app.table.formatted_rows
        app.table.action_first()
        await pilot.pause()
        assert app.table.formatted_rows == formatted + SHOWN


async def test_a_tick_without_a_change_paints_nothing() -> None:
    app = TableApp(Rows.many(50))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.sync()
        assert app.table.refreshed_lines == 0


async def test_a_tick_paints_the_changed_lines_that_are_on_the_screen() -> None:
    rows = Rows.many(50)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        formatted = app.table.formatted_rows
        changed = {"row00002", "row00005", "row00040"}
        for name in changed:
            rows.change(name, number=7)
        app.table.sync(changed)
        await pilot.pause()
        assert app.table.refreshed_lines == 2
        assert app.table.formatted_rows == formatted + 2
        assert screen_lines(app)[3].split()[1] == "7"


async def test_a_change_that_shows_nowhere_paints_nothing() -> None:
    rows = Rows.many(50)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.change("row00002", number=0)
        app.table.sync({"row00002"})
        assert app.table.refreshed_lines == 0


async def test_a_row_said_to_be_dirty_is_formatted_again_although_its_revision_is_the_same() -> None:
    rows = Rows.many(3)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.items["row00001"].number = 9
        app.table.sync()
        assert app.table.refreshed_lines == 0
        app.table.sync({"row00001"})
        assert app.table.refreshed_lines == 1


async def test_ages_are_painted_once_a_second() -> None:
    rows = Rows.many(50)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.now += 0.4
        app.table.sync()
        assert app.table.refreshed_lines == 0
        rows.now += 1
        app.table.sync()
        await pilot.pause()
        assert app.table.refreshed_lines == SHOWN
        assert screen_lines(app)[1].endswith("101s")


async def test_a_second_later_only_the_ages_are_asked_for_and_a_minute_later_all_cells() -> None:
    asked: list[str] = []

    def name_of(item: Item, _store: object, _look: Look) -> Cell:
        asked.append(item.name)
        return Cell(item.name)

    rows = Rows.many(50)
    app = TableApp(rows, columns=(column(cell=name_of), AGE))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        asked.clear()
        rows.now += 1
        app.table.sync()
        await pilot.pause()
        assert (asked, app.table.refreshed_lines) == ([], SHOWN)
        assert screen_lines(app)[1].endswith("101s")
        rows.now += 60
        app.table.sync()
        assert len(asked) == SHOWN


async def test_without_a_column_that_ages_time_alone_formats_nothing() -> None:
    rows = Rows.many(50)
    app = TableApp(rows, columns=(NAME, NUMBER))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        formatted = app.table.formatted_rows
        rows.now += 10
        app.table.sync()
        assert app.table.formatted_rows == formatted


async def test_the_sorted_column_has_an_arrow() -> None:
    app = TableApp(Rows.many(3), sort="number", descending=True)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert "Number▼" in screen_lines(app)[0]
        app.table.show_sort("number", descending=False)
        await pilot.pause()
        assert "Number▲" in screen_lines(app)[0]


async def test_in_ascii_every_sign_is_ascii() -> None:
    rows = Rows.many(60)
    rows.ascii = True
    rows.change("row00001", state="zoë→")
    app = TableApp(rows, columns=[*COLUMNS, column(id="long", cell=COLUMNS[0].cell, width=5)], sort="number")
    async with app.run_test(size=(30, 14)) as pilot:
        app.table.action_mark()
        await pilot.pause()
        lines = screen_lines(app)
        assert all(line.isascii() for line in lines), lines
        assert lines[1].startswith("*row00000")
        assert lines[0].endswith(">")
        assert "zo??" in lines[2]


async def test_control_characters_that_a_column_lets_through_never_reach_the_screen() -> None:
    rows = Rows.of("a\x1b[31mb", "c\nd")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert screen_lines(app)[1].startswith("›a·[31mb")
        assert screen_lines(app)[2].startswith(" c·d")


async def test_wide_and_combining_text_keeps_the_columns_straight() -> None:
    rows = Rows.of("日本語日本語日本語日本語", "e\u0301te\u0301", "plain")
    app = TableApp(rows, columns=(column(width=9), NUMBER))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        lines = app.screen._compositor.render_strips()[1:4]
        assert {strip.cell_length for strip in lines} == {SIZE[0]}
        assert lines[0].text.startswith("›日本語日…")
        assert [strip.crop(0, 19).text.rstrip()[-1] for strip in lines] == ["0", "0", "0"]


async def test_the_empty_text_is_wrapped_and_centred() -> None:
    app = TableApp(Rows())
    async with app.run_test(size=(24, 9)) as pilot:
        app.table.empty_text = "No nodes yet: connected, nothing heard for 3 s."
        await pilot.pause()
        lines = screen_lines(app)
        assert [line.strip() for line in lines[3:6]] == ["No nodes yet:", "connected, nothing", "heard for 3 s."]
        assert lines[4] == "  connected, nothing"


async def test_rows_take_the_place_of_the_empty_text() -> None:
    rows = Rows()
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.empty_text = "Nothing."
        await pilot.pause()
        rows.items["a"] = Rows.of("a").items["a"]
        rows.order(["a"])
        app.table.sync({"a"})
        await pilot.pause()
        assert "Nothing." not in "".join(screen_lines(app))
        assert screen_lines(app)[1].startswith("›a")


async def test_a_row_that_left_while_the_order_is_held_stays_as_it_was_and_is_signed() -> None:
    rows = Rows.of("a", "b", "c")
    rows.change("b", number=42)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.held = True
        rows.remove("b")
        app.table.sync({"b"})
        await pilot.pause()
        assert screen_lines(app)[2].startswith("×b")
        assert "42" in screen_lines(app)[2]


async def test_a_gone_row_that_was_never_seen_shows_its_id() -> None:
    rows = Rows.of("a")
    rows.order(["a", "ghost"])
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert screen_lines(app)[2] == "×ghost"


async def test_a_row_that_comes_back_is_painted_as_living() -> None:
    rows = Rows.of("a", "b")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.held, item = True, rows.items["b"]
        rows.remove("b")
        app.table.sync({"b"})
        rows.items["b"] = item
        app.table.sync({"b"})
        await pilot.pause()
        assert screen_lines(app)[2].startswith(" b")


async def test_silence_shows_in_the_style_of_the_line() -> None:
    rows = Rows.of("live", "late", "stale", "lost")
    for state in (Liveness.LATE, Liveness.STALE, Liveness.LOST):
        rows.items[state.value].liveness = state
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        styles = [_style_of_name(app, y) for y in range(2, 5)]
        assert len({style.color for style in styles}) > 1
        assert [bool(style.italic) for style in styles] == [False, True, False]
        assert [bool(style.strike) for style in styles] == [False, False, True]


async def test_a_line_is_struck_through_its_text_and_not_through_its_blanks() -> None:
    rows = Rows.of("lost")
    rows.items["lost"].liveness = Liveness.LOST
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        strip = app.screen._compositor.render_strips()[1]
        struck = [segment.text for segment in strip if segment.style and segment.style.strike]
        assert struck == ["lost", "0", "ok", "100s"]


async def test_a_column_wider_than_its_data_is_given_what_is_left_over() -> None:
    app = TableApp(Rows.of("a" * 30), columns=(NAME, AGE))
    async with app.run_test(size=(60, 5)) as pilot:
        await pilot.pause()
        assert screen_lines(app)[1].startswith("›" + "a" * 19 + "…")


def _style_of_name(app: TableApp, y: int) -> Style:
    style = list(app.screen._compositor.render_strips()[y])[1].style
    assert style is not None
    return style
