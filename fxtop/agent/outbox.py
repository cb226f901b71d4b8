"""What the agent says: numbered, stamped and published (protocol 1)."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Mapping
from typing import Final, Protocol, TypeVar

import msgspec

from fxtop.agent.identity import Identity
from fxtop.bus.port import BusDown, BusError
from fxtop.clock import Clock
from fxtop.protocol import subjects
from fxtop.protocol.encode import TooLarge, encode
from fxtop.protocol.presence import SYNC_SUBJECT_HEADER
from fxtop.protocol.session import SessionChange
from fxtop.protocol.wire import Message, Sent, Wire

log = logging.getLogger(__name__)

PATIENCE: Final = 600.0
"""Seconds that the end of a job is held back for while the bus is down."""
RETRY: Final = 0.5

Numbered = TypeVar("Numbered", bound=Sent | SessionChange)


class Line(Protocol):
    """As much of a bus as it takes to say something."""

    async def publish(self, subject: str, payload: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Send now. BusDown, BusError."""
        ...

    async def wait_connected(self, within: float) -> None:
        """Return when it is possible; BusDown after ``within`` seconds."""
        ...


class Outbox:
    """The only door by which messages leave an agent.

    Collectors build messages with an empty envelope; ``ts``, ``boot`` and ``seq`` are put in here. A number is used up
    only by a message that went out, so that a time without a bus leaves no gap.
    """

    def __init__(self, bus: Line, identity: Identity, clock: Clock) -> None:
        self._bus = bus
        self._identity = identity
        self._clock = clock
        self._last: dict[str, int] = defaultdict(int)
        self._order: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def last(self, kind: str) -> int:
        """The number of the last published message of the class ``kind``; 0 before the first."""
        return self._last[kind]

    async def publish(self, kind: str, ids: tuple[str, ...], *messages: Sent | SessionChange) -> bool:
        """Publish ``messages`` in order, numbered without a gap; False where they could not all go out."""
        subject = subjects.build(self._identity.cluster, kind, *ids)
        async with self._order[kind]:
            for message in messages:
                number = self._last[kind] + 1
                if not await self._send(subject, self._stamped(message, number)):
                    return False
                self._last[kind] = number
        return True

    async def say(self, kind: str, ids: tuple[str, ...], message: Message) -> bool:
        """Publish a ``message`` of a class that isn't numbered; False where it could not go out."""
        return await self._send(subjects.build(self._identity.cluster, kind, *ids), message)

    async def answer(self, inbox: str, kind: str, ids: tuple[str, ...], message: Message) -> bool:
        """As `say`, to one asker (protocol 3)."""
        subject = subjects.build(self._identity.cluster, kind, *ids)
        return await self._send(inbox, message, {SYNC_SUBJECT_HEADER: subject})

    async def deliver(self, kind: str, ids: tuple[str, ...], message: Message) -> None:
        """As `say`, but wait for the bus, up to `PATIENCE`: for what somebody waits for."""
        subject = subjects.build(self._identity.cluster, kind, *ids)
        until = self._clock.monotonic() + PATIENCE
        while True:
            try:
                await self._bus.wait_connected(max(0.0, until - self._clock.monotonic()))
            except BusDown as error:
                log.warning("Nothing was said on %s: %s", subject, error)
                return
            try:
                await self._put(subject, message)
            except BusDown:
                await asyncio.sleep(RETRY)  # the bus may not have noticed yet that it is down
            else:
                return

    async def repeat(self, inbox: str, kind: str, ids: tuple[str, ...], *messages: Sent | SessionChange) -> bool:
        """Send ``messages`` to one asker under the last published numbers, so that no gap arises (protocol 3).

        The last of them carries the last published number, those before it the ones before. Where there are not that
        many numbers yet, they are published first. False where they could not all go out.
        """
        if self._last[kind] < len(messages) and not await self.publish(kind, ids, *messages):
            return False
        subject = subjects.build(self._identity.cluster, kind, *ids)
        headers = {SYNC_SUBJECT_HEADER: subject}
        async with self._order[kind]:
            for number, message in enumerate(messages, self._last[kind] - len(messages) + 1):
                if not await self._send(inbox, self._stamped(message, number), headers):
                    return False
        return True

    def _stamped(self, message: Numbered, number: int) -> Numbered:
        return msgspec.structs.replace(message, ts=self._clock.now(), boot=self._identity.boot, seq=number)

    async def _send(self, subject: str, message: Wire, headers: Mapping[str, str] | None = None) -> bool:
        try:
            return await self._put(subject, message, headers)
        except BusDown:
            return False

    async def _put(self, subject: str, message: Wire, headers: Mapping[str, str] | None = None) -> bool:
        """False where the message can't be sent at all. Raises BusDown."""
        try:
            await self._bus.publish(subject, encode(message), headers)
        except BusDown:
            raise
        except (BusError, TooLarge, UnicodeEncodeError) as error:
            log.error("Nothing was published on %s: %s", subject, error)
            return False
        return True
