"""The cursor stands on a row: nothing that happens to the other rows puts it on another one."""

from __future__ import annotations

import pytest

from fxtop.ui.table import CursorLost, RowHighlighted, RowSelected
from fxtop.ui.table.cursor import Cursor
from tests.ui.tablekit import Item, Rows, TableApp, screen_lines, targets

SIZE = (60, 11)
PAGE = 10


def rows_on(app: TableApp) -> list[str]:
    """The first word of each line, which is the row's name."""
    return [line.split()[0] for line in screen_lines(app)[1:]]


async def test_the_cursor_stays_on_its_row_when_the_order_changes() -> None:
    rows = Rows.of("a", "b", "c", "d")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.action_cursor_down()
        rows.order(["d", "c", "b", "a"])
        app.table.sync()
        await pilot.pause()
        assert app.table.cursor_id == "b"
        assert screen_lines(app)[3].startswith("›b")


async def test_the_cursor_stays_on_its_row_when_the_order_changes_before_it_was_ever_moved() -> None:
    rows = Rows.of("a", "b", "c")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.order(["c", "b", "a"])
        app.table.sync()
        assert targets(app) == ["a"]


async def test_an_unmoved_cursor_stays_at_the_top_while_new_rows_come_in_above() -> None:
    rows = Rows.of("m")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.items["a"] = Item("a")
        rows.order(["a", "m"])
        app.table.sync()
        assert app.table.cursor_id == "a"


async def test_once_a_cluster_has_surely_been_discovered_it_stays_on_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.ui.table.cursor.DISCOVERED", 3)
    rows = Rows.of("m")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for _ in range(3):
            app.table.sync({"m"})
        rows.items["a"] = Item("a")
        rows.order(["a", "m"])
        app.table.sync({"a"})
        assert (app.table.cursor_id, app.table.cursor.placed) == ("m", False)


async def test_a_moved_cursor_stays_on_its_row_while_new_rows_come_in_above() -> None:
    rows = Rows.of("m", "n")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.action_cursor_down()
        rows.items["a"] = Item("a")
        rows.order(["a", "m", "n"])
        app.table.sync()
        assert app.table.cursor_id == "n"


async def test_rows_above_the_screen_that_come_and_go_do_not_move_what_is_on_it() -> None:
    rows = Rows.many(60)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.go_to("row00030")
        await pilot.pause()
        before = rows_on(app)
        rows.items["new"] = Item("new")
        rows.order(["new", *rows.ids])
        rows.remove("row00001")
        rows.remove("row00002")
        app.table.sync()
        await pilot.pause()
        assert rows_on(app) == before


async def test_without_the_cursor_in_sight_the_top_row_stays_where_it_is() -> None:
    rows = Rows.many(60)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.jump(20)
        await pilot.pause()
        rows.items["new"] = Item("new")
        rows.order(["new", *rows.ids])
        app.table.sync()
        await pilot.pause()
        assert screen_lines(app)[1].startswith(" row00020")


async def test_at_the_top_the_table_stays_at_the_top() -> None:
    rows = Rows.many(60)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.action_cursor_down()
        rows.items["new"] = Item("new")
        rows.order(["new", *rows.ids])
        app.table.sync()
        await pilot.pause()
        assert screen_lines(app)[1].startswith(" new")
        assert screen_lines(app)[3].startswith("›row00001")


async def test_a_cursor_that_the_order_carries_away_stays_in_sight() -> None:
    rows = Rows.many(60)
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.action_cursor_down()
        rows.order([*(name for name in rows.ids if name != "row00001"), "row00001"])
        app.table.sync()
        await pilot.pause()
        assert screen_lines(app)[PAGE].startswith("›row00001")


async def test_when_its_row_leaves_the_cursor_stays_at_the_index_and_says_so() -> None:
    rows = Rows.of("a", "b", "c")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.action_cursor_down()
        await pilot.pause()
        app.said.clear()
        rows.remove("b")
        app.table.sync()
        await pilot.pause()
        assert app.table.cursor_id == "c"
        assert [(said.lost, said.now) for said in app.heard(CursorLost)] == [("b", "c")]
        assert [said.row_id for said in app.heard(RowHighlighted)] == ["c"]


