"""What doesn't change isn't made again because something beside it is painted."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widget import Widget

from fxtop.ui.chrome.line import Line, Span
from tests.ui.test_console import console, line


async def test_a_key_that_scrolls_makes_no_line_of_what_stands_around_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with console(tmp_path, (120, 20)) as (harness, pilot):
        made: list[Widget] = []
        usual = Widget.render_lines

        def counted(self: Widget, crop: object) -> object:
            made.append(self)
            return usual(self, crop)  # type: ignore[arg-type]  # handed on as it came

        monkeypatch.setattr(Widget, "render_lines", counted)
        await pilot.press("down")
        around = {harness.main, harness.main.active, *harness.main.query(Line)}
        assert around & set(made) == set()


async def test_what_changes_is_made_again(tmp_path: Path) -> None:
    async with console(tmp_path) as (harness, pilot):
        header = harness.main.query_one("#header", Line)
        header.show([Span("another cluster")])
        await pilot.pause()
        assert line(harness, "header") == "another cluster"
        assert "another cluster" in header.render_lines(header.size.region)[0].text
        header.styles.background = "red"
        await pilot.pause()
        strip = header.render_lines(header.size.region)[0]
        assert all(style is not None and style.bgcolor == header.styles.background.rich_color for _, style, _ in strip)
