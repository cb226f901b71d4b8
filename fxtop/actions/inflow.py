"""Folding what comes over the bus into the store, in portions, so that nothing else has to wait long for it."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Final

from fxtop.actions import heap
from fxtop.bus.port import Bus
from fxtop.clock import Clock
from fxtop.cluster.store import Store
from fxtop.protocol.inbound import Inbound

BACKLOG: Final = 5_000
"""Messages that came since the last look, from which on they count as a backlog: some megabytes."""
SETTLED: Final = 10.0
"""Seconds without another one after which it is over: behind it come the large answers, over some seconds."""


class Inflow:
    """Between the bus and the store. What waits is bounded: the bus is asked for more only when nothing does."""

    def __init__(self, bus: Bus, store: Store, clock: Clock) -> None:
        self._bus = bus
        self._store = store
        self._clock = clock
        self._waiting: deque[Inbound] = deque()
        self.behind = 0.0
        """Age of the oldest message when it was folded in last, in seconds; 0 where there was none."""
        self._backlog_at: float | None = None
        """When the last one came whose memory wasn't given back yet."""

    @property
    def complete_until(self) -> float | None:
        """The monotonic moment up to which all that was taken from the bus is folded in; None where nothing waits."""
        return self._waiting[0].at if self._waiting else None

    def take_in(self, most: int | None = None) -> bool:
        """Fold in what came, ``most`` messages of it; whether more waits."""
        if not self._waiting:
            self._look()
        self.behind = self._clock.monotonic() - self._waiting[0].at if self._waiting else 0.0
        if most is None:
            self._store.fold((*self._waiting, *self._bus.take()))
            self._waiting.clear()
        elif self._waiting:
            portion = list(islice(self._waiting, most))
            for _ in portion:
                self._waiting.popleft()
            self._store.fold(portion)
        return bool(self._waiting)

    def _look(self) -> None:
        """Ask the bus for what came; a backlog's memory is given back once it is over."""
        self._waiting.extend(self._bus.take())
        now = self._clock.monotonic()
        if len(self._waiting) >= BACKLOG:
            self._backlog_at = now
        elif self._backlog_at is not None and now - self._backlog_at >= SETTLED:
            self._backlog_at = None
            heap.give_back()
