"""How many rows stand how, and which of them stand out, kept as rows change.

Summaries and findings read this instead of all rows: what they cost grows with what is wrong, not with the cluster.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Set
from typing import Final, Generic, TypeVar

from fxtop.cluster.records import Liveness, SessionKey
from fxtop.protocol.ids import NodeId

K = TypeVar("K")

NOTHING: Final[frozenset[str]] = frozenset()


class Standing(Generic[K]):
    """Rows by a state: how many in each, and who is in the ``watched`` ones."""

    def __init__(self, *watched: str) -> None:
        self.counts: Counter[str] = Counter()
        self._members: dict[str, set[K]] = {state: set() for state in watched}

    def move(self, key: K, old: str | None, new: str | None) -> None:
        """Note that a row went from ``old`` to ``new``; None stands for not being there."""
        if old == new:
            return
        if old is not None:
            self.counts[old] -= 1
            if old in self._members:
                self._members[old].discard(key)
        if new is not None:
            self.counts[new] += 1
            if new in self._members:
                self._members[new].add(key)

    def those(self, state: str) -> Set[K]:
        """Who is in a watched state."""
        return self._members[state]


class Census:
    """All standings of one cluster."""

    def __init__(self) -> None:
        self.sessions: Standing[SessionKey] = Standing("ghost", "orphan")
        """By the session's state."""
        self.nodes: Standing[NodeId] = Standing(Liveness.STALE, Liveness.LOST)
        """By liveness."""
        self.drains: Standing[NodeId] = Standing("draining", "drained")
        """By what the agent enforces."""
        self.skewed: set[NodeId] = set()
        """Nodes whose clock differs from ours by more than protocol 1 lets pass."""
        self.network_temp: set[NodeId] = set()
        """Nodes whose FX_TEMP_DIR lies on a network file system."""
