"""From the start of a process to its first real screen."""

from __future__ import annotations

import sys
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


def fxtop_start(folder: Path) -> float:
    """Milliseconds until the console shows its panes."""
    return _until([sys.executable, "-m", "fxtop", "--server", NOWHERE], "Sessions", folder)


def empty_start(folder: Path) -> float:
    """Milliseconds until an empty Textual application shows its one word."""
    return _until([sys.executable, "-c", EMPTY], "here it is", folder)


def _until(command: list[str], word: str, folder: Path) -> float:
    terminal = Pty(command, folder)
    try:
        return terminal.shows(word) * 1000
    finally:
        terminal.close()
