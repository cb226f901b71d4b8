"""Other programs that show a live bus on a terminal, under the same load and in the same run as fxtop."""

from __future__ import annotations

import random
import shutil
import statistics
import sys
import time
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench.figures import Peer
from tests.bench.stage import Pty, nats_server, publisher
from tests.bench.whole import DOWN, Load
from tests.ptykit import Screen

DATA_TABLE: Final = "DataTable over nats-py's callback, no sessions"
NATS_TUI: Final = "nats-tui"
BESIDE: Final = 2
"""A column of the terminal that is within the table's first."""


def beside(folder: Path, load: Load) -> list[Peer]:
    """The peers' figures, each from one look."""
    with nats_server(folder) as port, publisher(port, nodes=load.nodes, sessions=load.sessions):
        return [*_data_table(port, folder, load), *_nats_tui(port, folder, load)]


def _data_table(port: int, folder: Path, load: Load) -> list[Peer]:
    terminal = Pty([sys.executable, "-m", "tests.bench.plain_console", str(port)], folder)
    try:
        terminal.displays(rf"Nodes {load.nodes}\b")
        seen = _look(terminal, load)
        took = _walk(terminal, load.keys)
        cuts = statistics.quantiles(took, n=100)
        seen |= {"key_p50": cuts[49], "key_p99": cuts[98], "memory": terminal.resident}
    finally:
        terminal.close()
    return [Peer(figure, DATA_TABLE, (value,)) for figure, value in seen.items()]


def _nats_tui(port: int, folder: Path, load: Load) -> list[Peer]:
    """Its first screen follows all subjects. Nothing where it isn't installed (`pip install nats-tui`)."""
    program = shutil.which("nats-tui", path=str(Path(sys.executable).parent)) or shutil.which("nats-tui")
    if program is None:
        return []
    terminal = Pty([program, "-s", f"nats://127.0.0.1:{port}"], folder)
    try:
        terminal.displays("Connected to")
        seen = _look(terminal, load)
        seen["memory"] = terminal.resident
    finally:
        terminal.close()
    return [Peer(figure, NATS_TUI, (value,)) for figure, value in seen.items()]


def _look(terminal: Pty, load: Load) -> dict[str, float]:
    time.sleep(5)  # for what a start has to do once
    cpu, written = terminal.rates(load.quiet)
    return {"cpu": cpu, "bytes": written}


def _walk(terminal: Pty, keys: int) -> list[float]:
    """Milliseconds from each press of Down until the line under the cursor is another one."""
    chance = random.Random(3)
    took = []
    for _ in range(keys):
        time.sleep(chance.uniform(0.05, 0.11))
        terminal.forget()
        before = _marked(terminal.screen)
        pressed = time.monotonic()
        terminal.type(DOWN)
        took.append((terminal.becomes(partial(_moved, before), "the cursor") - pressed) * 1000)
    return took


def _moved(before: str, screen: Screen) -> bool:
    return _marked(screen) not in {before, ""}


def _marked(screen: Screen) -> str:
    """The name of the node whose line has another background than most."""
    names = {y: line.split()[0] for y, line in enumerate(screen.display) if line.strip().startswith("viz")}
    backgrounds = {y: screen.buffer[y][BESIDE].bg for y in names}
    usual = statistics.mode(backgrounds.values()) if backgrounds else ""
    return next((names[y] for y, background in backgrounds.items() if background != usual), "")
