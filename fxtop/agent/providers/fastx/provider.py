"""The session provider of a machine that runs FastX."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.providers.fastx import ghost
from fxtop.agent.providers.fastx.accounts import Account, AccountBook, Places
from fxtop.agent.providers.fastx.homes import Homes
from fxtop.agent.providers.fastx.join import Found
from fxtop.agent.providers.fastx.ladder import SITE_PLACEHOLDERS, Ladder, Patience
from fxtop.agent.providers.fastx.machine import Machine
from fxtop.agent.providers.fastx.portrait import Portraitist
from fxtop.agent.providers.fastx.remembered import RememberedUsers
from fxtop.agent.providers.port import Ability, ProviderError, Step, UnknownSession
from fxtop.agent.providers.program import Runner, SiteCommand
from fxtop.clock import Clock
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import SessionBody
from fxtop.protocol.text import inert

READ_ONLY: Final = "The agent's unit lets it write nothing in homes: `fxtop agent unit` says which drop-in would."
MESSAGE_PLACEHOLDERS: Final = frozenset({"session", "display", "xauthority", "user", "text"})


@dataclass(frozen=True, slots=True)
class FastxCommands:
    """What a site adds to what can be done without it.

    Args:
        terminate: ends a session the vendor's way, before anything is signalled. It runs as the agent's user, and may
            use ``{session}``, ``{folder}``, ``{user}``, ``{display}``, ``{pid}`` and ``{grace}``.
        message: shows a text on a session's display and returns. It runs as the session's user, with DISPLAY and
            XAUTHORITY set, and may use ``{session}``, ``{display}``, ``{xauthority}``, ``{user}`` and ``{text}``.

    Raises:
        TemplateError: one of them can't be used.
    """

    terminate: SiteCommand | None = None
    message: SiteCommand | None = None

    def __post_init__(self) -> None:
        if self.terminate is not None:
            self.terminate.check(SITE_PLACEHOLDERS, "terminate")
        if self.message is not None:
            self.message.check(MESSAGE_PLACEHOLDERS, "message")


class FastxProvider:
    """The sessions of this machine: FastX's session directories joined with the processes that belong to them.

    Users are those with processes here, and those whose session directories were seen before; nobody else's home is
    looked into. To terminate a session that is listed
    as a ghost is the explicit request to remove its directory. Nothing else removes one.

    Args:
        node: this node.
        places: where the sessions of a user are, as FastX.conf has it.
        clock: time.
        commands: the site's own.
        accounts: who a uid is.
        patience: seconds between the rungs of the ladder.
        homes: how session directories are looked at.
        remembered: the users whose session directories were seen before.
    """

    name = "fastx"

    def __init__(
        self,
        node: NodeId,
        places: Places,
        clock: Clock,
        *,
        commands: FastxCommands | None = None,
        accounts: AccountBook | None = None,
        patience: Patience | None = None,
        homes: Homes | None = None,
        remembered: RememberedUsers | None = None,
    ) -> None:
        commands = commands or FastxCommands()
        self._places = places
        self._message = commands.message
        self._machine = Machine(places, accounts or AccountBook(clock), homes, remembered)
        self._ladder = Ladder(self._machine, clock, commands.terminate, patience)
        self._portraitist = Portraitist(node, clock)
        self._listed: dict[SessionId, tuple[Found, SessionBody]] = {}
        self.notes: tuple[str, ...] = ()
        """What could not be seen at the last listing, as sentences."""

    @property
    def abilities(self) -> frozenset[Ability]:
        """It can always end a session, and show a message where the site says by what."""
        return frozenset((Ability.TERMINATE, Ability.MESSAGE) if self._message else (Ability.TERMINATE,))

    async def sessions(self) -> Sequence[SessionBody]:
        """All sessions of the machine. Raises ProviderError."""
        view = await self._machine.look()
        bodies = self._portraitist.paint(view.sessions)
        self._listed = {bodies[one.key].id: (one, bodies[one.key]) for one in view.sessions if one.key in bodies}
        self.notes = view.notes
        return list(bodies.values())

    async def changed(self) -> None:
        """It can't tell, and is polled."""
        await asyncio.Event().wait()

    async def placement(self, taking: bool, weight: float) -> None:
        """Nothing to do here: what starts sessions asks `fxtop node-select`, which knows of drains and weights."""

    async def terminate(self, session: SessionId, grace: float) -> AsyncIterator[Step]:
        """End a session, or remove what a session left behind. Raises UnknownSession, ProviderError."""
        found, body = self._find(session)
        now = await self._ladder.find(found.key)
        if now.members:
            async for step in self._ladder.climb(found.key, grace):
                yield step
        elif body.state == "ghost":
            yield Step(await self._remove(now), gone=True)
        else:
            raise ProviderError(f"It has no processes and is {body.state}: its directory is left to FastX for now.")

    async def message(self, session: SessionId, text: str) -> None:
        """Show ``text`` on the session's display. Raises UnknownSession, ProviderError."""
        if self._message is None:
            raise ProviderError("No command to show a message is configured on this node.")
        found = await self._ladder.find(self._find(session)[0].key)
        leader = found.leader
        if leader is None or leader.xauthority is None or found.display is None:
            raise ProviderError("It has no display that can be seen, so nothing can be shown on it.")
        shown = "\n".join(inert(line) for line in text.splitlines())
        values = {
            "session": found.id,
            "display": found.display,
            "xauthority": leader.xauthority,
            "user": found.account.name,
            "text": shown,
        }
        await self._message.run(
            values,
            shown.encode(),
            runner=_runner(found.account),
            env={"DISPLAY": found.display, "XAUTHORITY": leader.xauthority},
        )

    async def requeue(self, session: SessionId, to: NodeId) -> None:
        """Impossible: what is listed here runs, or ran. Raises UnknownSession, ProviderError."""
        self._find(session)
        raise ProviderError("It is not pending, and a session that runs can't move to another node.")

    def _find(self, session: SessionId) -> tuple[Found, SessionBody]:
        """A session by an id that came from outside: only one that was listed."""
        try:
            return self._listed[session]
        except KeyError:
            raise UnknownSession("It is not on this node.") from None

    async def _remove(self, found: Found) -> str:
        place, folder = self._places(found.account), found.folder
        if place is None or folder is None or not found.own:
            raise ProviderError("Its directory can't be told from one of another host's session, so it is left.")
        try:
            await Apart("a session directory").run(lambda: ghost.remove(found.account, place, folder))
        except ghost.NotRemoved as error:
            raise ProviderError(f"Its directory was not removed: {error}") from None
        except (CollectError, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            hint = f" {READ_ONLY}" if getattr(error, "errno", None) == errno.EROFS else ""
            raise ProviderError(f"Its directory can't be removed: {reason}.{hint}") from error
        return "It had no processes; its directory was removed."


def _runner(account: Account) -> Runner:
    return Runner(account.uid, account.gid, account.name, account.home or "/")
