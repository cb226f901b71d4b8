"""When a node that is gone for good is forgotten, with its sessions and all that was kept of it.

A node that said goodbye is shown for an hour. One that fell silent without a word is a finding, which somebody must be
able to see on the next morning: it is kept for a day. Where we ourselves can't hear, nobody is forgotten.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import Final

from fxtop.cluster.records import Liveness, NodeRow
from fxtop.cluster.tables import Tables
from fxtop.protocol.ids import NodeId

LEFT_KEPT: Final = 3_600.0
LOST_KEPT: Final = 86_400.0
"""Seconds from the goodbye, or from when it counted as lost."""
SLACK: Final = 1_000
"""Moments that don't hold any more, beyond which they are swept out."""


class Forgetting:
    """The moments at which nodes are due to be forgotten."""

    def __init__(self, tables: Tables, forget: Callable[[NodeRow], None]) -> None:
        self._tables = tables
        self._forget = forget
        self._due: dict[NodeId, float] = {}
        self._heap: list[tuple[float, NodeId]] = []

    def stood(self, row: NodeRow) -> None:
        """A node has another liveness than before."""
        kept = {Liveness.LEFT: LEFT_KEPT, Liveness.LOST: LOST_KEPT}.get(row.liveness)
        if kept is None:
            self._due.pop(row.id, None)
            return
        due = self._due[row.id] = self._tables.clock.monotonic() + kept
        heapq.heappush(self._heap, (due, row.id))
        if len(self._heap) > 2 * len(self._due) + SLACK:
            self._heap = [(due, node) for node, due in self._due.items()]
            heapq.heapify(self._heap)

    def advance(self, now: float) -> None:
        """Forget who is due at monotonic ``now``."""
        if not self._tables.hearing.silence_counts():
            return
        while self._heap and self._heap[0][0] <= now:
            due, node = heapq.heappop(self._heap)
            if self._due.get(node) == due:
                del self._due[node]
                self._forget(self._tables.nodes[node])
