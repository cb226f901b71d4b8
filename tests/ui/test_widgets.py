"""The small widgets: what they say, that they keep their size, and that ASCII is enough for them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.widget import Widget

from fxtop.ui.theme import textual_theme, variable_defaults
from fxtop.ui.theme_file import load_theme
from fxtop.ui.widgets.banner import Banner
from fxtop.ui.widgets.big_digits import ASCII_GLYPHS, UNICODE_GLYPHS, big
from fxtop.ui.widgets.histogram import Bar, Histogram
from fxtop.ui.widgets.spark import Spark
from fxtop.ui.widgets.tiles import Tile
from fxtop.views.column import Tone
from tests.ui.tablekit import screen_lines

SIZE = (60, 12)


class OneWidget(App[None]):
    """A widget at the top of the screen."""

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, widget: Widget, theme: str = "dark") -> None:
        super().__init__()
        self.widget = widget
        self.register_theme(textual_theme(load_theme(theme)))
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults()

    def compose(self) -> ComposeResult:
        yield self.widget


async def shown(widget: Widget, act: Callable[[], object], size: tuple[int, int] = SIZE) -> list[str]:
    """The lines on the screen after ``act``."""
    app = OneWidget(widget)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        act()
        await pilot.pause()
        return screen_lines(app)


async def test_a_banner_is_centred_and_never_reads_markup() -> None:
    banner = Banner()
    lines = await shown(banner, lambda: banner.show("[red]bus down[/red]"))
    assert lines[0].strip() == "[red]bus down[/red]"
    assert lines[0].startswith(" " * 20)
    assert banner.has_class("-crit")


async def test_a_banner_changes_its_tone() -> None:
    banner = Banner()
    await shown(banner, lambda: banner.show("a"))
    banner.show("a", Tone.WARN)
    assert banner.has_class("-warn")
    assert not banner.has_class("-crit")


async def test_a_long_banner_takes_more_lines_but_not_the_whole_screen() -> None:
    banner = Banner()
    lines = await shown(banner, lambda: banner.show("many words " * 100))
    assert lines[2].strip().startswith("many")
    assert not lines[3].strip()


async def test_a_sparkline_ends_at_its_scale_and_shows_gaps() -> None:
    spark = Spark("cpu")
    lines = await shown(spark, lambda: spark.show([0.0, math.nan, 1.0], "42 % of 64", top=1.0))
    assert lines[0].startswith("cpu")
    assert lines[0].endswith("▁ █ 42 % of 64")


async def test_a_sparkline_can_do_with_ascii() -> None:
    spark = Spark("cpu", ascii_only=True)
    lines = await shown(spark, lambda: spark.show([x / 9 for x in range(200)], "42 %"))
    assert lines[0].isascii()
    assert "#" in lines[0]


async def test_on_a_narrow_screen_a_sparkline_keeps_a_third_for_its_course() -> None:
    spark = Spark("memory", ascii_only=True)
    lines = await shown(spark, lambda: spark.show([1.0] * 50, "a long scale text"), size=(18, 3))
    assert lines[0] == "memory #### a lon~"


async def test_the_digits_of_both_alphabets_are_three_by_three() -> None:
    for glyphs in (ASCII_GLYPHS, UNICODE_GLYPHS):
        assert all(len(line) == 3 for glyph in glyphs.values() for line in glyph)
        digits = {glyphs[str(digit)] for digit in range(10)}
        assert len(digits) == 10
    assert all(line.isascii() for glyph in ASCII_GLYPHS.values() for line in glyph)


def test_what_has_no_large_form_is_not_made_large() -> None:
    assert big("n/a", ascii_only=False) is None


async def test_a_tile_shows_title_figure_and_what_it_means() -> None:
    tile = Tile("Nodes", ascii_only=True)
    lines = await shown(tile, lambda: tile.show("38/41", Tone.CRIT, "2 late, 1 lost"))
    assert lines[1].strip("| ") == "Nodes !!"
    assert "_||_| / |_|  |" in lines[3]
    assert "2 late, 1 lost" in lines[5]
    assert all(line.isascii() for line in lines)


async def test_a_figure_too_wide_for_its_tile_is_written_small() -> None:
    tile = Tile("Bytes", ascii_only=True)
    lines = await shown(tile, lambda: tile.show("1234567890"), size=(20, 8))
    assert "1234567890" in lines[3]


@pytest.mark.parametrize("values", [["1", "1234", ""], ["38/41", "n/a"]])
async def test_a_tile_keeps_its_size_whatever_it_shows(values: list[str]) -> None:
    tile = Tile("Nodes")
    app = OneWidget(tile)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        layouts: list[Any] = []
        app.screen.screen_layout_refresh_signal.subscribe(tile, layouts.append)
        before = tile.size
        for value, tone in zip(values, Tone, strict=False):
            tile.show(value, tone)
            await pilot.pause()
        assert tile.size == before


async def test_a_histogram_draws_each_node_against_its_capacity_on_one_scale() -> None:
    histogram = Histogram(ascii_only=True)
    bars = [Bar("viz01", 10, 20), Bar("viz02", 20, 20), Bar("viz03", 5, None), Bar("viz04", 0, 10)]
    lines = await shown(histogram, lambda: histogram.show(bars), size=(56, 6))
    assert [line.split() for line in lines[:4]] == [
        ["viz01", "#" * 20 + "." * 20, "10/20"],
        ["viz02", "#" * 40, "20/20"],
        ["viz03", "#" * 10, "5/?"],
        ["viz04", "." * 20, "0/10"],
    ]


async def test_a_histogram_of_a_plan_shows_what_comes_and_what_goes() -> None:
    histogram = Histogram(ascii_only=True)
    bars = [Bar("viz01", 20, 20, 10, "draining"), Bar("viz02", 0, 20, 10), Bar("viz03", 5, 20, 5)]
    lines = await shown(histogram, lambda: histogram.show(bars), size=(74, 6))
    assert [line.split() for line in lines[:3]] == [
        ["viz01", "#" * 20 + "-" * 20, "20/20", "->", "10", "draining"],
        ["viz02", "+" * 20 + "." * 20, "0/20", "->", "10"],
        ["viz03", "#" * 10 + "." * 30, "5/20"],
    ]


async def test_a_histogram_without_a_node_or_without_a_session_is_just_empty() -> None:
    histogram = Histogram(ascii_only=True)
    assert not "".join(await shown(histogram, lambda: histogram.show([])))
    lines = await shown(Histogram(ascii_only=True), lambda: None)
    assert not "".join(lines)


async def test_a_histogram_of_many_nodes_scrolls() -> None:
    histogram = Histogram(ascii_only=True)
    app = OneWidget(histogram)
    async with app.run_test(size=SIZE) as pilot:
        histogram.show([Bar(f"viz{i:02}", i, 40) for i in range(40)])
        await pilot.pause()
        histogram.scroll_to(y=20, animate=False)
        await pilot.pause()
        assert screen_lines(app)[0].startswith("viz20")


@pytest.mark.parametrize("widget", [Histogram(ascii_only=True), Spark("zoë", ascii_only=True)])
async def test_labels_are_ascii_where_only_that_shows(widget: Widget) -> None:
    if isinstance(widget, Histogram):
        lines = await shown(widget, lambda: widget.show([Bar("日本→", 1, 2, note="gewählt")]))
        assert lines[0].startswith("???")
    elif isinstance(widget, Spark):
        lines = await shown(widget, lambda: widget.show([1.0], "µ"))
    assert "".join(lines).isascii()
