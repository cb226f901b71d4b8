"""The whole console with everything at once: 10,000 nodes, 100,000 sessions, 2,000 heartbeats a second one by one."""

from __future__ import annotations

import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from tests.bench.calm import Calm
from tests.bench.stage import Pty, console, nats_server, publisher

DOWN: Final = "\x1b[B"
BACKSPACE: Final = "\x7f"
FILTERS: Final = 5
GETS: Final = 3
LOOKS: Final = 3
"""How often a filter is typed, rows are got, and CPU and bytes are looked at in one run: of one alone chance would have
the say."""
GLIMPSE: Final = 0.5
"""Seconds of a part of a look where a calm machine is waited for, which is one tick: it seldom stays calm for long."""
CHANCE: Final = random.Random(3)
"""When keys are pressed."""
SESSION_MEMORY: Final = 900_000_000
"""What the publisher gives session 0; each further one has a byte more."""


@dataclass(frozen=True)
class Load:
    """How much there is, and how long each look at it takes."""

    nodes: int = 10_000
    sessions: int = 100_000
    quiet: float = 10.0
    """Seconds of one look at CPU and bytes."""
    keys: int = 200
    history: float = 0.0
    """Seconds of history before memory is looked at."""


Found = dict[str, list[float]]


def whole(folder: Path, load: Load, calm: Calm) -> Found:
    """One run of everything."""
    found: Found = {}
    with nats_server(folder) as port:
        with console(port, folder) as terminal:
            terminal.shows("bus connected")
            time.sleep(3)  # for what a start has to do once
            found["bytes_still"] = [terminal.rates(load.quiet)[1]]
        with publisher(port, nodes=load.nodes, sessions=load.sessions):
            found["get"] = calm.kept("get", GETS, lambda: _get(port, folder))
            calm.comes()
            with console(port, folder) as terminal:
                _look_at(terminal, load, found, calm)
    return found


def _look_at(terminal: Pty, load: Load, found: Found, calm: Calm) -> None:
    connected = terminal.displays("bus connected")
    found["join"] = [terminal.displays(rf"Nodes {load.nodes}\b") - connected]
    time.sleep(10.0)
    found["cpu"], found["bytes"] = _looked(terminal, load, calm)
    nodes = (f"viz{i:05d}" for i in range(1, load.nodes))
    found["key_p50"], found["key_p99"] = _percentiles(calm.kept("keys", load.keys, partial(_step, terminal, nodes)))
    terminal.type(":sort cpu\r")
    time.sleep(2)
    found["cpu_hot"], found["bytes_hot"] = _looked(terminal, load, calm)
    terminal.type("3z")
    terminal.shows("Waits for")
    found["filter"], found["filter_all"] = _typed(terminal, load, calm)
    terminal.type(":sort mem\r")
    rows = (n for n in reversed(range(load.sessions)) if n % 7)
    _to_the_top(terminal, user(next(rows)))
    sessions = map(user, rows)
    _, found["key_100k_p99"] = _percentiles(
        calm.kept("keys among sessions", load.keys, partial(_step, terminal, sessions))
    )
    time.sleep(max(0.0, connected + load.history - time.monotonic()))
    found["memory"] = [terminal.resident]


def _looked(terminal: Pty, load: Load, calm: Calm) -> tuple[list[float], list[float]]:
    """Percent of a core and bytes a second of each look, which may be made of parts."""
    parts = max(1, round(load.quiet / GLIMPSE)) if calm.patience else 1
    glimpses = calm.kept(
        "CPU and bytes", LOOKS * parts, lambda: terminal.rates(load.quiet / parts), told_as=statistics.fmean
    )  # of a glimpse alone the kernel counts in ticks of 2 %
    looks = [glimpses[first::LOOKS] for first in range(LOOKS)]
    cpu, written = ([statistics.mean(part[kind] for part in look) for look in looks] for kind in (0, 1))
    return cpu, written


def user(session: int) -> str:
    """Whose session it is, as the publisher gives them out."""
    return f"user{session * 31 % 9973:04d}"


def _step(terminal: Pty, rows: Iterator[str]) -> float:
    """Milliseconds from a press of Down until the name of the next row was painted."""
    time.sleep(CHANCE.uniform(0.05, 0.11))
    terminal.forget()
    pressed = time.monotonic()
    terminal.type(DOWN)
    return (terminal.displays(f"›[^│]*{next(rows)}") - pressed) * 1000


def _to_the_top(terminal: Pty, name: str) -> None:
    """Go to the first row, once the new order is there and ``name`` is the first."""
    for _ in range(30):
        terminal.type("g")
        time.sleep(1)
        terminal.forget()
        if any("›" in line and name in line for line in terminal.screen.display):
            return
    raise RuntimeError(f"{name} isn't the first:\n" + "\n".join(terminal.screen.display))


def _typed(terminal: Pty, load: Load, calm: Calm) -> tuple[list[float], list[float]]:
    """Milliseconds from a key of a filter until rows that it finds are shown, and until they all are counted.

    Before that key there is no row at all. What is shown first is counted as far as that has come: ``1713+ of 100000``.
    """
    count = re.compile(rf"[1-9]\d*\+? of {load.sessions}")
    running = load.sessions - len(range(0, load.sessions, 7))

    def typed() -> tuple[float, float]:
        terminal.type(BACKSPACE)
        terminal.displays(rf"\b0 of {load.sessions}")
        time.sleep(1)
        terminal.forget()
        pressed = time.monotonic()
        terminal.type("g")
        first = terminal.becomes(
            lambda screen: (
                any(map(count.search, screen.display)) and any("● running" in line for line in screen.display)
            ),
            "the first rows of a filter",
        )
        return (first - pressed) * 1000, (terminal.displays(rf"\b{running} of {load.sessions}") - pressed) * 1000

    terminal.type("/state=running")
    firsts, wholes = map(list, zip(*calm.kept("filter", FILTERS, typed), strict=True))
    terminal.type("\r")
    time.sleep(1)
    return firsts, wholes


def _get(port: int, folder: Path) -> float:
    """Seconds of ``fxtop get nodes -o json``."""
    command = [sys.executable, "-m", "fxtop", "get", "nodes", "-o", "json", "--server", f"nats://127.0.0.1:{port}"]
    began = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, env={"HOME": str(folder), "PATH": ""})
    return time.monotonic() - began


def _percentiles(values: list[float]) -> tuple[list[float], list[float]]:
    cuts = statistics.quantiles(values, n=100)
    return [cuts[49]], [cuts[98]]
