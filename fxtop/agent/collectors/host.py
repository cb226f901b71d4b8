"""The machine, by psutil."""

from __future__ import annotations

import os
from typing import Final, Protocol

import psutil

from fxtop.agent.providers.port import HostSample
from fxtop.clock import Clock

_IDLE: Final = ("idle", "iowait")
_TWICE: Final = ("guest", "guest_nice")
"""Linux counts these within ``user`` and ``nice`` already."""


class Sampler(Protocol):
    """Whatever tells how busy the machine is."""

    async def sample(self) -> HostSample:
        """The machine now. Raises CollectError."""
        ...


class PsutilHost:
    """Samples of the machine that this process runs on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._before = _cpu_seconds()

    async def sample(self) -> HostSample:
        """The machine now; ``cpu`` since the sample before."""
        now = _cpu_seconds()
        busy, total = (after - before for after, before in zip(now, self._before, strict=True))
        self._before = now
        memory = psutil.virtual_memory()
        return HostSample(
            cpu=min(1.0, max(0.0, busy / total)) if total > 0 else 0.0,
            load=os.getloadavg(),
            cores=psutil.cpu_count() or 1,
            mem_used=memory.total - memory.available,
            mem_total=memory.total,
            uptime=max(0.0, self._clock.now() - psutil.boot_time()),
        )


def _cpu_seconds() -> tuple[float, float]:
    """Busy and all seconds of all cores since the boot."""
    times = psutil.cpu_times()._asdict()
    total = sum(seconds for name, seconds in times.items() if name not in _TWICE)
    return total - sum(times.get(name, 0.0) for name in _IDLE), total
