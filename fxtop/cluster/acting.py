"""Which unfinished jobs touch which node and session, so that a row that somebody acts on can say so.

Kept by id and not on the rows alone, because a job may name a node or session that was not heard of yet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from fxtop.cluster.records import JobRow, SessionKey
from fxtop.protocol.control import MANAGER_VERBS
from fxtop.protocol.ids import NodeId, RequestId

if TYPE_CHECKING:
    from fxtop.cluster.tables import Tables

Key = TypeVar("Key")


class Touched(NamedTuple):
    """What one job acts on."""

    node: NodeId | None
    sessions: tuple[SessionKey, ...]


_NOTHING: Final = Touched(None, ())


class Acting:
    """Unfinished requests by what they touch. Writes the ``acting`` of the rows that are there."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._touched: dict[RequestId, Touched] = {}
        self._nodes: dict[NodeId, tuple[RequestId, ...]] = {}
        self._sessions: dict[SessionKey, tuple[RequestId, ...]] = {}

    def on_node(self, node: NodeId) -> tuple[RequestId, ...]:
        """Unfinished requests to a node."""
        return self._nodes.get(node, ())

    def on_session(self, key: SessionKey) -> tuple[RequestId, ...]:
        """Unfinished requests that name a session."""
        return self._sessions.get(key, ())

    def touch(self, job: JobRow) -> None:
        """Let an unfinished job touch what it names now."""
        touched = _touched_by(job)
        if touched != self._touched.get(job.id, _NOTHING):
            self.release(job.id)
            self._touched[job.id] = touched
            if touched.node is not None:
                _add(self._nodes, (touched.node,), job.id)
            _add(self._sessions, touched.sessions, job.id)
            self._show(touched)

    def release(self, request: RequestId) -> None:
        """Let a job touch nothing any more."""
        touched = self._touched.pop(request, None)
        if touched is None:
            return
        if touched.node is not None:
            _drop(self._nodes, (touched.node,), request)
        _drop(self._sessions, touched.sessions, request)
        self._show(touched)

    def _show(self, touched: Touched) -> None:
        node = self._tables.nodes.get(touched.node) if touched.node is not None else None
        if node is not None:
            node.acting = self.on_node(node.id)
            self._tables.node_changed(node)
        for key in touched.sessions:
            session = self._tables.sessions.get(key)
            if session is not None:
                session.acting = self.on_session(key)
                self._tables.session_changed(session)


def _touched_by(job: JobRow) -> Touched:
    if not job.target or job.verb in MANAGER_VERBS:
        return _NOTHING
    node = NodeId(job.target)
    return Touched(node, tuple(SessionKey(node, session) for session in job.sessions))


def _add(held: dict[Key, tuple[RequestId, ...]], keys: Iterable[Key], request: RequestId) -> None:
    for key in keys:
        held[key] = (*(other for other in held.get(key, ()) if other != request), request)


def _drop(held: dict[Key, tuple[RequestId, ...]], keys: Iterable[Key], request: RequestId) -> None:
    for key in keys:
        left = tuple(other for other in held.get(key, ()) if other != request)
        if left:
            held[key] = left
        else:
            held.pop(key, None)
