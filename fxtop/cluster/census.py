"""How many rows stand how, and which of them stand out, kept as rows change.

Summaries and findings read this instead of all rows: what they cost grows with what is wrong, not with the cluster.
Each ``rev`` differs whenever what it stands beside does, so that a reader can keep what it made of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from typing import Final, Generic, TypeVar

from fxtop.cluster.records import Liveness, NodeRow, SessionKey
from fxtop.protocol.ids import NodeId
from fxtop.protocol.node import NodeFacts

LOCAL_DIR: Final = "FX_LOCAL_DIR"
SKEW_SHOWN: Final = 2.0
"""Seconds that a sender's clock may differ from ours before it is worth a word (protocol 1)."""

K = TypeVar("K")
G = TypeVar("G")


class Standing(Generic[K]):
    """Rows by a state: how many in each, and who is in the ``watched`` ones."""

    def __init__(self, *watched: str) -> None:
        self.counts: Counter[str] = Counter()
        self.rev = 0
        """Of those in watched states."""
        self._members: dict[str, set[K]] = {state: set() for state in watched}

    def move(self, key: K, old: str | None, new: str | None) -> None:
        """Note that a row went from ``old`` to ``new``; None stands for not being there."""
        if old == new:
            return
        if old is not None:
            self.counts[old] -= 1
            if old in self._members:
                self._members[old].discard(key)
                self.rev += 1
        if new is not None:
            self.counts[new] += 1
            if new in self._members:
                self._members[new].add(key)
                self.rev += 1

    def those(self, *states: str) -> Set[K]:
        """Who is in one of the watched ``states``."""
        first, *others = states
        found = self._members[first]
        return found.union(*(self._members[state] for state in others)) if others else found


class Marks(Set[K]):
    """Rows that stand out in one way."""

    def __init__(self) -> None:
        self.keys: set[K] = set()
        """The same as a plain set, in which to look takes a fraction of the time; nobody else writes into it."""
        self.rev = 0

    def mark(self, key: K, on: bool) -> None:
        """Mark a row, or take its mark away."""
        if on is not (key in self.keys):
            (self.keys.add if on else self.keys.discard)(key)
            self.rev += 1
            if not self.keys:
                self.keys = set()  # one that was large stays so, however empty it is

    def __contains__(self, key: object) -> bool:
        return key in self.keys

    def __iter__(self) -> Iterator[K]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)


class Groups(Generic[G, K]):
    """Rows by something that they have in common, of which any number may exist."""

    def __init__(self) -> None:
        self._members: dict[G, set[K]] = {}
        self.rev = 0

    def move(self, key: K, old: G | None, new: G | None) -> None:
        """Note that a row went from group ``old`` to ``new``; None stands for being in none."""
        if old == new:
            return
        self.rev += 1
        if old is not None:
            self._members[old].discard(key)
            if not self._members[old]:
                del self._members[old]
        if new is not None:
            self._members.setdefault(new, set()).add(key)

    @property
    def members(self) -> Mapping[G, Set[K]]:
        """Who is in each group that has any."""
        return self._members


class Census:
    """All standings of one cluster."""

    def __init__(self) -> None:
        self.sessions: Standing[SessionKey] = Standing("ghost", "orphan")
        """By the session's state."""
        self.nodes: Standing[NodeId] = Standing(Liveness.STALE, Liveness.LOST, Liveness.LEFT)
        """By liveness."""
        self.drains: Standing[NodeId] = Standing("draining", "drained")
        """By what the agent enforces."""
        self.services: Groups[frozenset[str], NodeId] = Groups()
        """Nodes by all the services that they tell they run; those that tell none are in no group."""
        self.local_dirs: Groups[str, NodeId] = Groups()
        """Nodes whose FX_LOCAL_DIR lies on a network file system, by its path."""
        self.closed: Marks[NodeId] = Marks()
        """Nodes that by their last heartbeat take no session: drained, full, or of no weight."""
        self.skewed: Marks[NodeId] = Marks()
        """Nodes whose clock differs from ours by more than protocol 1 lets pass."""
        self.network_temp: Marks[NodeId] = Marks()
        """Nodes whose FX_TEMP_DIR lies on a network file system."""
        self.leftovers: Marks[NodeId] = Marks()
        """Nodes with settings of an older FastX that have no effect."""
        self.failed_units: Marks[NodeId] = Marks()
        """Nodes with a unit that failed."""

    def forget(self, row: NodeRow) -> None:
        """A node is gone, and so is all that it stood out by."""
        self.nodes.move(row.id, row.liveness, None)
        self.drains.move(row.id, row.beat.state if row.beat else None, None)
        self.services.move(row.id, services_of(row.facts), None)
        self.local_dirs.move(row.id, on_network(row.facts, LOCAL_DIR), None)
        for marks in (self.closed, self.skewed, self.network_temp, self.leftovers, self.failed_units):
            marks.mark(row.id, False)

    def running(self, service: str) -> set[NodeId]:
        """The nodes that told that they run ``service``, whether they are heard now or not."""
        return set().union(*(nodes for services, nodes in self.services.members.items() if service in services))

    def heard(self) -> int:
        """How many nodes are heard at present."""
        return self.nodes.counts[Liveness.LIVE] + self.nodes.counts[Liveness.LATE]


def on_network(facts: NodeFacts | None, name: str) -> str | None:
    """The path of a node's directory ``name`` where it lies on a network file system."""
    dirs = facts.dirs if facts is not None else ()
    return next((directory.path for directory in dirs if directory.name == name and directory.network), None)


def services_of(facts: NodeFacts | None) -> frozenset[str] | None:
    """None where nobody knows: a node without any has no FastX on it, or its services can't be read."""
    return frozenset(facts.services) or None if facts is not None else None
