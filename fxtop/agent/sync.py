"""Answering a console that joins (protocol 3)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Sequence
from typing import Final, Protocol

from fxtop.agent.announcer import Announcer
from fxtop.agent.background import Background
from fxtop.agent.jobs import Jobs
from fxtop.agent.refusals import Refusals
from fxtop.agent.watch import Watch
from fxtop.bus.port import Asked
from fxtop.protocol.decode import Rejected, decode
from fxtop.protocol.presence import HeartbeatClass, Sync

log = logging.getLogger(__name__)

AT_ONCE: Final = 64
"""Askers that wait for their random moment; more at a time is a fault somewhere, and they are not answered."""
WITHIN: Final = 10.0
"""Seconds in which no more than `AT_ONCE` askers are answered: an answer can be a thousand times its question."""

SHORTEST: Final = 0.002
"""Seconds that are worth a wait."""
IN_A_ROW: Final = 16
"""Speakers after which others get their turn, however late it is."""


class Speaker(Protocol):
    """Whoever has something to say of itself."""

    async def repeat(self, inbox: str, classes: Sequence[HeartbeatClass]) -> None:
        """Tell one asker the present state, as far as it is of these ``classes``."""
        ...


class NodeSpeaker:
    """All that one node's agent has to say."""

    def __init__(self, announcer: Announcer, watches: Sequence[Watch], jobs: Jobs, refusals: Refusals) -> None:
        self._announcer = announcer
        self._jobs = jobs
        self._refusals = refusals
        self._watches = watches

    async def repeat(self, inbox: str, classes: Sequence[HeartbeatClass]) -> None:
        """Tell it all."""
        if "node" in classes:
            await self._announcer.repeat_node(inbox)
            await self._jobs.repeat_waiting(inbox)
            await self._refusals.repeat(inbox)
        if "session" in classes:
            await self._announcer.repeat_sessions(inbox)
        for watch in self._watches:
            if watch.kind in classes:
                await watch.repeat(inbox)


class SyncAnswers:
    """Answers each asker with the present state, at a random moment so that a whole cluster doesn't speak at once.

    Where several speak through one connection, each has its own stretch of the time.
    """

    def __init__(self, speakers: Sequence[Speaker], name: str) -> None:
        self._speakers = speakers
        self._waiting = Background(f"{name} sync")
        self._random = random.SystemRandom()
        self._answered: deque[float] = deque(maxlen=AT_ONCE)

    async def handle(self, asked: Asked) -> None:
        """Take a question; it is answered later."""
        try:
            message = decode(asked.subject, asked.payload).message
        except Rejected as rejected:
            log.debug("a sync was not understood: %s", rejected)
            return
        if asked.reply and isinstance(message, Sync) and self._has_time():
            self._waiting.start(self._answer(asked.reply, message.classes, message.spread), "answer")

    async def stop(self) -> None:
        """Leave those that still wait unanswered."""
        await self._waiting.stop()

    def _has_time(self) -> bool:
        """Whether one more can be answered, who then counts as answered."""
        now = asyncio.get_running_loop().time()
        too_many = len(self._answered) == AT_ONCE and now < self._answered[0] + WITHIN
        if too_many or len(self._waiting) >= AT_ONCE:
            return False
        self._answered.append(now)
        return True

    async def _answer(self, inbox: str, classes: Sequence[HeartbeatClass], spread: float) -> None:
        loop = asyncio.get_running_loop()
        began, stretch = loop.time(), spread / len(self._speakers)
        for number, speaker in enumerate(self._speakers):
            moment = self._random.uniform(stretch * number, stretch * (number + 1))
            wait = began + moment - loop.time()
            if wait > SHORTEST or number % IN_A_ROW == 0:
                await asyncio.sleep(max(0.0, wait))
            await speaker.repeat(inbox, classes)
