"""From the start of a process to its first real screen."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.stage import Pty

NOWHERE: Final = "nats://127.0.0.1:9"
"""A server that isn't there: the first screen doesn't wait for one."""
EMPTY: Final = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("here it is")
Empty().run()
"""


@dataclass(frozen=True)
class Start:
    """What a first screen took."""

    wall: float
    """Milliseconds."""
    cpu: float
    """Milliseconds of CPU."""


def fxtop_start(folder: Path) -> Start:
    """Until the console shows its panes."""
    return _until([sys.executable, "-m", "fxtop", "--server", NOWHERE], "Sessions", folder)


def empty_start(folder: Path) -> Start:
    """Until an empty Textual application shows its one word."""
    return _until([sys.executable, "-c", EMPTY], "here it is", folder)


def _until(command: Sequence[str], word: str, folder: Path) -> Start:
    terminal = Pty(command, folder)
    try:
        return Start(terminal.shows(word) * 1000, terminal.cpu * 1000)
    finally:
        terminal.close()
