"""Putting the parts of a node's session snapshot together (protocol 2, ``sessions``).

When all parts of one snapshot are there, sessions of the node that it does not name are gone. A session that was heard
by itself while the parts came in is newer than the snapshot: it survives, and no later part overwrites it.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final

from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import SessionsPart

MOST_HELD: Final = 2_000_000
"""Session ids that all open snapshots may hold together; beyond that the ones that were begun first are given up."""


class _Open:
    """A snapshot whose parts are still coming in."""

    __slots__ = ("boot", "changed", "first", "named", "next", "parts", "whole")

    def __init__(self, boot: str, first: int, parts: int) -> None:
        self.boot = boot
        self.first = first
        self.parts = parts
        self.next = 1
        self.whole = True
        """False once a part is missing; then nothing can be said of sessions that are not named."""
        self.named: set[SessionId] = set()
        self.changed: set[SessionId] = set()

    def holds(self, part: SessionsPart) -> bool:
        """Whether ``part`` is one of this snapshot."""
        return part.parts == self.parts and part.boot == self.boot and part.seq - part.part + 1 == self.first

    def __len__(self) -> int:
        return len(self.named) + len(self.changed)

    def take(self, part: SessionsPart) -> None:
        """Add a part."""
        self.whole = self.whole and part.part == self.next
        self.next = part.part + 1
        self.named.update([body.id for body in part.sessions])


class Snapshots:
    """The open snapshots of all nodes, one each at most."""

    def __init__(self) -> None:
        self._open: dict[NodeId, _Open] = {}
        self._held = 0
        self.complete: set[NodeId] = set()
        """Nodes whose sessions are all known: a whole snapshot was heard of them."""

    def changed(self, node: NodeId, session: SessionId) -> None:
        """Note that a session was heard by itself."""
        snapshot = self._open.get(node)
        if snapshot is not None and session not in snapshot.changed:
            snapshot.changed.add(session)
            self._held += 1
            self._bound()

    def begin(self, part: SessionsPart) -> Set[SessionId]:
        """Take a part up; the ids it gives back are newer than the part, which must not touch them."""
        snapshot = self._open.get(part.node)
        if snapshot is None or part.part == 1 or not snapshot.holds(part):
            self._drop(part.node)
            snapshot = self._open[part.node] = _Open(part.boot, part.seq - part.part + 1, part.parts)
        before = len(snapshot)
        snapshot.take(part)
        self._held += len(snapshot) - before
        return snapshot.changed

    def end(self, node: NodeId) -> Set[SessionId] | None:
        """The ids that may stay, once the last part of a whole snapshot was taken up; None before that."""
        snapshot = self._open.get(node)
        if snapshot is None or snapshot.next <= snapshot.parts:
            self._bound()
            return None
        self._drop(node)
        if not snapshot.whole:
            return None
        self.complete.add(node)
        return snapshot.named | snapshot.changed

    def restarted(self, node: NodeId) -> None:
        """The node's agent is a new one; what it knows is told by its own snapshot."""
        self._drop(node)
        self.complete.discard(node)

    def _drop(self, node: NodeId) -> None:
        snapshot = self._open.pop(node, None)
        if snapshot is not None:
            self._held -= len(snapshot)

    def _bound(self) -> None:
        while self._held > MOST_HELD:
            self._drop(next(iter(self._open)))
