"""Marks, and what an action is about."""

from __future__ import annotations

from fxtop.ui.table import MarksChanged
from tests.ui.tablekit import Rows, TableApp, screen_lines, targets

SIZE = (60, 11)


async def test_marking_goes_on_to_the_next_row() -> None:
    app = TableApp(Rows.of("a", "b", "c"))
    async with app.run_test(size=SIZE) as pilot:
        app.table.action_mark()
        await pilot.pause()
        assert screen_lines(app)[1:4] == [line for line in screen_lines(app)[1:4] if line[1] in "abc"]
        assert [line[0] for line in screen_lines(app)[1:4]] == ["◆", "›", " "]


async def test_without_marks_the_target_is_the_row_under_the_cursor() -> None:
    app = TableApp(Rows.of("a", "b", "c"))
    async with app.run_test(size=SIZE):
        app.table.action_cursor_down()
        assert targets(app) == ["b"]


async def test_with_marks_the_targets_are_the_marked_rows_in_the_order_shown() -> None:
    rows = Rows.of("a", "b", "c")
    app = TableApp(rows)
    async with app.run_test(size=SIZE):
        app.table.action_mark()
        app.table.action_cursor_down()
        app.table.action_mark()
        assert targets(app) == ["a", "c"]
        rows.order(["c", "b", "a"])
        app.table.sync()
        assert targets(app) == ["c", "a"]


async def test_a_range_goes_from_the_last_mark_to_the_cursor_either_way() -> None:
    app = TableApp(Rows.of("a", "b", "c", "d"))
    async with app.run_test(size=SIZE):
        app.table.action_cursor_down()
        app.table.action_mark()
        app.table.action_last()
        app.table.action_mark_range()
        assert targets(app) == ["b", "c", "d"]
        app.table.action_first()
        app.table.action_mark_range()
        assert targets(app) == ["a", "b", "c", "d"]


async def test_a_range_without_a_mark_before_is_the_row_itself() -> None:
    app = TableApp(Rows.of("a", "b"))
    async with app.run_test(size=SIZE):
        app.table.action_mark_range()
        assert targets(app) == ["a"]
        assert app.table.marks


async def test_all_invert_and_clear() -> None:
    app = TableApp(Rows.of("a", "b", "c"))
    async with app.run_test(size=SIZE) as pilot:
        app.table.action_mark()
        app.table.action_mark_invert()
        assert targets(app) == ["b", "c"]
        app.table.action_mark_all()
        assert targets(app) == ["a", "b", "c"]
        app.table.action_mark_clear()
        await pilot.pause()
        assert not app.table.marks
        assert app.heard(MarksChanged)[-1].count == 0


async def test_marks_stay_with_rows_that_a_filter_hides_and_the_title_says_so() -> None:
    rows = Rows.of("a", "b", "c")
    app = TableApp(rows)
    async with app.run_test(size=SIZE):
        app.table.action_mark_all()
        rows.order(["c"])
        app.table.sync()
        assert set(app.table.targets) == {"a", "b", "c"}
        assert app.table.targets[0] == "c"
        assert app.table.suffix == "3 marked (2 not shown)"


async def test_the_mark_of_a_row_that_is_gone_is_dropped() -> None:
    rows = Rows.of("a", "b", "c")
    app = TableApp(rows)
    async with app.run_test(size=SIZE) as pilot:
        app.table.action_mark_all()
        await pilot.pause()
        app.said.clear()
        rows.remove("b")
        app.table.sync()
        await pilot.pause()
        assert targets(app) == ["a", "c"]
        assert [said.count for said in app.heard(MarksChanged)] == [2]


async def test_while_the_order_is_held_the_title_says_so_and_marks_of_gone_rows_stay() -> None:
    rows = Rows.of("a", "b", "c")
    app = TableApp(rows)
    async with app.run_test(size=SIZE):
        app.table.action_mark_all()
        rows.held, rows.pending = True, 1
        rows.remove("b")
        app.table.sync({"b"})
        assert targets(app) == ["a", "b", "c"]
        assert app.table.suffix == "3 marked, order held, 1 to move"
        rows.pending = 0
        app.table.action_mark_clear()
        assert app.table.suffix == "order held"
        rows.held = False
        assert app.table.suffix == ""


async def test_marking_all_of_many_rows_paints_only_the_screen() -> None:
    app = TableApp(Rows.many(20_000))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.table.action_mark_all()
        assert len(app.table.targets) == 20_000
        assert app.table.refreshed_lines == SIZE[1] - 1
