"""Questions and their answers, over one inbox for all of them."""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from nats.aio.msg import Msg

from fxtop.bus.port import Answer, BusDown, BusError, NoAgent, NoAnswer, NotAllowed
from fxtop.bus.private import Client
from fxtop.bus.sending import send
from fxtop.protocol.text import inert

log = logging.getLogger(__name__)

NO_RESPONDERS = "503"
MOST_BYTES: Final = 256 * 1024 * 1024
"""Bytes of all answers to one question."""
OVERHEAD: Final = 1024
"""Bytes that an answer takes beside its payload."""


def says_nobody(payload: bytes, headers: Mapping[str, str] | None) -> bool:
    """Whether a message is the server's word that nobody listens (NATS status 503), and no answer."""
    return not payload and headers is not None and headers.get("Status") == NO_RESPONDERS


class _Asking:
    """A question on its way: its subject, and what has come back."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.came: asyncio.Queue[Answer | BusError] = asyncio.Queue()
        self.dropped = False
        """Whether the server said that it let nobody have it."""
        self._room = MOST_BYTES

    def answered(self, answer: Answer) -> None:
        """Take an answer, as long as there is room: whoever sees the question can send any number of them."""
        if self._room <= 0:
            return
        self._room -= len(answer.payload) + OVERHEAD
        self.came.put_nowait(answer)
        if self._room <= 0:
            log.warning("The answers on %s are too many: further ones are left out.", inert(self.subject, 200))

    async def next(self, within: float) -> Answer:
        """The next answer; TimeoutError after ``within`` seconds, or the BusError that came instead."""
        async with asyncio.timeout(within):
            came = await self.came.get()
        if isinstance(came, BusError):
            raise came
        return came


class Requests:
    """All questions of one bus. Each is sent on the connection of its moment and ends with it."""

    def __init__(self, inbox_prefix: str) -> None:
        self._inbox = f"{inbox_prefix}.{secrets.token_hex(11)}"
        self.sync_inbox = f"{inbox_prefix}.{secrets.token_hex(11)}"
        """Where the answers to a sync come; they go into the buffer."""
        self._numbers = itertools.count(1)
        self._open: dict[str, _Asking] = {}
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._deaf: str | None = None
        """Why no answer can reach us on this connection."""

    @property
    def inbox(self) -> str:
        """The subscription on which every answer comes."""
        return f"{self._inbox}.*"

    async def on_reply(self, msg: Msg) -> None:
        """Hand an answer to its question; one that nobody waits for any more is ignored."""
        inbox, _, number = msg.subject.rpartition(".")
        asking = self._open.get(number)
        if asking is None or inbox != self._inbox:
            return
        if says_nobody(msg.data, msg.headers):
            asking.came.put_nowait(NoAgent(_nobody(asking.subject)))
        else:
            asking.answered(Answer(msg.data, msg.headers or {}))

    def disconnected(self) -> None:
        """No answer can come any more to what was asked; the next connection may have other rights."""
        self._deaf = None
        for asking in self._open.values():
            asking.came.put_nowait(NoAnswer(_lost(asking.subject)))

    def forbidden_to_send(self, subject: str) -> None:
        """The server dropped one message on ``subject``; it tells the subject in lower case through nats-py.

        It doesn't tell which. A permission that is withdrawn stays withdrawn, so of several questions the newest were
        dropped, one for each such word; those before them may have been delivered.
        """
        for asking in reversed(self._open.values()):
            if asking.subject.lower() == subject.lower() and not asking.dropped:
                asking.dropped = True
                asking.came.put_nowait(NotAllowed(_forbidden(asking.subject)))
                return

    def forbidden_to_hear(self, subject: str) -> bool:
        """Whether the forbidden subscription is our inbox; then no request can work on this connection.

        What was asked already may have been delivered: only its answer can't be.
        """
        if subject.lower() != self.inbox.lower():
            return False
        prefix = self._inbox.rpartition(".")[0]
        self._deaf = (
            f"The server doesn't let this login hear answers on {prefix}.>: nothing is sent. "
            "Set inbox_prefix to one that it may use."
        )
        for asking in self._open.values():
            asking.came.put_nowait(NoAnswer(_unheard(asking.subject, prefix)))
        return True

    async def idle(self, within: float) -> None:
        """Return when no question is open, or after ``within`` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._quiet.wait()
        except TimeoutError:
            return

    async def ask(
        self, client: Client, subject: str, payload: bytes, headers: Mapping[str, str] | None, within: float
    ) -> Answer:
        """One answer; see `fxtop.bus.port.Bus.request`."""
        with self._asking(subject) as (asking, reply):
            await send(client, subject, payload, headers, reply)
            try:
                return await asking.next(within)
            except TimeoutError:
                raise NoAnswer(_silence(subject, within)) from None

    async def gather(
        self,
        client: Client,
        subject: str,
        payload: bytes,
        headers: Mapping[str, str] | None,
        within: float,
        quiet: float,
    ) -> list[Answer]:
        """All answers; see `fxtop.bus.port.Bus.gather`."""
        answers: list[Answer] = []
        until = asyncio.get_running_loop().time() + within
        with self._asking(subject) as (asking, reply):
            await send(client, subject, payload, headers, reply)
            wait = within
            while wait > 0:
                try:
                    answers.append(await asking.next(wait))
                except (TimeoutError, NoAgent):
                    break
                wait = min(quiet, until - asyncio.get_running_loop().time())
        return answers

    @contextmanager
    def _asking(self, subject: str) -> Iterator[tuple[_Asking, str]]:
        """A question and the subject for its answers."""
        if self._deaf:
            raise NotAllowed(self._deaf)
        number = f"{next(self._numbers):x}"
        asking = self._open[number] = _Asking(subject)
        self._quiet.clear()
        try:
            yield asking, f"{self._inbox}.{number}"
        finally:
            del self._open[number]
            if not self._open:
                self._quiet.set()


def down(last_error: str | None) -> BusDown:
    """There is no connection; ``last_error`` says why, where that is known."""
    return BusDown(f"There is no connection to the bus, so nothing was sent. {last_error or ''}".rstrip())


def _nobody(subject: str) -> str:
    return (
        f"Nobody listens on {inert(subject, 200)}: nothing received the request. "
        "Check whether the agent there is running and connected."
    )


def _silence(subject: str, within: float) -> str:
    return (
        f"No answer came on {inert(subject, 200)} within {within:g} s: whether the request had an effect is not known."
    )


def _lost(subject: str) -> str:
    return (
        f"The connection was lost while waiting for an answer on {inert(subject, 200)}: "
        "whether the request had an effect is not known."
    )


def _unheard(subject: str, prefix: str) -> str:
    return (
        f"The server doesn't let this login hear answers on {prefix}.>, and one was waited for on "
        f"{inert(subject, 200)}: whether the request had an effect is not known."
    )


def _forbidden(subject: str) -> str:
    return (
        f"The server doesn't let this login send on {inert(subject, 200)}: nothing received the request. "
        "Ask its administrator for the permission, or use another login."
    )
