"""Status blocks: of the daemon ``rlm``, and of each ISV server."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any, Final

from fxtop.agent.rlm import lines
from fxtop.agent.rlm.report import Status, Window

_WINDOWS: Final = ("recent", "today", "total")
"""In the order of the columns."""


class StatusDraft:
    """A status block while its lines are being read. ``head`` is what its first line told."""

    def __init__(self, head: Status) -> None:
        self._status = head
        self._windows: defaultdict[str, dict[str, Any]] = defaultdict(dict)

    def take(self, line: str) -> bool:
        """Read a line; whether it is one of such a block."""
        return self._about(line) or self._counted(line)

    def finished(self) -> Status:
        """The whole block."""
        recent, today, total = (Window(**self._windows[name]) for name in _WINDOWS)
        return replace(self._status, recent=recent, today=today, total=total)

    def _about(self, line: str) -> bool:
        """Version, start, and the beginnings of windows."""
        if (version := lines.version(line)) is not None:
            self._status = replace(self._status, version=version)
        elif (started := lines.started(line)) is not None:
            self._status = replace(self._status, started=started)
            self._windows["total"]["since"] = started
        elif (head := lines.window(line)) is not None:
            self._windows[head.window].update(since=head.since, seconds=head.seconds)
        else:
            return False
        return True

    def _counted(self, line: str) -> bool:
        """Three values, each of a window."""
        values: tuple[float, float, float]
        if (spans := lines.spans(line)) is not None:
            name, values = "seconds", spans
        elif (counter := lines.counter(line)) is not None:
            name, values = counter
        else:
            return False
        for window, value in zip(_WINDOWS, values, strict=True):
            self._windows[window][name] = value
        return True
