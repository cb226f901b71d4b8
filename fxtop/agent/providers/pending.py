"""Adding the sessions that wait in a job scheduler to those that a provider sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from fxtop.agent.providers.port import Ability, ProviderError, SessionProvider, Step, notes_of
from fxtop.agent.providers.program import ProgramError
from fxtop.agent.providers.schedulers import ANY, Scheduler, SchedulerCommands, find_schedulers, read_waiting
from fxtop.agent.signal import Signal
from fxtop.clock import Clock, utc
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import SessionBody

EVERY: Final = 15.0
"""Seconds between two questions to a scheduler, each of which asks a batch system's server."""
FIRST: Final = 1.0
"""Seconds that the very first listing waits for the schedulers."""


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a scheduler said last."""

    at: float
    """Unix seconds."""
    waiting: tuple[SessionBody, ...]


class PendingSessions:
    """What the job schedulers of this machine hold back.

    Args:
        node: this node.
        commands: by the scheduler's name; `ANY` for those that have none of their own.
        clock: time.
        find: the schedulers there are.
        every: seconds between two questions.
    """

    def __init__(
        self,
        node: NodeId,
        commands: Mapping[str, SchedulerCommands],
        clock: Clock,
        *,
        find: Callable[[], Mapping[str, Scheduler]] = find_schedulers,
        every: float = EVERY,
    ) -> None:
        self._node = node
        self._commands = commands
        self._clock = clock
        self._find = find
        self._every = every
        self._heard: dict[str, _Heard] = {}
        self._failures: dict[str, str] = {}
        self._asked: float | None = None
        self._asking: asyncio.Task[None] | None = None
        self.changed = Signal()
        """Notified after each round of questions."""

    async def bodies(self) -> list[SessionBody]:
        """What is known to wait. Schedulers are asked in the background, so that a slow one delays nothing."""
        first = self._asked is None
        if self._is_due():
            self._asked = self._clock.monotonic()
            self._asking = asyncio.create_task(self._ask_all(), name="schedulers")
        if first and self._asking is not None:
            await asyncio.wait({self._asking}, timeout=FIRST)
        return [body for name in sorted(self._heard) for body in self._heard[name].waiting]

    def notes(self) -> tuple[str, ...]:
        """What is wrong with schedulers, as sentences."""
        return tuple(
            f"{sentence} They are told as they were at {utc(self._heard[name].at):%H:%M:%S} UTC."
            if name in self._heard
            else sentence
            for name, sentence in sorted(self._failures.items())
        )

    async def cancel(self, body: SessionBody) -> AsyncIterator[Step]:
        """Take a pending session out of its scheduler, and wait until that no longer has it. Raises ProviderError."""
        pending = body.pending
        scheduler = self._find().get(pending.scheduler) if pending else None
        commands = self._command_of(scheduler.name) if scheduler else None
        if pending is None or scheduler is None or commands is None or commands.cancel is None:
            raise ProviderError("It is pending, and no command to cancel one is configured for its scheduler.")
        values = self._values(scheduler) | {"session": body.id, "job": pending.job or "", "user": body.user}
        await commands.cancel.run(values, msgspec.json.encode(body))
        yield Step("It was cancelled in its scheduler.")
        waiting = await self._ask(scheduler, commands)
        if any(one.id == body.id for one in waiting):
            raise ProviderError("Its scheduler was told to cancel it and still has it.")
        yield Step("Its scheduler no longer has it.", gone=True)

    def _is_due(self) -> bool:
        if self._asking is not None:
            if not self._asking.done():
                return False
            self._asking.result()  # a fault of ours is not to go unheard
        return self._asked is None or self._clock.monotonic() - self._asked >= self._every

    async def _ask_all(self) -> None:
        schedulers = await asyncio.to_thread(self._find)
        asked = {name: (one, self._command_of(name)) for name, one in schedulers.items()}
        with_command = {name: (one, commands) for name, (one, commands) in asked.items() if commands is not None}
        for name in [name for name in {**self._heard, **self._failures} if name not in with_command]:
            self._heard.pop(name, None)
            self._failures.pop(name, None)
        await asyncio.gather(*(self._try(one, commands) for one, commands in with_command.values()))
        self.changed.notify()

    async def _try(self, scheduler: Scheduler, commands: SchedulerCommands) -> None:
        try:
            await self._ask(scheduler, commands)
        except ProgramError as error:
            self._failures[scheduler.name] = f"The pending sessions of {scheduler.name} can't be seen: {error}"
        else:
            self._failures.pop(scheduler.name, None)

    async def _ask(self, scheduler: Scheduler, commands: SchedulerCommands) -> tuple[SessionBody, ...]:
        waiting = read_waiting(await commands.status.run(self._values(scheduler)))
        here = tuple(one.body(scheduler.name, self._node) for one in waiting if one.node in (None, self._node))
        self._heard[scheduler.name] = _Heard(self._clock.now(), here)
        return here

    def _command_of(self, name: str) -> SchedulerCommands | None:
        return self._commands.get(name) or self._commands.get(ANY)

    def _values(self, scheduler: Scheduler) -> dict[str, str]:
        return {"scheduler": scheduler.name, "directory": str(scheduler.directory), "node": self._node}


class WithPending:
    """A provider whose sessions are those of another one and, beside them, those that wait in schedulers."""

    def __init__(self, inner: SessionProvider, pending: PendingSessions) -> None:
        self._inner = inner
        self._pending = pending
        self._waiting: dict[SessionId, SessionBody] = {}

    @property
    def name(self) -> str:
        """That of the other one."""
        return self._inner.name

    @property
    def abilities(self) -> frozenset[Ability]:
        """Those of the other one."""
        return self._inner.abilities

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be seen, as sentences."""
        return (*notes_of(self._inner), *self._pending.notes())

    async def sessions(self) -> Sequence[SessionBody]:
        """All sessions; one that runs is no longer pending, whatever its scheduler says. Raises ProviderError."""
        running = await self._inner.sessions()
        known = {body.id for body in running}
        self._waiting = {body.id: body for body in await self._pending.bodies() if body.id not in known}
        return [*running, *self._waiting.values()]

    async def changed(self) -> None:
        """Return when either may have changed."""
        waits = [asyncio.create_task(self._inner.changed()), asyncio.create_task(self._told())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def placement(self, taking: bool, weight: float) -> None:
        """As the other one does it. Raises ProviderError."""
        await self._inner.placement(taking, weight)

    async def terminate(self, session: SessionId, grace: float) -> AsyncIterator[Step]:
        """End a session, or cancel it while it is pending. Raises UnknownSession, ProviderError."""
        waiting = self._waiting.get(session)
        steps = self._inner.terminate(session, grace) if waiting is None else self._pending.cancel(waiting)
        async for step in steps:
            yield step

    async def message(self, session: SessionId, text: str) -> None:
        """Show ``text`` in a session. Raises UnknownSession, ProviderError."""
        if session in self._waiting:
            raise ProviderError("It is pending, so there is nothing to show it on.")
        await self._inner.message(session, text)

    async def requeue(self, session: SessionId, to: NodeId) -> None:
        """Impossible: which node a pending session gets is for its scheduler to say. Raises ProviderError."""
        if session not in self._waiting:
            await self._inner.requeue(session, to)
        else:
            raise ProviderError("No command to send a pending session elsewhere is configured on this node.")

    async def _told(self) -> None:
        await self._pending.changed.wait()