async def test_a_key_that_crosses_the_loss_of_its_row_is_still_about_the_row_that_was_painted() -> None:
    rows = Rows.of("a", "b", "c")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.action_cursor_down()
        await pilot.pause()
        rows.remove("b")
        app.table.sync()
        assert targets(app) == ["b"]
        await pilot.pause()
        assert targets(app) == ["c"]


async def test_when_the_last_rows_leave_the_cursor_moves_up_and_then_stands_nowhere() -> None:
    rows = Rows.of("a", "b")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.action_last()
        rows.remove("b")
        app.table.sync()
        assert app.table.cursor_id == "a"
        rows.remove("a")
        app.table.sync()
        await pilot.pause()
        assert [app.table.cursor_id] == [None]
        assert targets(app) == []
        app.table.action_cursor_down()
        app.table.action_mark()
        app.table.action_select()
        await pilot.pause()
        assert app.heard(RowSelected) == []


async def test_an_order_that_is_not_painted_yet_is_taken_in_before_a_step() -> None:
    rows = Rows.of("a", "b", "c")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        rows.order(["c", "a", "b"])
        app.table.action_cursor_down()
        assert app.table.cursor_id == "b"


@pytest.mark.parametrize(
    ("actions", "cursor"),
    [
        (["cursor_down", "cursor_down", "cursor_up"], 1),
        (["cursor_up"], 0),
        (["page_down"], PAGE - 1),
        (["page_down", "page_up"], 0),
        (["last"], 59),
        (["last", "page_down", "cursor_down"], 59),
        (["last", "first"], 0),
    ],
)
async def test_moving(actions: list[str], cursor: int) -> None:
    app = TableApp(Rows.many(60))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for action in actions:
            await app.table.run_action(action)
        await pilot.pause()
        name = f"row{cursor:05}"
        assert app.table.cursor_id == name
        assert any(line.startswith(f"›{name}") for line in screen_lines(app))


async def test_enter_opens_the_row_under_the_cursor() -> None:
    app = TableApp(Rows.of("a", "b"))
    async with app.run_test(size=SIZE) as pilot:
        app.table.action_cursor_down()
        app.table.action_select()
        await pilot.pause()
        assert [said.row_id for said in app.heard(RowSelected)] == ["b"]


async def test_the_cursor_rests_while_another_widget_has_the_keyboard() -> None:
    app = TableApp(Rows.of("a", "b"))
    async with app.run_test(size=SIZE) as pilot:
        app.table.focus()
        await pilot.pause()
        acting = app.screen._compositor.render_strips()[1]
        app.table.blur()
        await pilot.pause()
        assert app.screen._compositor.render_strips()[1] != acting


async def test_a_smaller_screen_keeps_the_cursor_in_sight() -> None:
    app = TableApp(Rows.many(60))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.go_to("row00009")
        await pilot.resize_terminal(40, 5)
        await pilot.pause()
        assert any(line.startswith("›row00009") for line in screen_lines(app))


async def test_on_a_screen_too_small_for_any_row_nothing_breaks() -> None:
    app = TableApp(Rows.many(60))
    async with app.run_test(size=(5, 1)) as pilot:
        app.table.action_page_down()
        app.table.action_columns_right()
        await pilot.pause()
        assert len(screen_lines(app)) == 1


async def test_going_to_a_row_that_is_not_shown_moves_nothing() -> None:
    app = TableApp(Rows.of("a", "b"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert not app.table.go_to("z")
        assert app.table.cursor_id == "a"


def test_the_cursor_of_an_empty_table_is_nowhere() -> None:
    cursor: Cursor[str] = Cursor()
    assert cursor.follow(Rows()) is None
    assert cursor.id is None
