"""One invented node: where sessions are, and the machine that carries them."""

from __future__ import annotations

import math

from fxtop.agent.providers.port import HostSample
from fxtop.agent.signal import Signal
from fxtop.agent.simulated.catalog import GIB
from fxtop.agent.simulated.session import SimulatedSession
from fxtop.protocol.ids import NodeId, SessionId

_LOAD_SPANS = (60.0, 300.0, 900.0)
_BASE_CPU = 0.4
_BASE_MEM = 5 * GIB


class Place:
    """A node and its sessions."""

    def __init__(self, node: NodeId, *, cores: int, mem: int, capacity: int, booted: float) -> None:
        self.node = node
        self.cores = cores
        self.mem = mem
        self.capacity = capacity
        self.booted = booted
        """Unix seconds."""
        self.taking = True
        self.weight = 1.0
        self.sessions: dict[SessionId, SimulatedSession] = {}
        self.changed = Signal()
        self.rev = 0
        """Goes up with each change that somebody may want to hear of."""
        self.looked_at: float | None = None
        """Unix seconds up to which its load averages have followed."""
        self._load = [0.0, 0.0, 0.0]

    @property
    def host(self) -> str:
        """The invented FQDN."""
        return self.node if "." in self.node else f"{self.node}.simulated"

    @property
    def open(self) -> bool:
        """Whether a new session can come."""
        return self.taking and self.weight > 0 and len(self.sessions) < self.capacity

    @property
    def fill(self) -> float:
        """How full it would be with one more, as a weighted balancer sees it."""
        return (len(self.sessions) + 1) / (self.capacity * self.weight)

    def touch(self) -> None:
        """Something about the sessions changed."""
        self.rev += 1
        self.changed.notify()

    def settle(self, now: float) -> None:
        """Let the load at Unix time ``now`` be what the present sessions would have made of it."""
        self._load = [self._busy() for _ in _LOAD_SPANS]
        self.looked_at = now

    def advance(self, now: float) -> None:
        """Let the load averages follow up to Unix time ``now``."""
        seconds = 0.0 if self.looked_at is None else now - self.looked_at
        self.looked_at = now
        busy = self._busy()
        for index, span in enumerate(_LOAD_SPANS):
            self._load[index] += (busy - self._load[index]) * (1 - math.exp(-seconds / span))

    def sample(self, now: float) -> HostSample:
        """The machine at Unix time ``now``."""
        used = _BASE_MEM + sum(session.mem for session in self.sessions.values())
        one, five, fifteen = (round(load, 2) for load in self._load)
        return HostSample(
            cpu=round(min(1.0, self._busy() / self.cores), 4),
            load=(one, five, fifteen),
            cores=self.cores,
            mem_used=min(self.mem, used),
            mem_total=self.mem,
            uptime=now - self.booted,
        )

    def _busy(self) -> float:
        return _BASE_CPU + sum(session.cpu for session in self.sessions.values())
