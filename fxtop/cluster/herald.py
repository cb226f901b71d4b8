"""The events: a line for each thing that happened, and one line for many of the same that happened at once."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Final

from fxtop.clock import Clock
from fxtop.cluster.records import Event, Severity
from fxtop.cluster.words import naming

EVENTS_KEPT: Final = 500

FEW: Final = 3
"""Happenings of one kind in one batch that get a line each."""


class Herald:
    """Keeps the events. What is gathered is told at the next `flush`, which ends a batch."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._gathered: defaultdict[tuple[Severity, str], list[tuple[str, str]]] = defaultdict(list)
        self.events: deque[Event] = deque(maxlen=EVENTS_KEPT)
        """Newest last."""
        self.announced = 0
        """How many events there ever were; the difference to an earlier reading is how many are new."""

    def announce(self, severity: Severity, text: str) -> None:
        """Add a line now."""
        self.events.append(Event(self._clock.now(), severity, text))
        self.announced += 1

    def gather(self, severity: Severity, name: str, text: str, many: str) -> None:
        """Tell at the end of the batch that something happened to ``name``.

        Args:
            severity: how bad it is.
            name: what it happened to.
            text: the line, where it happened to few.
            many: the line where it happened to many; ``{count}`` and ``{names}`` stand for them.
        """
        self._gathered[severity, many].append((name, text))

    def flush(self) -> None:
        """Tell what was gathered."""
        if not self._gathered:
            return
        gathered = list(self._gathered.items())
        self._gathered.clear()
        for (severity, many), happenings in gathered:
            if len(happenings) <= FEW:
                for _, text in sorted(happenings):
                    self.announce(severity, text)
            else:
                names = naming(sorted(name for name, _ in happenings))
                self.announce(severity, many.format(count=len(happenings), names=names))
