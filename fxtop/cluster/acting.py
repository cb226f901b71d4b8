"""Which unfinished jobs touch which node and session.

Kept apart from the rows, because a job may name a node or session that was not heard of yet, or that comes back.
"""

from __future__ import annotations

from typing import TypeVar

from fxtop.cluster.records import JobRow, SessionKey
from fxtop.protocol.ids import NodeId, RequestId

Key = TypeVar("Key")


class Acting:
    """Unfinished requests by what they touch."""

    def __init__(self) -> None:
        self._nodes: dict[NodeId, tuple[RequestId, ...]] = {}
        self._sessions: dict[SessionKey, tuple[RequestId, ...]] = {}

    def on_node(self, node: NodeId) -> tuple[RequestId, ...]:
        """Unfinished requests to a node."""
        return self._nodes.get(node, ())

    def on_session(self, key: SessionKey) -> tuple[RequestId, ...]:
        """Unfinished requests that name a session."""
        return self._sessions.get(key, ())

    def begin(self, job: JobRow, node: NodeId | None, sessions: tuple[SessionKey, ...]) -> None:
        """Let a job touch ``node`` and ``sessions``."""
        if node is not None:
            self._nodes[node] = _with(self.on_node(node), job.id)
        for key in sessions:
            self._sessions[key] = _with(self.on_session(key), job.id)

    def end(self, job: JobRow, node: NodeId | None, sessions: tuple[SessionKey, ...]) -> None:
        """Let a job touch nothing any more."""
        if node is not None:
            _drop(self._nodes, node, job.id)
        for key in sessions:
            _drop(self._sessions, key, job.id)


def _with(requests: tuple[RequestId, ...], request: RequestId) -> tuple[RequestId, ...]:
    return requests if request in requests else (*requests, request)


def _drop(held: dict[Key, tuple[RequestId, ...]], key: Key, request: RequestId) -> None:
    left = tuple(other for other in held.get(key, ()) if other != request)
    if left:
        held[key] = left
    else:
        held.pop(key, None)
