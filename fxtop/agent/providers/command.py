"""A site's own programs as a session provider.

All are run by a list of arguments, without a shell, with limits on time and output, and as the agent's user.

``list`` prints a JSON array of session objects as in the protocol (section 2: ``id``, ``user`` and ``state`` at least;
what can't be seen is left out or null). ``node`` may be left out; a session that names another node is passed over.
Exit status 0 and an array, which may be empty, is the truth. Anything else (another status, a limit passed, no JSON,
one object that isn't a session, an id twice) is no listing at all: the last known sessions stay, with a remark.

``terminate`` gets a session's id in place of ``{session}`` and, on stdin, ``{"session": {…}, "grace": seconds}`` with
the whole object as it was listed. Exit status 0 means that the session was asked to end or is gone; it is believed to
be gone when the list no longer has it.

``message`` gets the id in place of ``{session}``, the text in place of ``{text}``, and both on stdin as
``{"session": {…}, "text": "…"}``. Exit status 0 means that it was shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from fxtop.agent.providers.port import Ability, ProviderError, Step, UnknownSession
from fxtop.agent.providers.program import ProgramError, SiteCommand
from fxtop.clock import Clock
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import SessionBody
from fxtop.protocol.text import ID_BOUND, inert

LOOK: Final = 1.0
"""Seconds between two listings while a session is waited for."""
_PATIENCE: Final = 10.0
"""Seconds that a session may stay in the list beyond its grace, before it counts as still there."""


@dataclass(frozen=True, slots=True)
class SessionCommands:
    """The programs of a site; what there is no program for can't be done on this node.

    Raises:
        TemplateError: one of them can't be used.
    """

    list: SiteCommand
    terminate: SiteCommand | None = None
    message: SiteCommand | None = None

    def __post_init__(self) -> None:
        self.list.check(frozenset({"node"}), "list")
        if self.terminate is not None:
            self.terminate.check(frozenset({"node", "session", "grace"}), "terminate")
        if self.message is not None:
            self.message.check(frozenset({"node", "session", "text"}), "message")


class CommandProvider:
    """The sessions that a site's own program lists.

    Args:
        node: this node.
        commands: the programs.
        clock: time.
    """

    name = "command"

    def __init__(self, node: NodeId, commands: SessionCommands, clock: Clock) -> None:
        self._node = node
        self._commands = commands
        self._clock = clock
        self._listed: dict[SessionId, SessionBody] = {}
        self.notes: tuple[str, ...] = ()
        """What of the last listing was passed over, as sentences."""

    @property
    def abilities(self) -> frozenset[Ability]:
        """What there are programs for."""
        able = ((self._commands.terminate, Ability.TERMINATE), (self._commands.message, Ability.MESSAGE))
        return frozenset(ability for command, ability in able if command is not None)

    async def sessions(self) -> Sequence[SessionBody]:
        """What the program lists. Raises ProviderError."""
        said = await self._commands.list.run({"node": self._node})
        everywhere = read_sessions(said, self._node)
        here = [body for body in everywhere if body.node == self._node]
        others = len(everywhere) - len(here)
        self.notes = (f"{others} listed sessions are of other nodes and were passed over.",) if others else ()
        self._listed = {body.id: body for body in here}
        return here

    async def changed(self) -> None:
        """It can't tell, and is polled."""
        await asyncio.Event().wait()

    async def placement(self, taking: bool, weight: float) -> None:
        """Nothing to do here: what starts sessions asks `fxtop node-select`, which knows of drains and weights."""

    async def terminate(self, session: SessionId, grace: float) -> AsyncIterator[Step]:
        """Have the program end a session, and wait until the list no longer has it."""
        body = self._find(session)
        command = self._commands.terminate
        if command is None:
            raise ProviderError("No command to end a session is configured on this node.")
        values = {"node": self._node, "session": session, "grace": f"{grace:g}"}
        await command.run(values, msgspec.json.encode({"session": body, "grace": grace}))
        yield Step("The site's command was run.")
        end = self._clock.monotonic() + grace + _PATIENCE
        while any(listed.id == session for listed in await self.sessions()):
            if self._clock.monotonic() >= end:
                raise ProviderError(f"The site's command succeeded, but the session is still listed after {grace:g} s.")
            await asyncio.sleep(LOOK)
        yield Step("The site's list no longer has it.", gone=True)

    async def message(self, session: SessionId, text: str) -> None:
        """Have the program show ``text``. Raises UnknownSession, ProviderError."""
        body = self._find(session)
        if self._commands.message is None:
            raise ProviderError("No command to show a message is configured on this node.")
        values = {"node": self._node, "session": session, "text": inert(text)}
        await self._commands.message.run(values, msgspec.json.encode({"session": body, "text": text}))

    async def requeue(self, session: SessionId, to: NodeId) -> None:
        """There is no program for that. Raises UnknownSession, ProviderError."""
        self._find(session)
        raise ProviderError("No command to send a session elsewhere is configured on this node.")

    def _find(self, session: SessionId) -> SessionBody:
        try:
            return self._listed[session]
        except KeyError:
            raise UnknownSession("It is not on this node.") from None


def read_sessions(said: bytes, node: NodeId) -> list[SessionBody]:
    """The sessions in a JSON array; those that name no node are of ``node``.

    Raises:
        ProgramError: it is not such an array. Then nothing of it is believed.
    """
    try:
        objects = msgspec.json.decode(said, type=list[dict[str, Any]])
        bodies = [msgspec.convert({"node": node, **one}, SessionBody) for one in objects]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProgramError(f"The list of sessions can't be understood: {inert(str(error), 200)}.") from None
    check_ids([body.id for body in bodies])
    return bodies


def check_ids(ids: Sequence[SessionId]) -> None:
    """Refuse ids that can't be one: each is given to programs as an argument, and names one session.

    Raises:
        ProgramError: one of them can't, or is there twice.
    """
    seen: set[SessionId] = set()
    for id_ in ids:
        if not id_ or id_.startswith("-") or inert(id_, ID_BOUND) != id_:
            raise ProgramError(f"The list of sessions has '{inert(id_, ID_BOUND)}' for an id, which can't be one.")
        if id_ in seen:
            raise ProgramError(f"The list of sessions has the id {id_} twice.")
        seen.add(id_)
