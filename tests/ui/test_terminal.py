"""The real program in a real terminal: what it writes, what keys do, and how it leaves the terminal behind."""

from __future__ import annotations

import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from fxtop.demo.options import Options
from fxtop.demo.run import demo
from tests.ptykit import CTRL_C, DOWN, ENTER, ESCAPE, Terminal

NODES = ("manager1", "manager2", "manager3", "viz01")
SMALL, LARGE = (80, 24), (120, 40)

Open = Callable[..., AbstractAsyncContextManager[Terminal]]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The way to one demo for all tests, none of which changes it, for a console that shows at once what it hears."""
    with demo(Options(nodes=len(NODES), sessions=12)) as running:
        hasty = tmp_path_factory.mktemp("console") / "config.toml"
        hasty.write_text(Path(running.ready.config).read_text() + "\n[ui]\nrate = 10\n")
        yield hasty


@pytest.fixture
def console(config: Path, tmp_path: Path) -> Open:
    """Opens the console on the demo's cluster, and returns when it shows every node."""

    @asynccontextmanager
    async def open_(*flags: str, size: tuple[int, int] = LARGE, **env: Any) -> AsyncIterator[Terminal]:
        async with Terminal(tmp_path, *size, **env) as terminal:
            await terminal.run("--config", str(config), *flags)
            await terminal.shows(f"1: Nodes {len(NODES)}", *NODES)
            yield terminal

    return open_


@pytest.mark.parametrize(
    ("size", "term", "colours"),
    [
        (SMALL, "xterm-256color", r"[34]8;5;\d+"),
        (LARGE, "xterm-256color", r"[34]8;5;\d+"),
        (SMALL, "screen", r"[39][0-7]|4[0-7]|10[0-7]"),
    ],
    ids=["80x24 in 256 colours", "120x40 in 256 colours", "80x24 in 16 colours"],
)
async def test_it_writes_nothing_that_the_terminal_does_not_know_and_leaves_it_as_it_was(
    console: Open, size: tuple[int, int], term: str, colours: str
) -> None:
    async with console(size=size, term=term) as terminal:
        terminal.type("q")
        assert await terminal.ended() == 0
        terminal.assert_left_as_found()
        assert terminal.screen.strange == []
        assert not re.search(r"[\x00-\x1f\x7f-\x9f]", terminal.written_text)
        look = re.compile(rf"(?:{colours}|0|[1-9]|39|49)(?:;(?:{colours}|[1-9]|39|49))*")
        assert [colour for colour in terminal.colours if not look.fullmatch(colour)] == []


async def test_keys_do_what_the_key_line_says(console: Open) -> None:
    async with console(size=SMALL) as terminal:
        terminal.type("g" + DOWN)
        await terminal.shows("›● active   manager2")
        terminal.type(ENTER)
        await terminal.shows("Esc goes back")
        terminal.type(ESCAPE)
        await terminal.hides("Esc goes back")
        terminal.type("/viz")
        await terminal.hides("active   manager")
        terminal.type(ENTER)
        await terminal.hides("/ viz")
        terminal.type("3")
        await terminal.shows("3: Sessions", "User")
        terminal.type("?")
        await terminal.shows("Show the nodes")


Leave = Callable[[Terminal], Awaitable[None]]


async def _ctrl_c_while_typing(terminal: Terminal) -> None:
    terminal.type("/")
    await terminal.shows("state:")
    terminal.type(CTRL_C)


async def _ctrl_c_in_a_dialog(terminal: Terminal) -> None:
    terminal.type(ENTER)
    await terminal.shows("Esc goes back")
    terminal.type(CTRL_C)


async def _sigterm(terminal: Terminal) -> None:
    terminal.send(signal.SIGTERM)


@pytest.mark.parametrize(
    "leave",
    [_ctrl_c_while_typing, _ctrl_c_in_a_dialog, _sigterm],
    ids=lambda leave: leave.__name__.strip("_"),
)
async def test_however_it_ends_it_leaves_the_terminal_as_it_was(console: Open, leave: Leave) -> None:
    async with console() as terminal:
        assert terminal.modes[1049]
        await leave(terminal)
        await terminal.ended()
        terminal.assert_left_as_found()


async def test_told_to_end_the_demo_leaves_neither_terminal_nor_files_in_disorder(tmp_path: Path) -> None:
    async with Terminal(tmp_path, *LARGE, TMPDIR=str(tmp_path)) as terminal:
        await terminal.run("demo", "--nodes", "3", "--sessions", "3")
        await terminal.shows("manager1")
        assert _demo_folders(tmp_path)
        terminal.send(signal.SIGTERM)
        await terminal.ended()
        terminal.assert_left_as_found()
        assert not _demo_folders(tmp_path)


def _demo_folders(place: Path) -> list[Path]:
    return list(place.glob("fxtop-demo-*"))


async def test_with_no_color_no_colour_is_written(console: Open) -> None:
    async with console(NO_COLOR="1") as terminal:
        parameters = [int(one) for look in terminal.colours for one in look.split(";") if one]
        assert [one for one in parameters if one in range(30, 39) or one in range(40, 49) or one >= 90] == []


async def test_with_ascii_only_ascii_is_written(console: Open) -> None:
    async with console("--ascii", size=SMALL) as terminal:
        for key in "7654321":
            terminal.type(key)
            await terminal.shows(f"{key}: ")
        boxes = {ENTER: "Last heard", "?": "Show the nodes", "c": "Columns of", "s": "Sort nodes", "b": "fullest first"}
        for key, words in boxes.items():
            terminal.type(key)
            await terminal.shows(words)
            terminal.type(ESCAPE)
            await terminal.hides(words)
        assert terminal.written_text.isascii()
