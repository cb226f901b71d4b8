"""A small cluster as the store sees it, made of the messages that agents would send."""

from __future__ import annotations

from typing import Any

import msgspec

from fxtop.cluster.records import SessionKey
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.ids import ClusterSlug, NodeId, SessionId
from fxtop.protocol.inbound import Inbound
from tests.unit.actions.still_clock import StillClock

CLUSTER = ClusterSlug("prod")
INTERVAL = 5.0


def key(text: str) -> SessionKey:
    """``viz01/s1`` as a session's key."""
    node, session = text.split("/")
    return SessionKey(NodeId(node), SessionId(session))


class Site:
    """Tells the store what happens."""

    def __init__(self) -> None:
        self.clock = StillClock()
        self.store = Store(CLUSTER, self.clock)
        self._seq = 0

    def tell(self, kind: str, *ids: str, **body: Any) -> None:
        self._heard(self.message(kind, *ids, **body))

    def _heard(self, message: Inbound) -> None:
        self.store.fold([message])
        assert not self.store.intake.rejected, self.store.intake.last_rejected

    def message(self, kind: str, *ids: str, **body: Any) -> Inbound:
        payload = msgspec.json.encode({"v": 1} | body)
        return Inbound(subjects.build(CLUSTER, kind, *ids), payload, self.clock.monotonic())

    def envelope(self) -> dict[str, Any]:
        self._seq += 1
        return {"ts": self.clock.now(), "boot": "b1", "seq": self._seq}

    def heartbeat(
        self,
        node: str,
        *,
        state: str = "active",
        capacity: int | None = 10,
        running: int = 0,
        drain: dict[str, Any] | None = None,
        weight: float = 1.0,
    ) -> Inbound:
        """A heartbeat of a node, sent now."""
        counts = {"pending": 0, "running": running, "disconnected": 0}
        return self.message(
            "hb.node", node, **self.envelope(), node=node, interval=INTERVAL, state=state, drain=drain, cpu=0.1,
            load=[0.1, 0.1, 0.1], cores=8, mem_used=1, mem_total=8, sessions=counts, weight=weight, capacity=capacity,
            uptime=100.0,
        )  # fmt: skip

    def node(self, node: str, *, services: tuple[str, ...] | None = ("launcher", "user"), **told: Any) -> NodeId:
        """A heartbeat of what is ``told``, and facts unless ``services`` is None."""
        self._heard(self.heartbeat(node, **told))
        if services is not None:
            self.tell(
                "facts.node", node, **self.envelope(), node=node, host=f"{node}.example.edu", services=services,
                versions={}, units=[], dirs=[], config={}, transporters=[], metadata={}, provider="sim",
            )  # fmt: skip
        return NodeId(node)

    def session(self, name: str, user: str = "ann", state: str = "running", **more: Any) -> SessionKey:
        """``viz01/s1`` of a user."""
        of = key(name)
        self.tell(
            "session", of.node, of.session, **self.envelope(), id=of.session, node=of.node, user=user, state=state,
            **more,
        )  # fmt: skip
        return of

    def licenses(self, *holders: tuple[str, str, int], count: int = 50) -> None:
        """One licence server with one pool, held by ``(user, host, seats)``."""
        product = {"isv": "starnet", "product": "fastx", "version": "5.0"}
        pool = product | {
            "pool": 1, "count": count, "reserved": 0, "inuse": sum(h[2] for h in holders), "expires": None,
            "kind": "counted", "checkouts_total": 9, "denials_total": 0,
        }  # fmt: skip
        rows = [product | {"pool": 1, "user": user, "host": host, "seats": seats} for user, host, seats in holders]
        self.tell(
            "hb.license", "5053@lic", **self.envelope(), server="5053@lic", reachable=True, interval=30.0,
            isvs=[{"name": "starnet", "running": True, "restarts": 0}], pools=[pool], holders=rows,
        )  # fmt: skip

    def progress(self, request: str, node: str, verb: str, status: str, done: int = 0, total: int = 0) -> Inbound:
        """A word of an agent on a job."""
        return self.message(
            "job", request, request=request, node=node, verb=verb, status=status, done=done, total=total,
            ts=self.clock.now(),
        )  # fmt: skip

    def pass_time(self, seconds: float) -> None:
        self.clock.pass_time(seconds)
        self.store.advance()
