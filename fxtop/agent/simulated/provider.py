"""The two ports of one invented node."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Final

from fxtop.agent.providers.port import Ability, HostFacts, HostSample, Step
from fxtop.agent.simulated.catalog import GIB
from fxtop.agent.simulated.site import SimulatedSite
from fxtop.clock import Clock
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.node import Directory, Unit
from fxtop.protocol.session import SessionBody

SERVICES: Final = ("user", "launcher", "socket", "forward")
_FILES: Final = ("FastX.conf", "fastx.env", "permissions.ini", "loglevel.ini")


class SimulatedProvider:
    """The sessions of one node of a `SimulatedSite`."""

    name = "simulated"
    abilities = frozenset(Ability)

    def __init__(self, site: SimulatedSite, node: NodeId, clock: Clock) -> None:
        self._site = site
        self._place = site.places[node]
        self._node = node
        self._clock = clock
        self._seen = -1

    async def sessions(self) -> Sequence[SessionBody]:
        """All sessions of the node."""
        self._seen = self._place.rev
        now = self._clock.now()
        return [session.body(now) for session in self._place.sessions.values()]

    async def changed(self) -> None:
        """Return when something happened since `sessions` was asked."""
        while self._place.rev == self._seen:
            await self._place.changed.wait()

    async def placement(self, taking: bool, weight: float) -> None:
        """Obey: the invented balancer sends new sessions accordingly."""
        self._place.taking, self._place.weight = taking, weight

    async def terminate(self, session: SessionId, grace: float) -> AsyncIterator[Step]:
        """Ask, wait for ``grace``, then take it away."""
        target = self._site.find(self._node, session)
        self._site.ask_to_end(target)
        yield Step("Its command was asked to end (simulated).")
        try:
            async with asyncio.timeout(grace):
                await target.gone.wait()
        except TimeoutError:
            self._site.remove(target)
            yield Step(f"It didn't end within {grace:g} s and was killed (simulated).", gone=True)
        else:
            yield Step("It ended (simulated).", gone=True)

    async def message(self, session: SessionId, text: str) -> None:
        """Keep the text with the session."""
        self._site.find(self._node, session).messages.append(text)

    async def requeue(self, session: SessionId, to: NodeId) -> None:
        """Have the invented scheduler move it."""
        self._site.move(self._site.find(self._node, session), to)


class SimulatedHost:
    """The machine of one node of a `SimulatedSite`: its load follows its sessions."""

    def __init__(self, site: SimulatedSite, node: NodeId, clock: Clock, services: tuple[str, ...] = SERVICES) -> None:
        self._place = site.places[node]
        self._clock = clock
        self._services = services

    async def sample(self) -> HostSample:
        """The machine now."""
        return self._place.sample(self._clock.now())

    async def facts(self) -> HostFacts:
        """Facts that are the same on all nodes, as they should be."""
        return HostFacts(
            host=self._place.host,
            services=self._services,
            versions={"fastx": "5.1.0 (simulated)", "os": "simulated", "kernel": "simulated"},
            units=(Unit(name="fastx5.service", active="active"),),
            dirs=(
                _directory("FX_CONFIG_DIR", "/etc/fastx", "xfs", 50),
                _directory("FX_VAR_DIR", "/var/fastx", "xfs", 50),
                _directory("FX_LOCAL_DIR", "/var/fastx-local", "xfs", 50),
                _directory("FX_TEMP_DIR", "/tmp", "tmpfs", 16),  # noqa: S108  # FastX's default, and nothing is put there
            ),
            config={name: hashlib.sha256(name.encode()).hexdigest() for name in _FILES},
            metadata={"simulated": "yes"},
        )


def _directory(name: str, path: str, fstype: str, size: int) -> Directory:
    return Directory(
        name=name, path=path, fstype=fstype, total=size * GIB, free=size * GIB * 2 // 3, network=False, note="simulated"
    )
