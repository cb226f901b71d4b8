"""Writing only what changed: the terminal shows the same as if all had been written."""

from __future__ import annotations

import random
from typing import Any, ClassVar

import pyte
import pytest
from rich.console import COLOR_SYSTEMS
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.drivers.headless_driver import HeadlessDriver
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widgets import Static

from fxtop.ui import output
from fxtop.ui.output import SUPPORTED, DiffedApp
from fxtop.ui.segment_diff import RESET, Placed, SegmentDiff
from fxtop.ui.table import FxTable
from fxtop.ui.theme import textual_theme, variable_defaults
from fxtop.ui.theme_file import load_themes
from tests.ui.tablekit import COLUMNS, Item, Rows

SIZE = (70, 16)
WORDS = ("ok", "drained", "日本語", "zoë", "e\u0301e\u0301", "a much longer text than fits")


class Dialog(ModalScreen[None]):
    DEFAULT_CSS = "Dialog { align: center middle; } Dialog Static { width: 30; height: 5; border: round $fx-border; }"

    def compose(self) -> ComposeResult:
        yield Static("Drain viz07?")


class Terminals(DiffedApp[None]):
    """Every update goes to two terminals: as Textual makes it to one, as the difference to the other."""

    DEFAULT_CSS = "Static { width: 20; height: 100%; border: solid $fx-border; }"

    def __init__(self, rows: Rows, *, keeps_style: bool = False) -> None:
        super().__init__()
        self._diff.keeps_style = keeps_style
        for spec in load_themes()[0]:
            self.register_theme(textual_theme(spec))
        self.table: FxTable[str, Item] = FxTable(rows, COLUMNS)
        self.plain = pyte.Screen(*SIZE)
        self.spared = pyte.Screen(*SIZE)
        self.written = [0, 0]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults()

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self.table
            yield Static("beside", id="beside")

    def _display(self, screen: Screen[Any], renderable: Any) -> None:
        if renderable is not None and self._running and not self._batch_count:
            updates: list[Any] = [renderable, self.diffed(renderable)]
            texts = [update.render_segments(self.console) for update in updates]
            for i, (terminal, text) in enumerate(zip((self.plain, self.spared), texts, strict=True)):
                self.written[i] += len(text)
                pyte.Stream(terminal).feed(text)

    def resized(self, width: int, height: int) -> None:
        for terminal in (self.plain, self.spared):
            terminal.resize(height, width)
            terminal.reset()


def shown(terminal: pyte.Screen) -> list[list[Any]]:
    """Every cell with its attributes; a blank's foreground can't be seen."""
    lines = [[terminal.buffer[y][x] for x in range(terminal.columns)] for y in range(terminal.lines)]
    return [[cell._replace(fg="default", bold=False) if cell.data == " " else cell for cell in line] for line in lines]


@pytest.mark.parametrize("keeps_style", [False, True])
@pytest.mark.parametrize("seed", range(2))
async def test_after_any_run_of_updates_both_terminals_show_the_same(seed: int, keeps_style: bool) -> None:
    chance = random.Random(seed)
    rows = Rows.many(60)
    app = Terminals(rows, keeps_style=keeps_style)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        for _ in range(30):
            await _something(app, rows, pilot, chance)
            await pilot.pause()
            assert shown(app.spared) == shown(app.plain)
        assert app.written[1] < app.written[0] / 2


async def _something(app: Terminals, rows: Rows, pilot: Any, chance: random.Random) -> None:
    names = list(rows.items)
    match chance.randrange(9):
        case 0 | 1 | 2:
            some = {chance.choice(names) for _ in range(8)}
            for name in some:
                rows.change(name, number=chance.randrange(10**6), state=chance.choice(WORDS))
            app.table.sync(some)
        case 3:
            chance.choice([app.table.action_page_down, app.table.action_cursor_up, app.table.action_mark])()
        case 4:
            rows.order(chance.sample(names, len(names)))
            app.table.sync()
        case 5:
            app.query_one("#beside", Static).update(chance.choice(WORDS) * chance.randrange(6))
        case 6:
            app.theme = chance.choice(["dark", "light", "ansi", "mono"])
        case 7:
            await (app.push_screen(Dialog()) if len(app.screen_stack) == 1 else app.pop_screen())
        case _:
            size = (chance.randrange(50, 90), chance.randrange(8, 24))
            app.resized(*size)
            await pilot.resize_terminal(*size)


