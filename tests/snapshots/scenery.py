"""A cluster in every kind of trouble, told message by message, always the same to the last digit.

What a picture of the console must be able to show: nodes that are draining, drained, late, stale and lost; a full pool
with seats that no session uses, and sessions without a seat; sessions that wait, with the reason; names that are long,
wide and hostile; transporters that don't see each other; jobs that failed, and jobs of others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from fxtop.cluster.records import JobState
from fxtop.protocol.ids import PublicKey, RequestId, SessionId
from tests.unit.actions.site import Site

INTERVAL: Final = 5.0
ROUNDS: Final = 12
"""Heartbeats of who is never silent; enough for a sparkline."""
GIB: Final = 1024**3
DAY: Final = 86_400.0

SILENT_FOR: Final = {"viz05": 2, "viz06": 4, "viz07": 8}
"""Rounds that a node, or transporter, has missed: late, stale, lost."""
CPU: Final = {"manager1": 0.08, "manager2": 0.11, "viz01": 0.93, "viz02": 0.41, "viz03": 0.02, "viz04": 0.57}
DRAINS: Final = {"viz02": ("draining", "bob", "kernel update", "OPS-311"), "viz03": ("drained", "ann", "fan", None)}
CAPACITY: Final[dict[str, int | None]] = {"manager1": 4, "manager2": 4, "viz04": None}
WEIGHT: Final = {"viz04": 0.4}
NODES: Final = ("manager1", "manager2", "viz01", "viz02", "viz03", "viz04", "viz05", "viz06", "viz07", "viz08-gpu-a100")

SESSIONS: Final[dict[str, Iterable[dict[str, Any]]]] = {
    "manager1": [{"id": "4c1e", "user": "kadams", "app": "xterm", "idle": 4.0, "clients": 1}],
    "viz01": [
        {"id": "00a1", "user": "ann", "app": "gnome", "idle": 3.0, "clients": 1, "name": "desktop"},
        {"id": "17b2", "user": "annamaria.wolkenstein-trostburg", "app": "matlab", "idle": 312.0, "clients": 1},
        {"id": "2c93", "user": "李小龍", "app": "paraview", "idle": None, "clients": None},
        {"id": "3d04", "user": "björk", "app": "fluent", "state": "starting"},
        {"id": "4e15", "user": "cokafor", "state": "ghost", "app": "mate"},
    ],
    "viz02": [
        {"id": "5f26", "user": "dlee", "app": "gnome", "state": "disconnected", "idle": 7_400.0, "clients": 0},
        {"id": "6a37", "user": "山田太郎", "app": "virtuoso", "state": "ending"},
    ],
    "viz04": [
        {"id": "7b48", "user": "[bold]mallory[/]", "app": "xterm", "idle": 1.0, "clients": 2},
        {"id": "8c59", "user": "xdeng", "state": "orphan", "idle": None},
        {
            "id": "9d6a",
            "user": "zkhan",
            "app": "comsol",
            "state": "pending",
            "pending": {"scheduler": "slurm", "job": "88123", "reason": "ReqNodeNotAvail, reserved for maintenance"},
        },
    ],
    "viz06": [{"id": "ae7b", "user": "gpatel", "app": "gnome", "idle": 20.0, "clients": 1}],
    "viz07": [{"id": "bf8c", "user": "hwu", "app": "mate", "idle": 5.0, "clients": 1}],
    "viz08-gpu-a100": [{"id": "c09d", "user": "ymori", "app": "paraview", "idle": 61.0, "clients": 1}],
}
SEATED: Final = ("kadams", "ann", "annamaria.wolkenstein-trostburg", "李小龍", "dlee", "gpatel", "hwu")
GHOSTS: Final = (("bnovak", "viz01"), ("efrost", "viz02"))
"""Seats whose holders have no session where they hold them."""
SERVERS: Final = {"NA": ("manager1", ["NB"]), "NB": ("manager2", ["NA"]), "NC": ("manager3", [])}


class Scenery:
    """Tells a store all that, through ``site``, and lets the time pass that it takes."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._seq: Counter[tuple[str, str]] = Counter()

    def set_up(self) -> None:
        """Everything, up to the moment of the picture."""
        for node in NODES:
            self._facts(node)
        for round_ in range(ROUNDS):
            self._beats(round_, left=ROUNDS - 1 - round_)
            if round_ == 1:
                self._sessions()
                self._jobs()
            self._site.pass_time(INTERVAL if round_ < ROUNDS - 1 else 1.0)

    def _beats(self, round_: int, left: int) -> None:
        for number, node in enumerate(NODES):
            if left >= SILENT_FOR.get(node, 0):
                self._node(node, wave=(round_ * 7 + number * 3) % 5)
        for server in SERVERS:
            self._transporter(server, round_)
        self._licenses(denials=max(0, round_ - 8))

    def _say(self, kind: str, *ids: str, **body: Any) -> None:
        sender = (kind, ids[0])
        self._seq[sender] += 1
        self._site.tell(kind, *ids, ts=self._site.clock.now(), boot="b1", seq=self._seq[sender], **body)

    def _node(self, node: str, wave: int) -> None:
        cpu = min(1.0, CPU.get(node, 0.2) * (0.8 + wave / 12))
        state, *drain = DRAINS.get(node, ("active",))
        sessions = list(SESSIONS.get(node, ()))
        states = Counter(session.get("state", "running") for session in sessions)
        apart = states["pending"] + states["disconnected"]
        self._say(
            "hb.node", node, node=node, interval=INTERVAL, state=state,
            drain=dict(zip(("by", "reason", "ticket"), drain, strict=True)) | {"since": self._site.clock.now() - 340}
            if drain else None,
            cpu=cpu, load=[cpu * 32, cpu * 30, cpu * 25], cores=32, mem_used=int((40 + cpu * 120) * GIB),
            mem_total=192 * GIB, weight=WEIGHT.get(node, 1.0), capacity=CAPACITY.get(node, 8), uptime=21 * DAY,
            sessions={k: states[k] for k in ("pending", "disconnected")} | {"running": len(sessions) - apart},
        )  # fmt: skip

    def _facts(self, node: str) -> None:
        temp = {"name": "FX_TEMP_DIR", "path": "/scratch/tmp", "fstype": "nfs4", "network": True, "total": 9, "free": 4}
        server = "NC" if node in ("viz07", "viz08-gpu-a100") else "NA"
        self._say(
            "facts.node", node, node=node, host=f"{node}.example.edu", services=["launcher", "user"],
            versions={"fastx": "5.1.0", "os": "Rocky 9.4"}, units=[{"name": "fastx5.service", "active": "active"}],
            dirs=[temp] if node == "viz04" else [], config={}, metadata={}, provider="fastx",
            transporters=[{"server_id": server, "name": SERVERS[server][0]}],
        )  # fmt: skip

    def _sessions(self) -> None:
        for node in NODES:
            bodies = [
                {"node": node, "state": "running", "created": self._site.clock.now() - 4_000.0, "cpu": 0.4, "mem": GIB}
                | session
                for session in SESSIONS.get(node, ())
            ]
            self._say("sessions", node, node=node, part=1, parts=1, sessions=bodies)

    def _transporter(self, server: str, round_: int) -> None:
        name, routes = SERVERS[server]
        passed = 60_000 + round_ * 900
        self._say(
            "hb.transporter", server, server=server, name=name, version="2.12.1", host="10.0.0.1", port=4222,
            uptime=12 * DAY, connections=6, total_connections=40, subscriptions=310, configured_routes=2,
            routes=[{"remote_id": other, "remote_name": SERVERS[other][0], "rtt": 0.0007} for other in routes],
            in_msgs=passed, out_msgs=passed * 3, in_bytes=passed * 500, out_bytes=passed * 1500,
            slow_consumers=2 if server == "NB" and round_ > 5 else 0, mem=24_000_000, cpu=0.03, tls_required=True,
            cert_expires=self._site.clock.now() + (6 if server == "NB" else 300) * DAY, lame_duck=False,
            jetstream=False, via="http", interval=INTERVAL,
        )  # fmt: skip

    def _licenses(self, denials: int) -> None:
        product = {"isv": "starnet", "version": "5.0"}
        where = {str(body["user"]): node for node, bodies in SESSIONS.items() for body in bodies}
        holders = [(user, where[user]) for user in SEATED] + list(GHOSTS)
        common = product | {"reserved": 0, "checkouts_total": 900, "expires": None, "denials_total": 0}
        pools = [
            {"product": "fastx", "pool": 1, "count": len(holders), "inuse": len(holders), "kind": "counted"}
            | {"denials_total": denials},
            {"product": "fastx-gpu", "pool": 2, "count": 4, "inuse": 1, "kind": "counted"}
            | {"reserved": 1, "expires": self._site.clock.now() + 5 * DAY},
            {"product": "fastx-view", "pool": 3, "count": None, "inuse": 3, "kind": "unlimited"},
        ]
        self._say(
            "hb.license", "5053@lic1", server="5053@lic1", reachable=True, error=None, uptime=30 * DAY,
            interval=INTERVAL, isvs=[{"name": "starnet", "running": True, "restarts": 0}],
            pools=[common | pool for pool in pools],
            holders=[
                product | {"product": "fastx", "pool": 1, "user": user, "host": f"{host}.example.edu", "seats": 1}
                for user, host in holders
            ],
        )  # fmt: skip

    def _jobs(self) -> None:
        """One of ours that nobody answered, one that was refused, one of bob's that goes on."""
        book = self._site.store.book
        for request, verb, target, reason, ticket in (
            ("r1", "drain", "viz03", "fan", None),
            ("r2", "drain", "viz07", "kernel update", "OPS-311"),
            ("r3", "terminate", "viz04", "left over", None),
        ):
            book.open(
                request=RequestId(request), plan="p1", verb=verb, target=target, sessions=(), operator="ann",
                key=PublicKey("UANN"), reason=reason, ticket=ticket,
            )  # fmt: skip
        self._progress("r1", "viz03", "drain", "done", done=2, total=2)
        book.fail(RequestId("r2"), JobState.UNKNOWN, "silent", "viz07 did not answer within 5 seconds.")
        items = [{"id": "8c59", "status": "failed", "detail": "process 4711 can't be signalled"}]
        self._progress("r3", "viz04", "terminate", "failed", done=0, total=1, items=items)
        self._audit("r4", "viz02", "drain", operator="bob", reason="kernel update", ticket="OPS-311")
        self._progress("r4", "viz02", "drain", "running", done=1, total=3)
        self._audit("r5", "viz01", "terminate", operator="[b]eve", decision="refused", code="role")

    def _progress(self, request: str, node: str, verb: str, status: str, **more: Any) -> None:
        self._site.tell(
            "job", request, request=request, node=node, verb=verb, status=status, ts=self._site.clock.now(), **more
        )

    def _audit(self, request: str, node: str, verb: str, **more: Any) -> None:
        body = {"reason": "no licence", "decision": "accepted", "args": {"sessions": [SessionId("00a1")]}}
        self._site.tell("audit", node, request=request, verb=verb, ts=self._site.clock.now(), **(body | more))
