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
    """One collector with what it read last, by id. It delays nothing but itself."""

    def __init__(self, collector: Collector, outbox: Outbox, identity: Identity, clock: Clock) -> None:
        self._collector = collector
        self._outbox = outbox
        self._identity = identity
        self._clock = clock
        self._last: dict[str, Reading] = {}

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
                said = await self._collector.read()
        except (CollectError, TimeoutError) as error:
            log.warning("No %s was read: %s", self.kind, error or "it took too long")
            return
        if isinstance(said, tuple):
            self._last = {watched_id(reading): reading for reading in said}
        else:
            before, self._last = self._last, {watched_id(said): said}
            for id_ in before.keys() - self._last.keys():
                await self._say_bye(id_)
        await self.tell()

    async def tell(self) -> None:
        """Publish the last readings."""
        for id_, reading in self._last.items():
            await self._outbox.publish(f"hb.{self.kind}", (id_,), reading)

    async def repeat(self, inbox: str) -> None:
        """Answer a sync with the last readings."""
        for id_, reading in self._last.items():
            await self._outbox.repeat(inbox, f"hb.{self.kind}", (id_,), reading)

    async def bye(self) -> None:
        """Say that nothing of it is followed any more."""
        for id_ in self._last:
            await self._say_bye(id_)

    async def _say_bye(self, id_: str) -> None:
        bye = Bye(v=1, ts=self._clock.now(), id=id_, boot=self._identity.boot)
        await self._outbox.say(f"bye.{self.kind}", (id_,), bye)
