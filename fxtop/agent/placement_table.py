"""Keeping the placement table, from which `fxtop node-select` learns of drains, weights and silent nodes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fxtop.agent.identity import Identity
from fxtop.agent.node_select.rows import table_rows
from fxtop.agent.node_select.table import TableError, write_table
from fxtop.agent.pace import Pace
from fxtop.bus.port import Bus
from fxtop.clock import Clock
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.inbound import Inbound

log = logging.getLogger(__name__)

EVERY: Final = 3.0
"""Seconds between two tables; a reader trusts one for several times that."""
OBSERVED: Final = ("hb.node", "facts.node", "bye.node")
"""The classes of messages that a table is made from."""


class TableKeeper:
    """Writes what is heard of all nodes into one file, as long as anything can be heard.

    Nobody is asked: within one interval every node has told of itself, and a question at each start would have all of
    a large cluster answer all the agents of it.

    Args:
        path: the file.
        identity: whose agent it is.
        bus: what it listens to.
        clock: time.
        store: the view of the cluster that somebody else here keeps; without one it keeps its own.
    """

    def __init__(self, path: Path, identity: Identity, bus: Bus, clock: Clock, store: Store | None = None) -> None:
        self._path = path
        self._identity = identity
        self._bus = bus
        self._clock = clock
        self._own = store is None
        self._store = Store(identity.cluster, clock) if store is None else store
        self._trouble = ""

    async def join(self) -> None:
        """Begin to listen."""
        if self._own:
            for kind in OBSERVED:
                await self._bus.subscribe(subjects.wildcard(self._identity.cluster, kind))

    def fold(self, batch: Sequence[Inbound]) -> None:
        """Take in what was heard."""
        if self._own:
            self._store.fold(batch)
            self._store.drain_dirty()

    async def run(self) -> None:
        """Write for ever."""
        pace = Pace(EVERY, self._clock)
        while True:
            await pace.wait()
            if self._bus.status.connected:
                await self.write()

    async def write(self) -> None:
        """Write the table as it is now; each reason why that isn't possible is logged once."""
        try:
            await asyncio.to_thread(write_table, self._path, table_rows(self._store), self._clock.now())
        except TableError as error:
            if str(error) != self._trouble:
                log.warning("%s Drains have no effect on FastX's choice of nodes here until it can.", error)
            self._trouble = str(error)
        else:
            self._trouble = ""
