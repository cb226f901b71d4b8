"""The machine's facts from many sources, none of which waits for another."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Sequence
from typing import Final

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.collectors.facts import FactSource, Fragment, joined
from fxtop.agent.collectors.host import Sampler
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.providers.port import HostFacts, HostSample
from fxtop.clock import Clock

log = logging.getLogger(__name__)

PATIENCE: Final = 3.0
RETRY: Final = 60.0
"""Seconds after which what could not be read is tried again, however seldom it is read otherwise."""


class Survey:
    """A `HostProbe` made of a sampler and of sources that are each read at their own pace."""

    def __init__(
        self, host: Sampler, sources: Sequence[FactSource], clock: Clock, *, patience: float = PATIENCE
    ) -> None:
        """``patience`` is how many seconds a look at the facts waits for the sources that are due."""
        self._host = host
        self._patience = patience
        self._readers = [_Reader(source, clock) for source in sources]
        self._clock = clock

    async def sample(self) -> HostSample:
        """The machine now."""
        return await self._host.sample()

    async def facts(self) -> HostFacts:
        """What is known; what comes too late is told at the next look."""
        now = self._clock.monotonic()
        begun = [reader.begin() for reader in self._readers if reader.is_due(now)]
        if begun:
            await asyncio.wait(begun, timeout=self._patience)
        return joined((reader.known for reader in self._readers), host=socket.gethostname())


class _Reader:
    """One source, with what it told last."""

    def __init__(self, source: FactSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._apart = Apart(source.name)
        self._due = clock.monotonic()
        self._task: asyncio.Task[None] | None = None
        self._told: Fragment | None = None
        self._trouble: str | None = None

    @property
    def known(self) -> Fragment:
        """What there is to tell of it now."""
        if self._told is None:
            return self._source.unread(f"Looking at {self._source.name} has not ended yet.")
        return self._told

    def is_due(self, now: float) -> bool:
        """Whether it is to be read again."""
        return now >= self._due and (self._task is None or self._task.done())

    def begin(self) -> asyncio.Task[None]:
        """Read it; the task ends whatever becomes of that."""
        self._task = asyncio.create_task(self._read(), name=f"facts: {self._source.name}")
        return self._task

    async def _read(self) -> None:
        self._due = self._clock.monotonic() + self._source.every
        try:
            async with asyncio.timeout(self._source.limit):
                self._told = await self._apart.run(self._source.read)
        except (CollectError, TimeoutError) as error:
            self._fail(str(error) or f"Looking at {self._source.name} takes longer than {self._source.limit:g} s.")
        except Exception as error:  # a fault in one source must not take the others' word
            log.exception("Looking at %s failed inside the agent", self._source.name)
            self._fail(f"Looking at {self._source.name} failed inside the agent ({type(error).__name__}).")
        else:
            self._trouble = None

    def _fail(self, why: str) -> None:
        """Tell ``why`` in the place of what was told before: that may not be true any more."""
        if why != self._trouble:
            log.warning("%s", why)
        self._trouble = why
        self._told = self._source.unread(why)
        self._due = self._clock.monotonic() + min(self._source.every, RETRY)
