"""The log goes to a file and never to the screen, which belongs to the data or to the console."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from fxtop.config.directories import make_private
from fxtop.config.error import ConfigError
from fxtop.protocol.text import inert, inert_lines

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_LINE: Final = 4000
KEPT: Final = 3
"""Files of `MAX_BYTES` that are kept beside the present one."""


class Lines(logging.Formatter):
    """A message a line, with nothing in it that acts on the terminal of whoever reads the log."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, with a traceback on lines of its own."""
        lines = [f"{self.formatTime(record)} {record.levelname} {record.name}: {inert(record.getMessage(), MAX_LINE)}"]
        if record.exc_info:
            lines.append(inert_lines(self.formatException(record.exc_info), MAX_LINE))
        return "\n".join(lines)


def log_to(file: Path) -> str | None:
    """Let everything that is logged go to ``file``, of mode 0600; a sentence where there can't be a log."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    logging.raiseExceptions = False  # a log that fails must not write onto the screen
    try:
        make_private(file.parent)
        _create(file)
        handler = RotatingFileHandler(file, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8")
    except (OSError, ConfigError) as error:
        root.addHandler(logging.NullHandler())
        why = error.strerror if isinstance(error, OSError) else str(error).rstrip(".")
        return f"There is no log: {file} can't be written ({why}). Name another file with --log-file."
    handler.rotator = _rotate
    handler.setFormatter(Lines())
    root.addHandler(handler)
    return None


def _create(file: Path) -> None:
    """Make the file with its mode before anything is written into it; one that is there keeps its content."""
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600))


def _rotate(source: str, target: str) -> None:
    os.replace(source, target)
    _create(Path(source))
