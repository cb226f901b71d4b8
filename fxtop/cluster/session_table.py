"""All sessions of a cluster by key. They stand with their nodes, and nowhere else.

A map of all of them beside those of each node would be 5 MB for 100,000 sessions.
"""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from typing import TypeVar, overload

from fxtop.cluster.records import NodeRow, SessionKey, SessionRow
from fxtop.protocol.ids import NodeId

D = TypeVar("D")


class SessionTable(Mapping[SessionKey, SessionRow]):
    """What the nodes hold together; `put` and `pop` are the only ones to change that."""

    def __init__(self, nodes: Mapping[NodeId, NodeRow]) -> None:
        self._nodes = nodes
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[SessionKey]:
        for node in self._nodes.values():
            yield from node.sessions

    def __contains__(self, key: object) -> bool:
        return isinstance(key, SessionKey) and self.get(key) is not None

    def __getitem__(self, key: SessionKey) -> SessionRow:
        return self._nodes[key.node].sessions[key]

    @overload
    def get(self, key: SessionKey) -> SessionRow | None: ...
    @overload
    def get(self, key: SessionKey, default: SessionRow | D) -> SessionRow | D: ...
    def get(self, key: SessionKey, default: SessionRow | D | None = None) -> SessionRow | D | None:
        """The session of that key; without the detour through an exception that `Mapping` takes."""
        node = self._nodes.get(key.node)
        return default if node is None else node.sessions.get(key, default)

    def values(self) -> ValuesView[SessionRow]:
        """The rows."""
        return _Rows(self)

    def items(self) -> ItemsView[SessionKey, SessionRow]:
        """The rows with their keys."""
        return _Items(self)

    def put(self, node: NodeRow, row: SessionRow) -> None:
        """Add a session that ``node`` has begun to hold; there is none of its key."""
        node.sessions[row.key] = row
        self._count += 1

    def pop(self, node: NodeRow, key: SessionKey) -> SessionRow | None:
        """Take a session away from ``node``, where there is one of that key."""
        row = node.sessions.pop(key, None)
        self._count -= row is not None
        return row

    def _held(self) -> Iterator[dict[SessionKey, SessionRow]]:
        return (node.sessions for node in self._nodes.values())


class _Rows(ValuesView[SessionRow]):
    """Goes over the nodes, for each key would have to be looked up."""

    _mapping: SessionTable

    def __iter__(self) -> Iterator[SessionRow]:
        for held in self._mapping._held():
            yield from held.values()


class _Items(ItemsView[SessionKey, SessionRow]):
    """As `_Rows`."""

    _mapping: SessionTable

    def __iter__(self) -> Iterator[tuple[SessionKey, SessionRow]]:
        for held in self._mapping._held():
            yield from held.items()