async def test_a_changed_cell_costs_few_bytes() -> None:
    rows = Rows.many(60)
    app = Terminals(rows)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.written = [0, 0]
        rows.change("row00003", number=7)
        app.table.sync({"row00003"})
        await pilot.pause()
        plain, spared = app.written
        assert 0 < spared < 100 < plain


async def test_a_repaint_asked_for_writes_all_again() -> None:
    app = Terminals(Rows.many(60))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.spared.erase_in_display(2)
        app.screen.refresh()
        await pilot.pause()
        assert shown(app.spared) != shown(app.plain)
        app.repaint_all()
        await pilot.pause()
        assert shown(app.spared) == shown(app.plain)


async def test_after_a_suspension_all_is_written_again() -> None:
    app = Terminals(Rows.many(60))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        app.spared.erase_in_display(2)
        app.app_resume_signal.publish(app)
        await pilot.pause()
        assert shown(app.spared) == shown(app.plain)


async def test_what_is_no_update_of_the_screen_goes_out_as_it_is_and_ends_what_was_known() -> None:
    app = Terminals(Rows.many(3))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        assert app.diffed("a traceback") == "a traceback"
        app.written = [0, 0]
        app.screen.refresh()
        await pilot.pause()
        assert app.written[1] > 500


def test_this_textual_has_what_the_difference_needs() -> None:
    assert SUPPORTED


def test_another_textual_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    assert output._supported()
    monkeypatch.delattr("textual._compositor.ChopsUpdate")
    assert not output._supported()


class Recorder(HeadlessDriver):
    """A driver of a terminal that keeps what is written to it."""

    written: ClassVar[list[str]] = []

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.written.append(data)


class Counter(DiffedApp[None]):
    """An app on a recorded terminal with one line that changes."""

    def compose(self) -> ComposeResult:
        yield Static("0 requests", id="count", markup=False)


@pytest.mark.parametrize(("segment_diff", "most"), [(True, 40), (False, 400)])
async def test_a_running_app_writes_the_difference_or_where_that_is_switched_off_all(
    segment_diff: bool, most: int
) -> None:
    Recorder.written = []
    app = Counter(driver_class=Recorder)
    app.segment_diff = segment_diff
    async with app.run_test(headless=False, size=SIZE) as pilot:
        await pilot.pause()
        before = len(Recorder.written)
        app.query_one("#count", Static).update("7 requests")
        await pilot.pause()
        update = "".join(Recorder.written[before:])
        assert most / 10 < len(update) <= most
        screen = pyte.Screen(*SIZE)
        pyte.Stream(screen).feed("".join(Recorder.written))
        assert screen.display[0].rstrip() == "7 requests"


def _draw(diff: SegmentDiff, *segments: Segment, x: int = 0, end: int = 20) -> str:
    return diff.render([Placed(0, x, end, Strip(segments))], 20, 2, COLOR_SYSTEMS["256"])


def test_only_the_middle_that_changed_of_a_long_text_is_written() -> None:
    diff = SegmentDiff()
    _draw(diff, Segment("bus up 12:00:01 UTC"))
    assert _draw(diff, Segment("bus up 12:00:07 UTC")) == "\x1b[1;15H7"


def test_of_a_short_text_too_only_what_changed_is_written_unless_the_cursor_stands_before_it() -> None:
    diff = SegmentDiff()
    _draw(diff, Segment(" 3"), Segment(" 4", Style()))
    assert _draw(diff, Segment(" 5")) == "\x1b[1;2H5"
    assert _draw(diff, Segment("99"), Segment(" 6", Style())) == "\x1b[1;1H99 6"


