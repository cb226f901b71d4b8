"""What a refresh of a table costs: ``python -m tests.bench.table``.

Each table runs in a process of its own on a terminal of 120x42 that somebody reads. A refresh changes a fifth of the
visible cells at random places. DataTable runs alongside, so that the ratio says something on any machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import pty
import random
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from fcntl import ioctl
from typing import Any

COLUMNS = 12
VISIBLE = 40
REFRESHES = 40
WARM_UP = 5
TERMINAL = (42, 120)


def main() -> None:
    """Measure, and print a table."""
    sys.stdout.write(f"{'table':<34}{'rows':>8}{'first fill ms':>15}{'ms/refresh':>12}{'bytes/refresh':>15}" + "\n")
    for kind in ("fxtop", "fxtop, plain output", "DataTable"):
        for rows in (10_000, 100_000) if kind != "DataTable" else (10_000,):
            got = measure(kind, rows)
            sys.stdout.write(
                f"{kind:<34}{rows:>8}{got['fill']:>15.0f}{got['refresh']:>12.1f}{got['bytes']:>15.0f}" + "\n"
            )


def measure(kind: str, rows: int) -> dict[str, float]:
    """Milliseconds of CPU for the first fill and per refresh, and bytes to the terminal per refresh."""
    terminal, side = pty.openpty()
    ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", *TERMINAL, 0, 0))
    reading, writing = os.pipe()
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "", "TEXTUAL_FPS": "240"}
    command = [sys.executable, "-m", "tests.bench.table", kind, str(rows), str(writing)]
    process = subprocess.Popen(command, stdin=side, stdout=side, stderr=side, pass_fds=[writing], env=environment)
    os.close(side)
    os.close(writing)
    count, marks, answer = 0, [], b""
    while process.poll() is None:
        ready, _, _ = select.select([terminal, reading], [], [], 0.2)
        if terminal in ready:
            count += len(_read(terminal))
        if reading in ready and (chunk := _read(reading)):
            answer += chunk
            marks.append(count)
    os.close(terminal)
    os.close(reading)
    result: dict[str, float] = json.loads(answer.splitlines()[-1])
    result["bytes"] = (marks[-1] - marks[0]) / REFRESHES
    return result


def _read(fd: int) -> bytes:
    try:
        return os.read(fd, 65536)
    except OSError:  # the other end of the terminal is gone
        return b""


def run(kind: str, rows: int, report: int) -> None:
    """Be the process that is measured."""
    app, change = _fxtop(rows, kind) if kind.startswith("fxtop") else _data_table(rows)

    async def drive() -> None:
        task = asyncio.create_task(app.run_async())
        await _painted(app, 1.0)
        filled = time.process_time() - started
        for i in range(WARM_UP + REFRESHES):
            if i == WARM_UP:
                os.write(report, b"\n")
                before = time.process_time()
            change()
            await _painted(app, 0.05)
        each = (time.process_time() - before) / REFRESHES
        os.write(report, json.dumps({"fill": filled * 1000, "refresh": each * 1000}).encode() + b"\n")
        await asyncio.sleep(0.3)  # for the reader to take the result before the app clears the terminal
        app.exit()
        await task

    started = time.process_time()
    asyncio.run(drive())


async def _painted(app: Any, seconds: float) -> None:
    """Let the app do what it has to do, and then nothing."""
    done = asyncio.Event()
    app.call_after_refresh(done.set)
    await asyncio.sleep(seconds)
    await asyncio.wait_for(done.wait(), 60)


def _cells(names: list[str], chance: random.Random) -> list[tuple[str, int]]:
    """A fifth of the cells of the first screen."""
    return [(chance.choice(names), chance.randrange(1, COLUMNS)) for _ in range(VISIBLE * COLUMNS // 5)]


def _fxtop(count: int, kind: str) -> tuple[Any, Callable[[], None]]:
    from textual.app import ComposeResult

    from fxtop.ui.output import DiffedApp
    from fxtop.ui.table import FxTable
    from fxtop.ui.theme import variable_defaults
    from fxtop.views.column import Cell
    from tests.ui.tablekit import Item, Rows, column

    def number(i: int) -> Any:
        return lambda item, _store, _look: Cell(str(numbers[item.name][i]))

    rows = Rows.many(count)
    numbers = {name: [0] * COLUMNS for name in rows.ids}
    columns = [column(), *(column(id=f"c{i}", title=f"C{i}", cell=number(i), right=True) for i in range(1, COLUMNS))]
    table: FxTable[str, Item] = FxTable(rows, columns, flash_seconds=0)

    class BenchApp(DiffedApp[None]):
        segment_diff = "plain" not in kind

        def get_theme_variable_defaults(self) -> dict[str, str]:
            return variable_defaults()

        def compose(self) -> ComposeResult:
            yield table

    chance = random.Random(1)

    def change() -> None:
        dirty = set()
        for name, i in _cells(list(rows.ids[:VISIBLE]), chance):
            numbers[name][i] = chance.randrange(10**6)
            rows.items[name].rev += 1
            dirty.add(name)
        table.sync(dirty)

    return BenchApp(), change


def _data_table(count: int) -> tuple[Any, Callable[[], None]]:
    from textual.app import App, ComposeResult
    from textual.widgets import DataTable

    names = [f"row{i:05}" for i in range(count)]
    table: DataTable[str] = DataTable(cursor_type="row")

    class BenchApp(App[None]):
        def compose(self) -> ComposeResult:
            yield table

        def on_mount(self) -> None:
            table.add_column("Name", key="0", width=8)
            for i in range(1, COLUMNS):
                table.add_column(f"C{i}", key=str(i), width=8)
            for name in names:
                table.add_row(name, *(["0"] * (COLUMNS - 1)), key=name)

    chance = random.Random(1)

    def change() -> None:
        for name, i in _cells(names[:VISIBLE], chance):
            table.update_cell(name, str(i), str(chance.randrange(10**6)))

    return BenchApp(), change


if __name__ == "__main__":
    if len(sys.argv) > 1:
        run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    else:
        main()
