"""Sessions, one by one and as snapshots of a node (protocol 2)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.wire import Count, Name, Sent, Wire

SessionState = Literal[
    "pending", "starting", "running", "disconnected", "ending", "ended", "ghost", "orphan", "unknown"
]


class Pending(Wire, frozen=True, kw_only=True, gc=False):
    """Why a session waits."""

    scheduler: Name
    job: Name | None = None
    reason: str | None = None


class SessionBody(Wire, frozen=True, kw_only=True, gc=False):
    """One session. Null means that the provider can't see it, never zero."""

    id: SessionId
    node: NodeId
    user: Name
    state: SessionState
    name: Name | None = None
    command: str | None = None
    geometry: Name | None = None
    display: Name | None = None
    app: Name | None = None
    created: float | None = None
    idle: float | None = None
    clients: Count | None = None
    cpu: float | None = None
    mem: Count | None = None
    pid: Count | None = None
    pending: Pending | None = None
    params: Annotated[dict[str, str], msgspec.Meta(max_length=32)] = {}


class SessionChange(SessionBody, frozen=True, kw_only=True, gc=False):
    """``session.<node>.<session>``: a session with the common fields of protocol 1 beside its own.

    It is a `SessionBody` and can be kept as one.
    """

    v: Literal[1]
    ts: float
    boot: str
    seq: Count

    @classmethod
    def of(cls, body: SessionBody, *, ts: float, boot: str, seq: int) -> SessionChange:
        """``body`` with its envelope."""
        return cls(v=1, ts=ts, boot=boot, seq=seq, **msgspec.structs.asdict(body))


class SessionsPart(Sent, frozen=True, kw_only=True, gc=False):
    """``sessions.<node>``: one part of a snapshot of all sessions of a node.

    The parts of one snapshot have the same ``boot`` and consecutive ``seq``.
    """

    node: NodeId
    part: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    parts: Annotated[int, msgspec.Meta(ge=1, le=100_000)]
    sessions: list[SessionBody]
