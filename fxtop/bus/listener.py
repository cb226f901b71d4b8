"""A subject whose messages are handled by somebody's coroutine, one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from nats.aio.msg import Msg

from fxtop.bus.port import Asked, Handler
from fxtop.bus.registrations import Registration
from fxtop.bus.tasks import end
from fxtop.protocol.text import inert

log = logging.getLogger(__name__)

MAX_WAITING: Final = 1024
"""Requests that may wait for one handler; more are dropped and counted, and their askers see no answer."""


NO_INBOX: Final = ("$", "MOL", "fxtop")
"""What no inbox begins with: NATS's own subjects, FastX's, and ours."""


class Listener:
    """Requests on their way to a handler.

    They wait here and not in nats-py's subscription, which would cancel a handler in the middle of its work when the
    connection is lost.
    """

    def __init__(self, subject: str, handler: Handler, queue: str = "") -> None:
        self.registration = Registration(subject, deliver=self._arrive, queue=queue)
        self.dropped = 0
        self.overrun: Callable[[], None] | None = None
        """Called when messages are dropped, more seldom the more there are: at the first, second, fourth, eighth …"""
        self._handler = handler
        self._waiting: asyncio.Queue[Asked] = asyncio.Queue(MAX_WAITING)
        self._worker: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to handle what arrives."""
        self._worker = asyncio.create_task(self._work(), name=f"listen {self.registration.subject}")

    async def stop(self) -> None:
        """Cancel the handler and forget what waits."""
        if self._worker is not None:
            await end(self._worker)

    async def _arrive(self, msg: Msg) -> None:
        try:
            self._waiting.put_nowait(Asked(msg.subject, msg.data, msg.headers or {}, inbox(msg.reply)))
        except asyncio.QueueFull:
            self.dropped += 1
            if self.overrun is not None and self.dropped & (self.dropped - 1) == 0:
                self.overrun()

    async def _work(self) -> None:
        while True:
            asked = await self._waiting.get()
            try:
                await self._handler(asked)
            except Exception:  # a handler's mistake must not end the listening
                log.exception("the handler of %s failed", inert(self.registration.subject, 200))


def inbox(reply: str) -> str:
    """Where an answer may go: ``reply``, or nowhere.

    Whoever asks names the subject of the answer, so that an agent could be made to say something where others believe
    it, or where only FastX speaks.
    """
    return "" if reply.startswith(NO_INBOX) else reply
