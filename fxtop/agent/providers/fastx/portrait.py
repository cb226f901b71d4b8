"""A session as the protocol tells of it, made from what was found on the machine."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from typing import Final

import psutil

from fxtop.agent.providers.fastx.census import Process
from fxtop.agent.providers.fastx.join import Found
from fxtop.agent.providers.fastx.procfs import TICKS
from fxtop.clock import Clock
from fxtop.protocol.ids import NodeId
from fxtop.protocol.session import SessionBody, SessionState

STARTING: Final = 60.0
"""Seconds for which a new directory without processes is a session that starts."""
ENDING: Final = 60.0
"""Seconds for which a session that was whole and lost its directory or its processes is one that ends: FastX removes
the directory after the processes are gone and a site's terminate event script returned."""
_DRIFT: Final = 2.0
"""Seconds by which the boot time may seem to move while the clock is being corrected."""


class Portraitist:
    """Makes protocol bodies. It remembers the listing before, for what only shows between two."""

    def __init__(self, node: NodeId, clock: Clock) -> None:
        self._node = node
        self._clock = clock
        self._meter = Meter()
        self._boot = psutil.boot_time()
        self._whole: dict[tuple[int, str], float] = {}

    def paint(self, found: Iterable[Found]) -> dict[tuple[int, str], SessionBody]:
        """The bodies of ``found``, which is everything there is now, by `Found.key`."""
        sessions = [session for session in found if session.members or session.own]
        now = self._clock.monotonic()
        self._read_boot_time()
        self._meter.turn(now)
        for session in sessions:
            if session.members and session.folder:
                self._whole[session.key] = now
        keys = {session.key for session in sessions}
        self._whole = {key: at for key, at in self._whole.items() if key in keys}
        return {session.key: self._body(session, now) for session in sessions}

    def _body(self, session: Found, now: float) -> SessionBody:
        leader = session.leader
        shown = (*session.members, *session.guests)
        return SessionBody(
            id=session.id,
            node=self._node,
            user=session.account.name,
            state=self._state(session, now),
            command=shlex.join(leader.arguments) if leader and leader.arguments else None,
            display=session.display,
            created=self._boot + min(p.start for p in session.members) / TICKS if session.members else None,
            cpu=self._meter.share(shown) if shown else None,
            mem=sum(process.rss for process in shown) if shown else None,
            pid=leader.pid if leader else None,
        )

    def _state(self, session: Found, now: float) -> SessionState:
        if session.members and (session.folder or not session.seen):
            return "running"
        if now - self._whole.get(session.key, float("-inf")) < ENDING:
            return "ending"
        if session.members:
            return "orphan"
        young = session.folder is not None and abs(self._clock.now() - session.folder.modified) < STARTING
        return "starting" if young else "ghost"

    def _read_boot_time(self) -> None:
        """The kernel derives it from a clock that is being corrected: it may move without a reboot, and back."""
        boot = psutil.boot_time()
        if abs(boot - self._boot) > _DRIFT:
            self._boot = boot


class Meter:
    """How much of a core processes use, between two looks at them."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._since: float | None = None
        self._before: dict[tuple[int, int], int] = {}
        self._now: dict[tuple[int, int], int] = {}

    def turn(self, at: float) -> None:
        """A new look begins at ``at`` (monotonic)."""
        self._before, self._now = self._now, {}
        self._since, self._at = self._at, at

    def share(self, processes: Iterable[Process]) -> float | None:
        """What ``processes`` used since the look before; None at the first one.

        A process that wasn't there then counts from now on: how much of its time fell between the two isn't known.
        """
        used = 0
        for process in processes:
            key = process.pid, process.start
            self._now[key] = process.ticks
            used += process.ticks - self._before.get(key, process.ticks)
        if self._since is None or self._at is None or self._at <= self._since:
            return None
        return max(0.0, used / TICKS / (self._at - self._since))
