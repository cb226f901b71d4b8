"""One look at the whole machine: its processes, its users, and their session directories."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.providers.fastx.accounts import AccountBook, Places
from fxtop.agent.providers.fastx.census import Census, CensusTaker
from fxtop.agent.providers.fastx.folders import NAME
from fxtop.agent.providers.fastx.homes import Home, Homes
from fxtop.agent.providers.fastx.join import Found, join
from fxtop.agent.providers.fastx.remembered import RememberedUsers
from fxtop.agent.providers.port import ProviderError


@dataclass(frozen=True, slots=True)
class View:
    """What one look found, and sentences about what it could not see."""

    sessions: Sequence[Found] = ()
    notes: tuple[str, ...] = ()


class Machine:
    """The sessions of this machine as they are right now.

    The processes are looked at before the directories: a session that starts in between is then a new directory without
    processes, which is known to be a start, and not processes without a directory, which would be a fault.

    Users are those with processes, and those in whose homes there was a session directory at the last look: what is
    left of the session of somebody who is gone stays in sight.
    """

    def __init__(
        self,
        places: Places,
        accounts: AccountBook,
        homes: Homes | None = None,
        remembered: RememberedUsers | None = None,
    ) -> None:
        self._places = places
        self._accounts = accounts
        self._homes = homes or Homes()
        self._taker = CensusTaker()
        self._apart = Apart("this machine's processes")
        self._looking: asyncio.Task[View] | None = None
        self._remembered = remembered or RememberedUsers()

    async def look(self) -> View:
        """A look that began after this call; those who wait for one at the same time share it.

        It goes on when somebody who waits for it is called off: the others still want it.

        Raises:
            ProviderError: the processes can't be seen at all.
        """
        before = self._looking
        if before is not None and not before.done():
            await asyncio.wait({before})
        if self._looking is None or self._looking is before:
            self._looking = asyncio.create_task(self._look(), name="look at sessions")
        return await asyncio.shield(self._looking)

    async def _look(self) -> View:
        try:
            census, homes = await self._apart.run(self._see_processes)
        except (CollectError, OSError) as error:
            raise ProviderError(f"The processes of this machine can't be seen: {error}") from error
        sights = await self._homes.look(homes)
        sessions = join(census, homes, sights)
        known = self._remembered.uids
        await self._remembered.keep(
            uid for uid, sight in sights.items() if sight.folders or (sight.folders is None and uid in known)
        )
        notes = (*_closed(census), *_strays(census, sessions), *(sight.note for sight in sights.values() if sight.note))
        return View(sessions, notes)

    def _see_processes(self) -> tuple[Census, list[Home]]:
        """Processes, and the users who have any. Both the kernel and the name service may keep us waiting."""
        census = self._taker.take()
        uids = {process.uid for process in census.processes.values()} | self._remembered.uids
        accounts = (self._accounts.get(uid) for uid in sorted(uids))
        placed = ((account, self._places(account)) for account in accounts)
        return census, [Home(account, place) for account, place in placed if place is not None]


def _closed(census: Census) -> list[str]:
    if not census.closed:
        return []
    return [
        "Processes of other users can't be looked into: to see their sessions the agent has to run as root with "
        "CAP_SYS_PTRACE."
    ]


def _strays(census: Census, sessions: Sequence[Found]) -> list[str]:
    """A SessionPath that was understood wrongly would show as sessions that belong nowhere."""
    known = {process.pid for session in sessions for process in session.members}
    if not any(pid not in known and _looks_like_one(p.xauthority) for pid, p in census.processes.items()):
        return []
    return [
        "Some processes have an XAUTHORITY in a directory that is named like a session's but doesn't lie in their "
        "user's SessionPath, so they are not counted."
    ]


def _looks_like_one(xauthority: str | None) -> bool:
    return xauthority is not None and NAME.fullmatch(posixpath.basename(posixpath.dirname(xauthority))) is not None
