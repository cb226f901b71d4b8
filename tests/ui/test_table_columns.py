"""Columns of a table: which, how wide, sorted by which, and scrolled where; and the mouse."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Offset

from fxtop.ui.table import RowSelected, SortChanged
from fxtop.ui.table.layout import GAP, GUTTER, lay_out, shown
from tests.ui.tablekit import AGE, COLUMNS, NAME, NUMBER, STATE, Item, Rows, TableApp, column, screen_lines

SIZE = (60, 8)
MANY = (NAME, *(column(id=f"c{i}", title=f"C{i}", width=8) for i in range(9)))


def test_each_column_gets_its_width_and_the_rest_goes_by_weight() -> None:
    columns = [column(width=5), column(width=5, max_width=50, weight=1), column(width=5, max_width=50, weight=3)]
    assert lay_out(columns, GUTTER + 15 + 2 * GAP + 20).widths == (5, 10, 20)


def test_what_one_column_does_not_take_the_others_get() -> None:
    columns = [column(width=5, max_width=7, weight=1), column(width=5, max_width=50, weight=1)]
    assert lay_out(columns, GUTTER + 10 + GAP + 20).widths == (7, 23)


def test_no_column_is_wider_than_it_wants() -> None:
    assert lay_out([column(width=5), column(width=5, max_width=9, weight=1)], 200).widths == (5, 9)


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 40), st.integers(0, 5)), min_size=1, max_size=12),
    st.integers(0, 250),
)
def test_widths_lie_between_least_and_most_and_fill_the_line(specs: list[tuple[int, int, int]], width: int) -> None:
    columns = [column(width=least, max_width=most, weight=weight) for least, most, weight in specs]
    layout = lay_out(columns, width)
    for got, (least, most, _) in zip(layout.widths, specs, strict=True):
        assert least <= got <= max(least, most)
    full = all(got >= most for got, (_, most, weight) in zip(layout.widths, specs, strict=True) if weight)
    assert layout.overflow or full or layout.total - GAP == width


def test_wide_columns_show_in_wide_mode_and_chosen_ones_always() -> None:
    assert [c.id for c in shown(COLUMNS, wide=False, chosen=None)] == ["name", "number", "state", "age"]
    assert [c.id for c in shown(COLUMNS, wide=True, chosen=None)][-1] == "extra"
    assert [c.id for c in shown(COLUMNS, wide=False, chosen={"extra", "name"})] == ["name", "extra"]
    assert [c.id for c in shown(COLUMNS, wide=False, chosen=set())] == ["name"]


async def test_wide_mode_and_chosen_columns_change_what_is_painted() -> None:
    app = TableApp(Rows.many(3))
    async with app.run_test(size=SIZE) as pilot:
        app.table.wide = True
        await pilot.pause()
        assert screen_lines(app)[0].split() == ["Name", "Number", "State", "Age", "Extra"]
        app.table.visible_columns = ["name", "age"]
        await pilot.pause()
        assert screen_lines(app)[0].split() == ["Name", "Age"]
        app.table.visible_columns = None
        app.table.wide = False
        await pilot.pause()
        assert screen_lines(app)[0].split() == ["Name", "Number", "State", "Age"]


async def test_fixed_columns_stay_while_the_others_scroll_column_by_column() -> None:
    rows = Rows.of("first")
    columns = [NAME, *(column(id=str(i), title=f"C{i}", cell=NUMBER.cell, width=8) for i in range(9))]
    app = TableApp(rows, columns=columns)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert screen_lines(app)[0].split() == ["Name", "C0", "C1", "C2", "C3", "C4", "C5", "›"]
        app.table.action_columns_right()
        await pilot.pause()
        assert screen_lines(app)[0].split()[:3] == ["Name", "‹C1", "C2"]
        assert screen_lines(app)[1].startswith("›first")
        for _ in range(20):
            app.table.action_columns_right()
        await pilot.pause()
        assert screen_lines(app)[0].split()[-1] == "C8"
        for _ in range(20):
            app.table.action_columns_left()
        await pilot.pause()
        assert screen_lines(app)[0].split()[:2] == ["Name", "C0"]


async def test_on_a_line_too_narrow_for_them_fixed_columns_scroll_too() -> None:
    assert lay_out(MANY, 60).fixed == 1
    assert lay_out(MANY, 20).fixed == 0


async def test_a_wider_screen_shows_what_was_scrolled_away() -> None:
    app = TableApp(Rows.many(3), columns=MANY)
    async with app.run_test(size=(40, 8)) as pilot:
        await pilot.pause()
        app.table.action_columns_right()
        await pilot.resize_terminal(120, 8)
        await pilot.pause()
        assert screen_lines(app)[0].split() == ["Name", *(f"C{i}" for i in range(9))]


async def test_sorting_asks_for_the_direction_the_column_likes_and_then_turns_round() -> None:
    app = TableApp(Rows.many(3), sort="name")
    async with app.run_test(size=SIZE) as pilot:
        app.table.sort_by("number")
        app.table.sort_by("number")
        app.table.sort_by("state")
        app.table.sort_by("state", descending=True)
        await pilot.pause()
        said = [(message.column, message.descending) for message in app.heard(SortChanged)]
        assert said == [("number", True), ("number", False), ("state", False), ("state", True)]


async def test_a_click_on_a_title_sorts_and_on_a_row_moves_the_cursor() -> None:
    app = TableApp(Rows.many(3), columns=(NAME, NUMBER, STATE, AGE))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.click(app.table, offset=Offset(app.table.column_layout.starts[1] + 2, 0))
        await pilot.click(app.table, offset=Offset(4, 3))
        await pilot.pause()
        assert [message.column for message in app.heard(SortChanged)] == ["number"]
        assert app.table.cursor_id == "row00002"
        await pilot.click(app.table, offset=Offset(4, 2), times=2)
        await pilot.pause()
        assert [message.row_id for message in app.heard(RowSelected)] == ["row00001"]


async def test_a_click_where_there_is_no_row_changes_nothing() -> None:
    app = TableApp(Rows.many(3))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        await pilot.click(app.table, offset=Offset(4, 6))
        assert app.table.cursor_id == "row00000"


async def test_the_number_of_rows_can_change_without_a_layout_of_the_screen() -> None:
    rows = Rows.many(3)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        layouts = []
        app.screen.screen_layout_refresh_signal.subscribe(app.table, lambda _screen: layouts.append(1))
        for i in range(50):
            rows.items[f"new{i}"] = Item(f"new{i}")
        rows.order(list(rows.items))
        app.table.sync()
        await pilot.pause()
        assert layouts == []
        app.table.action_last()
        await pilot.pause()
        assert any(line.startswith("›new49") for line in screen_lines(app))
        rows.order(["row00000"])
        app.table.sync()
        await pilot.pause()
        assert screen_lines(app)[1].startswith("›row00000")
