"""The state of the bus, put together from the connection, the buffer and what happened."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final, NamedTuple

from fxtop.bus.buffer import Buffer
from fxtop.bus.link import Link
from fxtop.bus.port import BusPhase, BusStatus
from fxtop.bus.private import server_info
from fxtop.bus.words import Cause
from fxtop.clock import Clock
from fxtop.protocol.text import NAME_BOUND, inert

RATE_WINDOW: Final = 5.0
"""Seconds that a rate is taken over."""
SAMPLE_EVERY: Final = 0.5


class Traffic(NamedTuple):
    """Counters of a connection, or of all of them."""

    in_msgs: int = 0
    out_msgs: int = 0
    in_bytes: int = 0
    out_bytes: int = 0

    def plus(self, link: Link | None) -> Traffic:
        """With the counters of ``link`` added."""
        if link is None:
            return self
        stats = link.client.stats
        return Traffic(*(mine + stats[name] for name, mine in self._asdict().items()))


class Meter:
    """Rates over the last seconds, from counters read now and then; they stand still between two samples."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque()
        self._rates = (0.0, 0.0)

    def read(self, now: float, msgs: int, size: int) -> tuple[float, float]:
        """Messages and bytes a second, given the counters at monotonic ``now``."""
        samples = self._samples
        if samples and now - samples[-1][0] < SAMPLE_EVERY:
            return self._rates
        samples.append((now, msgs, size))
        while len(samples) > 2 and samples[1][0] <= now - RATE_WINDOW:
            samples.popleft()
        began, msgs_then, size_then = samples[0]
        if now > began:
            self._rates = ((msgs - msgs_then) / (now - began), (size - size_then) / (now - began))
        return self._rates


class StatusBoard:
    """Who keeps `fxtop.bus.port.BusStatus`; ``stir`` is set on each change that somebody should look at."""

    def __init__(self, clock: Clock, servers: tuple[str, ...], buffer: Buffer, stir: asyncio.Event) -> None:
        self.link: Link | None = None
        self.slow = 0
        """Messages that nats-py dropped before they reached us."""
        self.unhandled = 0
        """Requests that found no room before a slow handler."""
        self._clock = clock
        self._servers = servers
        self._buffer = buffer
        self._stir = stir
        self._phase = BusPhase.STOPPED
        self._since = clock.monotonic()
        self._connects = 0
        self._past = Traffic()
        self._meter = Meter()
        self._error: str | None = None
        self._error_at: float | None = None
        self._status = self._build()

    @property
    def phase(self) -> BusPhase:
        """The present phase."""
        return self._phase

    @property
    def last_error(self) -> str | None:
        """The last trouble, as a sentence."""
        return self._error

    @property
    def status(self) -> BusStatus:
        """The same object until something changes."""
        fresh = self._build()
        if fresh != self._status:
            self._status = fresh
        return self._status

    def connecting(self) -> None:
        """The bus was started."""
        self._enter(BusPhase.CONNECTING)

    def connected(self, link: Link) -> None:
        """``link`` is in use."""
        self.link = link
        self._connects += 1
        self._enter(BusPhase.CONNECTED)

    def lost(self, cause: Cause | None) -> None:
        """The connection ended; without a cause it was left on purpose."""
        self._past = self._past.plus(self.link)
        self.link = None
        if cause is not None:
            self.note(cause.sentence)
        self._enter(BusPhase.RECONNECTING)

    def down(self, cause: Cause) -> None:
        """All servers were tried and none can be used."""
        self.note(cause.sentence)
        self._enter(BusPhase.DOWN)

    def stopped(self) -> None:
        """The bus was closed for good."""
        self._past = self._past.plus(self.link)
        self.link = None
        self._enter(BusPhase.STOPPED)

    def note(self, sentence: str) -> None:
        """Something went wrong that the operator should read."""
        self._error = sentence
        self._error_at = self._clock.now()
        self._stir.set()

    def _enter(self, phase: BusPhase) -> None:
        if phase is not self._phase:
            self._phase = phase
            self._since = self._clock.monotonic()
        self._stir.set()

    def _build(self) -> BusStatus:
        traffic = self._past.plus(self.link)
        msgs_per_s, bytes_per_s = self._meter.read(self._clock.monotonic(), traffic.in_msgs, traffic.in_bytes)
        return BusStatus(
            phase=self._phase,
            since=self._since,
            servers=self._servers,
            server=self.link.address.url if self.link else None,
            server_name=self._greeting("server_name"),
            server_id=self._greeting("server_id"),
            server_version=self._greeting("version"),
            tls=self.link.tls if self.link else False,
            rtt=self.link.rtt if self.link else None,
            **traffic._asdict(),
            msgs_per_s=msgs_per_s,
            bytes_per_s=bytes_per_s,
            reconnects=max(0, self._connects - 1),
            dropped=self._buffer.dropped + self.slow + self.unhandled,
            lame_duck=self.link.leaving.is_set() if self.link else False,
            last_error=self._error,
            last_error_at=self._error_at,
        )

    def _greeting(self, name: str) -> str | None:
        value = server_info(self.link.client).get(name) if self.link else None
        return inert(value, NAME_BOUND) if isinstance(value, str) else None
