"""The agent's log, onto standard error: lines for people and the journal, or JSON for machines."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from fxtop.agent.run.tables import LogTable
from fxtop.clock import utc
from fxtop.protocol.text import inert, inert_lines

MAX_LINE: Final = 4000
JOURNAL: Final = "JOURNAL_STREAM"
"""Set by systemd where standard error goes to the journal (systemd.exec(5))."""
_PRIORITIES: Final = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
"""Levels with syslog's numbers for them; what is below is 7 (sd-daemon(3))."""


def log_as(table: LogTable, env: Mapping[str, str]) -> None:
    """Log from now on as ``table`` says."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if table.form == "json" else TextLines(journal=JOURNAL in env))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(table.level.upper())
    logging.raiseExceptions = False  # a log that nobody reads any more is no reason to stop


class TextLines(logging.Formatter):
    """A line for a person; under systemd's journal with its priority, and without the time that the journal has."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__()
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """The line, with a traceback on lines of its own."""
        start = f"<{_priority(record.levelno)}>" if self._journal else f"{_moment(record)} {record.levelname} "
        lines = [f"{record.name}: {inert(record.getMessage(), MAX_LINE)}"]
        if record.exc_info:
            lines += [inert(line, MAX_LINE) for line in self.formatException(record.exc_info).splitlines()]
        return "\n".join(start + line for line in lines)


class JsonLines(logging.Formatter):
    """An object a line: ``ts`` (RFC 3339, UTC), ``level``, ``logger``, ``message`` and perhaps ``exception``."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told: dict[str, Any] = {
            "ts": _moment(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": inert_lines(record.getMessage(), MAX_LINE),
        }
        if record.exc_info:
            told["exception"] = inert_lines(self.formatException(record.exc_info), MAX_LINE)
        return msgspec.json.encode(told).decode()


def _moment(record: logging.LogRecord) -> str:
    return utc(record.created).isoformat(timespec="milliseconds")


def _priority(level: int) -> int:
    return next((number for least, number in _PRIORITIES if level >= least), 7)
