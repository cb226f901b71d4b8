"""A store with a clock that is moved by hand, and messages to feed it with, as short as a test needs them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from fxtop.cluster.records import Liveness, SessionKey
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.ids import ClusterSlug, NodeId, SessionId
from fxtop.protocol.inbound import Inbound

CLUSTER = ClusterSlug("fastx")
EPOCH = 1_700_000_000.0


@dataclass
class HandClock:
    """A clock that stands still until it is moved; ``step`` sets the wall clock only."""

    seconds: float = 1_000.0
    step: float = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> float:
        return EPOCH + self.seconds + self.step


@dataclass
class Site:
    """A store, its clock, and senders that number their messages."""

    clock: HandClock = field(default_factory=HandClock)
    boot: str = "b1"

    def __post_init__(self) -> None:
        self.store = Store(CLUSTER, self.clock)
        self._seq: Counter[tuple[str, str]] = Counter()

    def wait(self, seconds: float) -> None:
        """Let time pass and be seen."""
        self.clock.seconds += seconds
        self.store.advance()

    def send(self, kind: str, ids: tuple[str, ...], body: dict[str, Any], *, synced: bool = False) -> dict[str, Any]:
        """Fold in a message; what ``body`` doesn't say of the envelope is filled in. Returns what was sent."""
        sender = (kind, ids[0] if ids else "")
        if "seq" not in body:
            self._seq[sender] += 1
        envelope = {"v": 1, "ts": self.clock.now(), "boot": self.boot, "seq": self._seq[sender]}
        message = {**envelope, **body}
        self.raw(subjects.build(CLUSTER, kind, *ids), json.dumps(message).encode(), synced=synced)
        return message

    def raw(self, subject: str, payload: bytes, *, synced: bool = False) -> None:
        """Fold in bytes."""
        self.store.fold([Inbound(subject, payload, self.clock.monotonic(), synced)])

    def beat(self, node: str = "viz01", *, synced: bool = False, **over: Any) -> dict[str, Any]:
        """A node's heartbeat."""
        body = {
            "node": node, "interval": 5.0, "state": "active", "drain": None, "cpu": 0.25, "load": [1.0, 0.5, 0.25],
            "cores": 16, "mem_used": 8_000, "mem_total": 32_000, "weight": 1.0, "capacity": 20, "uptime": 3_600.0,
            "sessions": {"pending": 0, "running": 0, "disconnected": 0}, **over,
        }  # fmt: skip
        return self.send("hb.node", (node,), body, synced=synced)

    def facts(self, node: str = "viz01", **over: Any) -> dict[str, Any]:
        """A node's facts."""
        body = {
            "node": node, "host": f"{node}.example.edu", "services": ["launcher"], "versions": {}, "units": [],
            "dirs": [], "config": {}, "transporters": [], "metadata": {}, "provider": "fake", **over,
        }  # fmt: skip
        return self.send("facts.node", (node,), body)

    def session(self, node: str = "viz01", session: str = "s1", **over: Any) -> dict[str, Any]:
        """A change of one session."""
        return self.send("session", (node, session), {**body_of(node, session), **over})

    def snapshot(
        self,
        node: str,
        *sessions: str | dict[str, Any],
        part: int = 1,
        parts: int = 1,
        synced: bool = False,
        **over: Any,
    ) -> dict[str, Any]:
        """One part of a node's snapshot; sessions are given by id, or by what differs (with an id)."""
        bodies = [
            body_of(node, each) if isinstance(each, str) else {**body_of(node, each["id"]), **each} for each in sessions
        ]
        body = {"node": node, "part": part, "parts": parts, "sessions": bodies, **over}
        return self.send("sessions", (node,), body, synced=synced)

    def bye(self, class_: str, id_: str, **over: Any) -> None:
        """A clean stop."""
        self.raw(
            subjects.build(CLUSTER, f"bye.{class_}", id_),
            json.dumps({"v": 1, "ts": self.clock.now(), "id": id_, **over}).encode(),
        )

    def sessions_of(self, node: str) -> set[str]:
        """Ids of the sessions that the store knows on a node."""
        return {key.session for key in self.store.sessions if key.node == node}

    def liveness(self, node: str) -> Liveness:
        """A node's liveness."""
        return self.store.nodes[NodeId(node)].liveness

    def said(self, part: str) -> bool:
        """Whether an event says ``part``."""
        return any(part in event.text for event in self.store.events)


def body_of(node: str, session: str) -> dict[str, Any]:
    """A running session of ann."""
    return {"id": session, "node": node, "user": "ann", "state": "running"}


def key(node: str, session: str) -> SessionKey:
    """A session's key."""
    return SessionKey(NodeId(node), SessionId(session))