def test_a_text_whose_neighbour_was_written_over_it_is_written_again() -> None:
    diff = SegmentDiff()
    _draw(diff, Segment("aaaa"), Segment("bbbb"))
    _draw(diff, Segment("cccccc"))
    assert _draw(diff, Segment("bbbb"), x=4) == "\x1b[1;5Hbbbb"


def test_neighbours_of_one_style_share_it() -> None:
    bold = Style(bold=True)
    assert _draw(SegmentDiff(), Segment("a", bold), Segment("b", bold)) == f"\x1b[1;1H\x1b[1mab{RESET}"


def test_after_text_whose_width_terminals_disagree_about_the_cursor_is_placed_anew() -> None:
    assert _draw(SegmentDiff(), Segment("é"), Segment("b")) == "\x1b[1;1Hé\x1b[1;2Hb"


def test_links_are_written_whole() -> None:
    text = _draw(SegmentDiff(), Segment("x", Style(link="https://example.org")))
    assert "https://example.org" in text
    assert text.endswith("\x1b]8;;\x1b\\")


def test_nothing_is_written_beyond_the_end_of_a_piece() -> None:
    assert _draw(SegmentDiff(), Segment("abcdef"), end=3) == "\x1b[1;1Habc"


def test_other_colours_of_the_terminal_make_all_new() -> None:
    diff = SegmentDiff()
    red = Segment("a", Style(color="#ff0000"))
    _draw(diff, red)
    assert diff.render([Placed(0, 0, 9, Strip([red]))], 20, 2, COLOR_SYSTEMS["truecolor"]) != ""


def test_a_style_that_stays_set_is_not_written_again() -> None:
    diff = SegmentDiff()
    diff.keeps_style = True
    bold = Style(bold=True)
    assert _draw(diff, Segment("a", bold)) == "\x1b[1;1H\x1b[1ma"
    assert diff.styled
    assert _draw(diff, Segment("b", bold)) == "\x1b[1;1Hb"
    assert _draw(diff, Segment("c")) == f"\x1b[1;1H{RESET}c"
    assert not diff.styled


def test_after_somebody_else_wrote_the_style_is_set_anew() -> None:
    diff = SegmentDiff()
    diff.keeps_style = True
    bold = Style(bold=True)
    _draw(diff, Segment("a", bold))
    diff.forget()
    assert _draw(diff, Segment("a", bold)) == "\x1b[1;1H\x1b[0;1ma"


class Frames(Counter):
    """An app whose terminal shows a frame at once where it is marked as one."""

    def compose(self) -> ComposeResult:
        yield Static("0 requests", id="count", markup=False)
        yield Static("", id="much", markup=False)


async def test_only_a_long_frame_is_marked_as_one() -> None:
    Recorder.written = []
    app = Frames(driver_class=Recorder)
    async with app.run_test(headless=False, size=SIZE) as pilot:
        app._sync_available = True
        for text, marks in (("7", 0), ("8" * 300, 1), ("9", 0)):
            await pilot.pause()
            before = len(Recorder.written)
            app.query_one("#much" if marks else "#count", Static).update(text)
            await pilot.pause()
            frame = "".join(Recorder.written[before:])
            assert text[:10] in frame
            assert (frame.count("\x1b[?2026h"), frame.count("\x1b[?2026l")) == (marks, marks)


async def test_what_is_no_update_finds_no_style_set() -> None:
    Recorder.written = []
    app = Frames(driver_class=Recorder)
    async with app.run_test(headless=False, size=SIZE) as pilot:
        await pilot.pause()
        app._diff.forget()
        before = len(Recorder.written)
        app._display(app.screen, Text("a traceback"))
        assert Recorder.written[before] == RESET
        assert "a traceback" in "".join(Recorder.written[before:])
