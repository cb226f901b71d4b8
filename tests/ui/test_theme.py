"""Theme files as Textual themes: every style sheet of the console finds its variables, in every theme."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.widgets import Footer, Input, OptionList, SelectionList, Static

import fxtop.ui
from fxtop.ui.theme import textual_theme, variable_defaults
from fxtop.ui.theme_file import load_theme, load_themes
from tests.ui.tablekit import Rows, TableApp, screen_lines

NAMES = tuple(theme.name for theme in load_themes()[0])


class Sampler(App[None]):
    """Textual's own widgets that the console uses."""

    def __init__(self, theme: str) -> None:
        super().__init__()
        self.register_theme(textual_theme(load_theme(theme)))
        self.theme = theme

    def compose(self) -> ComposeResult:
        yield Static("text", classes="x")
        yield Input()
        yield OptionList("one", "two")
        yield SelectionList(("one", 1), ("two", 2))
        yield Footer()


@pytest.mark.parametrize("name", NAMES)
async def test_textuals_own_widgets_can_be_drawn_in_every_theme(name: str) -> None:
    async with Sampler(name).run_test() as pilot:
        await pilot.pause()
        await pilot.press("ctrl+p")
        pilot.app.notify("hello")
        await pilot.pause()


@pytest.mark.parametrize("name", NAMES)
async def test_a_theme_can_be_changed_while_the_table_is_shown(name: str) -> None:
    app = TableApp(Rows.many(5))
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.pause()
        before = screen_lines(app)
        formatted = app.table.formatted_rows
        app.theme = name
        await pilot.pause()
        assert screen_lines(app) == before
        assert app.table.formatted_rows == formatted


@pytest.mark.parametrize("name", NAMES)
async def test_the_cursor_shows_in_every_theme_without_colour(name: str) -> None:
    app = TableApp(Rows.many(5), theme=name)
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.pause()
        app.table.focus()
        await pilot.pause()
        styles = [list(app.screen._compositor.render_strips()[y])[1].style for y in (1, 2)]
        attributes = [(style.bold, style.reverse, style.underline) if style else () for style in styles]
        assert attributes[0] != attributes[1]


async def test_no_color_leaves_only_grey(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    rows = Rows.of("a")
    rows.change("a", state="crit")
    app = TableApp(rows)
    async with app.run_test(size=(60, 8)) as pilot:
        await pilot.pause()
        for segment in app.screen._compositor.render_strips()[1]:
            assert segment.style is not None
            for color in (segment.style.color, segment.style.bgcolor):
                assert color is None or color.triplet is None or len(set(color.triplet)) == 1


def test_every_variable_that_a_style_sheet_uses_is_one_that_themes_set() -> None:
    known = variable_defaults()
    folder = Path(fxtop.ui.__file__).parent
    for file in (*folder.rglob("*.py"), *folder.rglob("*.tcss")):
        used = set(re.findall(r"\$(fx-[a-z-]+[a-z])(?![a-z-])", file.read_text(encoding="utf-8")))
        assert used <= known.keys(), f"{file.name}: {used - known.keys()}"
