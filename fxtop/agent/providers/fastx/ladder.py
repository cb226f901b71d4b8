"""Ending a session, from asking to killing. Whatever is signalled was checked a moment before."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.providers.fastx.census import Process
from fxtop.agent.providers.fastx.grip import Struck, gone, strike
from fxtop.agent.providers.fastx.join import Found
from fxtop.agent.providers.fastx.machine import Machine
from fxtop.agent.providers.port import ProviderError, Step, UnknownSession
from fxtop.agent.providers.program import ProgramError, SiteCommand
from fxtop.clock import Clock

SETTLE: Final = 5.0
"""Seconds that the processes of a session have after TERM, before they are killed."""
KILLED: Final = 5.0
"""Seconds after which a killed process that is still there is stuck in the kernel."""
LOOK: Final = 15.0
"""Seconds after which a look at the machine is given up."""
SITE_PLACEHOLDERS: Final = frozenset({"session", "folder", "user", "display", "pid", "grace"})
_LEFT_BEHIND: Final = "Its directory is still there: FastX removes it, and what stays is listed as a ghost."


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds given to a session between two rungs."""

    settle: float = SETTLE
    killed: float = KILLED


class Ladder:
    """The rungs: the site's command, TERM to the session's command, TERM to its processes, KILL to its processes."""

    def __init__(
        self, machine: Machine, clock: Clock, site: SiteCommand | None = None, patience: Patience | None = None
    ) -> None:
        self._machine = machine
        self._clock = clock
        self._site = site
        self._patience = patience or Patience()
        if site is not None:
            site.check(SITE_PLACEHOLDERS, "terminate")

    async def climb(self, key: tuple[int, str], grace: float) -> AsyncIterator[Step]:
        """End the session ``key`` (`Found.key`). Raises as `SessionProvider.terminate`."""
        found = await self.find(key)
        if self._site is not None:
            yield await self._ask_site(self._site, found, grace)
            found = await self._left(found, grace)
            if not found.members:
                yield _ended("It ended by the site's command.", found)
                return
        async for step in self._signal(found, grace):
            yield step

    async def find(self, key: tuple[int, str]) -> Found:
        """The session as it is right now. Raises UnknownSession."""
        found = await self._look(key)
        if found is None:
            raise UnknownSession("It is not there any more.")
        return found

    async def _signal(self, found: Found, grace: float) -> AsyncIterator[Step]:
        leader = found.leader
        if leader is not None and (await self._strike([leader], found, signal.SIGTERM)).hit:
            yield Step(f"Its command (pid {leader.pid}) was asked to end; {grace:g} s are given.")
            found = await self._left(found, grace)
            if not found.members:
                yield _ended("It ended when its command was asked to.", found)
                return
        for number, patience in ((signal.SIGTERM, self._patience.settle), (signal.SIGKILL, self._patience.killed)):
            await self._strike(found.members, found, number)
            yield Step(f"{number.name} was sent to {_processes(found.members)} of it.")
            found = await self._left(found, patience, again=number)
            if not found.members:
                yield _ended(f"It ended by {number.name}.", found)
                return
        pids = ", ".join(str(process.pid) for process in found.members[:10])
        raise ProviderError(f"{_processes(found.members)} of it are still there after KILL (pid {pids}).")

    async def _ask_site(self, site: SiteCommand, found: Found, grace: float) -> Step:
        leader = found.leader
        try:
            await site.run(
                {
                    "session": found.id,
                    "folder": found.name,
                    "user": found.account.name,
                    "display": found.display or "",
                    "pid": str(leader.pid) if leader else "",
                    "grace": f"{grace:g}",
                }
            )
        except ProgramError as error:
            return Step(f"The site's command didn't do it: {error}")
        return Step("The site's command was run.")

    async def _left(self, found: Found, limit: float, again: signal.Signals | None = None) -> Found:
        """What is left of the session when its processes ended, or after ``limit`` seconds.

        Those that appear meanwhile get the signal ``again``.
        """
        end = self._clock.monotonic() + limit
        while True:
            ended = await gone(found.members, end - self._clock.monotonic())
            found = await self._look(found.key) or replace(found, folder=None, members=(), guests=())
            if not found.members or not ended or self._clock.monotonic() >= end:
                return found
            if again is not None:
                await self._strike(found.members, found, again)

    async def _look(self, key: tuple[int, str]) -> Found | None:
        try:
            async with asyncio.timeout(LOOK):
                view = await self._machine.look()
        except TimeoutError:
            raise ProviderError(f"The sessions of this machine can't be seen within {LOOK:g} s.") from None
        return next((session for session in view.sessions if session.key == key), None)

    async def _strike(self, targets: Sequence[Process], found: Found, number: signal.Signals) -> Struck:
        try:
            struck = await Apart("the processes of a session").run(lambda: strike(targets, found.mark, number))
        except (CollectError, OSError) as error:
            raise ProviderError(f"Its processes can't be reached: {error}") from error
        if struck.forbidden:
            raise ProviderError(f"The agent may not end processes of {found.account.name}: it has to run as root.")
        return struck


def _ended(how: str, found: Found) -> Step:
    return Step(f"{how} {_LEFT_BEHIND}" if found.folder is not None else how, gone=True)


def _processes(processes: Sequence[Process]) -> str:
    return "1 process" if len(processes) == 1 else f"{len(processes)} processes"
