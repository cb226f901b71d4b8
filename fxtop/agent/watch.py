"""Following one thing beside the node: reading it at its own pace, and telling of it."""

from __future__ import annotations

import asyncio
import logging

from fxtop.agent.collectors.port import CollectError, Collector, Reading, WatchedClass, watched_id
from fxtop.agent.identity import Identity
from fxtop.agent.outbox import Outbox
from fxtop.agent.pace import Pace
from fxtop.clock import Clock
from fxtop.protocol.presence import Bye

log = logging.getLogger(__name__)


class Watch:
    """One collector with what it read last. It delays nothing but itself."""

    def __init__(self, collector: Collector, outbox: Outbox, identity: Identity, clock: Clock) -> None:
        self._collector = collector
        self._outbox = outbox
        self._identity = identity
        self._clock = clock
        self._last: Reading | None = None

    @property
    def kind(self) -> WatchedClass:
        """The class of its heartbeats."""
        return self._collector.kind

    async def run(self) -> None:
        """Read and tell for ever."""
        pace = Pace(self._collector.interval, self._clock, first=0.0)
        while True:
            await pace.wait()
            await self.read()

    async def read(self) -> None:
        """Read and tell once."""
        try:
            async with asyncio.timeout(self._collector.interval):
                reading = await self._collector.read()
        except (CollectError, TimeoutError) as error:
            log.warning("No %s was read: %s", self.kind, error or "it took too long")
            return
        if self._last is not None and watched_id(self._last) != watched_id(reading):
            await self.bye()
        self._last = reading
        await self.tell()

    async def tell(self) -> None:
        """Publish the last reading."""
        if self._last is not None:
            await self._outbox.publish(f"hb.{self.kind}", (watched_id(self._last),), self._last)

    async def repeat(self, inbox: str) -> None:
        """Answer a sync with the last reading."""
        if self._last is not None:
            await self._outbox.repeat(inbox, f"hb.{self.kind}", (watched_id(self._last),), self._last)

    async def bye(self) -> None:
        """Say that this one isn't followed any more."""
        if self._last is not None:
            id_ = watched_id(self._last)
            bye = Bye(v=1, ts=self._clock.now(), id=id_, boot=self._identity.boot)
            await self._outbox.say(f"bye.{self.kind}", (id_,), bye)
