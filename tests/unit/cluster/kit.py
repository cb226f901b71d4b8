"""A store with a clock that is moved by hand, and messages to feed it with, as short as a test needs them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fxtop.cluster.records import Liveness, SessionKey, Sighting
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.ids import ClusterSlug, NodeId, ServerId, SessionId
from fxtop.protocol.inbound import Inbound

CLUSTER = ClusterSlug("fastx")
EPOCH = 1_700_000_000.0
LICENSE = "5053@lic"


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
        self._batch: list[Inbound] | None = None

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

    def together(self, sending: Callable[[], object]) -> None:
        """Fold in all that ``sending`` sends as one batch."""
        self._batch = []
        sending()
        batch, self._batch = self._batch, None
        self.store.fold(batch)

    def raw(self, subject: str, payload: bytes, *, synced: bool = False) -> None:
        """Fold in bytes."""
        inbound = Inbound(subject, payload, self.clock.monotonic(), synced)
        if self._batch is None:
            self.store.fold([inbound])
        else:
            self._batch.append(inbound)

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

    def transporter(self, server: str = "S1", *, routes: tuple[str, ...] = (), **over: Any) -> dict[str, Any]:
        """The heartbeat of the agent beside a NATS server."""
        synced = over.pop("synced", False)
        body = {
            "server": server, "name": server.lower(), "version": "2.15.1", "host": "10.0.0.1", "port": 4222,
            "uptime": 60.0, "connections": 1, "total_connections": 1, "subscriptions": 1,
            "routes": [{"remote_id": remote, "remote_name": remote.lower(), "rtt": 0.001} for remote in routes],
            "configured_routes": len(routes), "in_msgs": 0, "out_msgs": 0, "in_bytes": 0, "out_bytes": 0,
            "slow_consumers": 0, "mem": 1, "cpu": 0.1, "tls_required": True, "cert_expires": None,
            "lame_duck": False, "jetstream": False, "via": "http", "interval": 5.0, **over,
        }  # fmt: skip
        return self.send("hb.transporter", (server,), body, synced=synced)

    def license(self, *holders: tuple[str, str], server: str = LICENSE, **over: Any) -> dict[str, Any]:
        """A licence server's heartbeat with one pool; ``holders`` are users and hosts."""
        pools = over.pop("pools", [pool(inuse=len(holders))])
        body = {
            "server": server, "reachable": True, "error": None, "uptime": 60.0, "interval": 30.0,
            "isvs": [{"name": "starnet", "running": True, "restarts": 0}], "pools": pools,
            "holders": [holder(user, host) for user, host in holders], **over,
        }  # fmt: skip
        return self.send("hb.license", (server,), body)

    def share(self, manager: str = "mgr1", **over: Any) -> dict[str, Any]:
        """A manager's shared data."""
        body = {"manager": manager, "path": "/var/fx", "kind": "syncthing", "peers": [], "interval": 30.0, **over}
        return self.send("hb.store", (manager,), body)

    def progress(self, request: str, status: str = "running", **over: Any) -> dict[str, Any]:
        """A receiver's word of how far a job is."""
        body = {
            "request": request, "node": "viz01", "verb": "terminate", "status": status, "done": 0, "total": 0,
            "items": [], **over,
        }  # fmt: skip
        return self.send("job", (request,), body)

    def audit(self, request: str, decision: str = "accepted", *, source: str = "viz01", **over: Any) -> dict[str, Any]:
        """A receiver's record of a decision."""
        body = {"request": request, "operator": "bob", "verb": "terminate", "decision": decision, **over}
        return self.send("audit", (source,), body)

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

    @property
    def told(self) -> list[str]:
        """What the events say, oldest first."""
        return [event.text for event in self.store.events]

    def said(self, part: str) -> bool:
        """Whether an event says ``part``."""
        return any(part in event.text for event in self.store.events)


def pool(**over: Any) -> dict[str, Any]:
    """A counted pool of twenty seats."""
    return {
        "isv": "starnet", "product": "fastx", "version": "5.0", "pool": 1, "count": 20, "reserved": 0, "inuse": 0,
        "expires": None, "kind": "counted", "checkouts_total": 0, "denials_total": 0, **over,
    }  # fmt: skip


def holder(user: str, host: str, **over: Any) -> dict[str, Any]:
    """Somebody who holds one seat; RLM doesn't say of which pool."""
    return {"isv": "starnet", "product": "fastx", "version": "5.0", "user": user, "host": host, "seats": 1, **over}


def sighting(server: str, via: str = "tls://one:4222", **over: Any) -> Sighting:
    """A server as the shared token alone shows it."""
    figures: dict[str, Any] = {
        "name": server.lower(), "host": "10.0.0.1", "version": "2.15.1", "cluster": "fx", "connections": 1,
        "total_connections": 1, "subscriptions": 1, "in_msgs": 0, "out_msgs": 0, "in_bytes": 0, "out_bytes": 0,
        "slow_consumers": 0, "jetstream": False, **over,
    }  # fmt: skip
    return Sighting(server=ServerId(server), via=via, **figures)


def body_of(node: str, session: str) -> dict[str, Any]:
    """A running session of ann."""
    return {"id": session, "node": node, "user": "ann", "state": "running"}


def key(node: str, session: str) -> SessionKey:
    """A session's key."""
    return SessionKey(NodeId(node), SessionId(session))
