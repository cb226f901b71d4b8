"""A whole site as one program that shares no code with fxtop: it speaks the bus protocol from the page that defines it.

``python -m tests.bench.publisher --port 4222`` heartbeats for every node one by one, changes sessions one by one, and
answers every ``sync``. It sends what is due at each moment, so that a slow reader doesn't slow it down.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import json
import random
import select
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec

CLUSTER: Final = "fastx"
INTERVAL: Final = 5.0
"""Seconds between two heartbeats of a node (protocol 6)."""
PART: Final = 200
"""Sessions in one part of a snapshot."""
EPOCH: Final = time.time()

Message = tuple[str, bytes]
"""Subject and payload."""

_encode: Final = msgspec.json.encode
"""Without blanks, as agents send it; and quick, as this program runs on the same cores as what is measured."""


@dataclass(frozen=True)
class Size:
    """How large the site is, and how much of it changes."""

    nodes: int
    sessions: int
    churn: float
    """Share of the sessions that change in a second."""
    holders: int
    transporters: int


class Site:
    """What there is to tell, as payloads."""

    def __init__(self, size: Size) -> None:
        self.size = size
        self.nodes = [f"viz{number:05d}" for number in range(size.nodes)]
        self._seq: dict[tuple[str, str], int] = {}
        self._random = random.Random(5)  # the same site at every run
        self._cpu = [self._random.random() for _ in self.nodes]
        per_node = max(1, size.sessions // max(1, size.nodes))
        self._node_of = [min(number // per_node, size.nodes - 1) for number in range(size.sessions)]
        self._on: list[list[int]] = [[] for _ in self.nodes]
        for session, node in enumerate(self._node_of):
            self._on[node].append(session)
        self._lasting = [[self._facts(node), *self._snapshot(node)] for node in range(size.nodes)]

    def heartbeat(self, node: int) -> Message:
        """Subject and payload of a node's next heartbeat; its load walks a little."""
        name = self.nodes[node]
        cpu = self._cpu[node] = min(1.0, max(0.0, self._cpu[node] + self._random.uniform(-0.05, 0.05)))
        body = {
            **self._common("hb.node", name),
            "node": name,
            "interval": INTERVAL,
            "state": "active",
            "drain": None,
            "cpu": round(cpu, 4),
            "load": [round(cpu * 64, 2), round(cpu * 60, 2), round(cpu * 50, 2)],
            "cores": 64,
            "mem_used": int(cpu * 200e9),
            "mem_total": 270_000_000_000,
            "sessions": {"pending": 0, "running": len(self._on[node]), "disconnected": 0},
            "weight": 1.0,
            "capacity": 2 * len(self._on[node]) + 4,
            "uptime": 86_400.5,
        }
        return f"fxtop.{CLUSTER}.hb.node.{name}", _encode(body)

    def lasting(self, node: int) -> list[Message]:
        """Facts and snapshot of a node, which are encoded once and for all."""
        return self._lasting[node]

    def _facts(self, node: int) -> Message:
        """What changes rarely."""
        name = self.nodes[node]
        body = {
            **self._common("facts.node", name),
            "node": name,
            "host": f"{name}.example.edu",
            "services": ["user", "launcher", "socket"],
            "versions": {"fastx": "5.0.12", "agent": "0.1"},
            "units": [{"name": "fastx5.service", "active": "active"}],
            "dirs": [],
            "config": {},
            "transporters": [{"server_id": f"server-{node % self.size.transporters}", "name": f"mgr{node % 3}"}],
            "metadata": {},
            "provider": "bench",
        }
        return f"fxtop.{CLUSTER}.facts.node.{name}", _encode(body)

    def session(self, number: int, state: str | None = None) -> dict[str, Any]:
        """One session; its load walks a little with every look."""
        return {
            "id": f"s{number:06d}",
            "node": self.nodes[self._node_of[number]],
            "user": f"user{number * 31 % 9973:04d}",
            "state": state or ("disconnected" if number % 7 == 0 else "running"),
            "name": "desktop",
            "command": "startxfce4",
            "geometry": "1920x1080",
            "display": f":{100 + number % 50}",
            "app": None,
            "created": EPOCH - number % 90_000,
            "idle": float(self._random.randrange(4000)),
            "clients": number % 3,
            "cpu": round(self._random.random(), 3),
            "mem": 900_000_000 + number,
            "pid": 4000 + number % 30_000,
            "pending": None,
            "params": {},
        }

    def change(self) -> Message:
        """One session that changed."""
        session = self.session(self._random.randrange(self.size.sessions))
        node = session["node"]
        body = {**self._common("session", node), **session}
        return f"fxtop.{CLUSTER}.session.{node}.{session['id']}", _encode(body)

    def _snapshot(self, node: int) -> Iterator[Message]:
        """All sessions of a node, in parts."""
        name = self.nodes[node]
        parts = [self._on[node][at : at + PART] for at in range(0, len(self._on[node]), PART)] or [[]]
        for number, part in enumerate(parts, 1):
            body = {
                **self._common("sessions", name),
                "node": name,
                "part": number,
                "parts": len(parts),
                "sessions": [self.session(session) for session in part],
            }
            yield f"fxtop.{CLUSTER}.sessions.{name}", _encode(body)

    def transporter(self, number: int) -> Message:
        """One NATS server."""
        others = [other for other in range(self.size.transporters) if other != number]
        body = {
            **self._common("hb.transporter", f"server-{number}"),
            "server": f"server-{number}",
            "name": f"mgr{number}",
            "version": "2.15.1",
            "host": f"mgr{number}.example.edu",
            "port": 4222,
            "uptime": 86_400.0,
            "connections": self.size.nodes // max(1, self.size.transporters),
            "total_connections": self.size.nodes,
            "subscriptions": 2 * self.size.nodes,
            "routes": [
                {"remote_id": f"server-{other}", "remote_name": f"mgr{other}", "rtt": 0.0004} for other in others
            ],
            "configured_routes": len(others),
            **dict.fromkeys(("in_msgs", "out_msgs", "in_bytes", "out_bytes"), int(time.time() - EPOCH) * 2000),
            "slow_consumers": 0,
            "mem": 60_000_000,
            "cpu": 0.05,
            "tls_required": True,
            "cert_expires": EPOCH + 8e6,
            "lame_duck": False,
            "jetstream": False,
            "via": "http",
            "interval": INTERVAL,
        }
        return f"fxtop.{CLUSTER}.hb.transporter.server-{number}", _encode(body)

    def license(self) -> Message:
        """The licence server with all holders."""
        holders = [
            {
                "isv": "starnet", "product": "fastx_server", "version": "5.0", "pool": 1,
                "user": f"user{number * 31 % 9973:04d}", "host": self.nodes[number % len(self.nodes)],
                "seats": 1, "reserved": 0, "since": EPOCH - number, "handle": f"{number:x}", "note": None,
            }
            for number in range(self.size.holders)
        ]  # fmt: skip
        pool = {
            "isv": "starnet", "product": "fastx_server", "version": "5.0", "pool": 1,
            "count": self.size.holders + 100, "reserved": 0, "inuse": self.size.holders, "expires": None,
            "kind": "counted", "checkouts_total": 9, "denials_total": 0,
        }  # fmt: skip
        server = "5053@mgr0"
        body = {
            **self._common("hb.license", server),
            "server": server,
            "reachable": True,
            "error": None,
            "uptime": 86_400.0,
            "interval": 30.0,
            "isvs": [{"name": "starnet", "running": True, "restarts": 0}],
            "pools": [pool],
            "holders": holders,
        }
        return f"fxtop.{CLUSTER}.hb.license.5053%40mgr0", _encode(body)

    def _common(self, kind: str, sender: str) -> dict[str, Any]:
        seq = self._seq[kind, sender] = self._seq.get((kind, sender), 0) + 1
        return {"v": 1, "boot": f"boot-{sender}", "seq": seq}


def stamped(payload: bytes) -> bytes:
    """The payload of a message that is sent now."""
    return payload[:-1] + b',"ts":%.3f}' % time.time()


@dataclass(frozen=True)
class Question:
    """A `sync`: who asks, for what, and within how many seconds the agents answer (protocol 3)."""

    inbox: str
    v: int
    classes: list[str]
    spread: float


class Wire:
    """A NATS client of a few lines: it publishes, and hears who asks for a sync."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        options = {"verbose": False, "headers": True, "pedantic": False, "name": "bench"}
        self._socket.sendall(f"CONNECT {json.dumps(options)}\r\nSUB fxtop.{CLUSTER}.sync 1\r\nPING\r\n".encode())

    def publish(self, subject: str, payload: bytes) -> None:
        """Send one message on its own."""
        payload = stamped(payload)
        self._socket.sendall(b"PUB %b %d\r\n%b\r\n" % (subject.encode(), len(payload), payload))

    def answer(self, inbox: str, told: Iterable[Message]) -> None:
        """Send what one agent answers, in one write as its client would; each says what it would be published on."""
        sent = []
        for stands_for, payload in told:
            head, body = b"NATS/1.0\r\nFxtop-Subject: %b\r\n\r\n" % stands_for.encode(), stamped(payload)
            sizes = len(head), len(head) + len(body)
            sent.append(b"HPUB %b %d %d\r\n%b%b\r\n" % (inbox.encode(), *sizes, head, body))
        self._socket.sendall(b"".join(sent))

    def asked(self, within: float) -> list[Question]:
        """What was asked for by `sync` within some seconds. EOFError: the server is gone."""
        if not select.select([self._socket], [], [], max(0.0, within))[0]:
            return []
        received = self._socket.recv(65536)
        if not received:
            raise EOFError
        *lines, self._rest = (self._rest + received).split(b"\r\n")
        if b"PING" in lines:
            self._socket.sendall(b"PONG\r\n")
        heads = [at for at, line in enumerate(lines) if line.startswith(b"MSG ") and len(line.split()) == 5]
        if heads and heads[-1] + 1 == len(lines):  # its payload comes with the next bytes
            self._rest = lines[heads.pop()] + b"\r\n" + self._rest
        return [Question(lines[at].split()[3].decode(), **json.loads(lines[at + 1])) for at in heads]


Due = tuple[float, int, Callable[[], None]]
"""When, in which order among those at the same moment, and what."""


class Publisher:
    """Sends what is due, one message at a time."""

    def __init__(self, site: Site, wire: Wire) -> None:
        self._site = site
        self._wire = wire
        self._due: list[Due] = []
        self._order = itertools.count()
        size = site.size
        now = time.monotonic()
        turns = itertools.cycle(range(size.nodes))
        self._every(now, INTERVAL / size.nodes, lambda: site.heartbeat(next(turns)))
        if size.sessions and size.churn:
            self._every(now, 1 / (size.sessions * size.churn), site.change)
        for number in range(size.transporters):
            self._every(now, INTERVAL, partial(site.transporter, number))
        self._every(now, 30.0, site.license)

    def run(self) -> None:
        """Go on until the server goes away."""
        while True:
            now = time.monotonic()
            while self._due and self._due[0][0] <= now:
                heapq.heappop(self._due)[2]()
            wait = self._due[0][0] - time.monotonic() if self._due else 1.0
            for question in self._wire.asked(wait):
                self._answer(question)

    def _every(self, at: float, period: float, tell: Callable[[], Message]) -> None:
        def send() -> None:
            self._wire.publish(*tell())
            self._every(at + period, period, tell)

        heapq.heappush(self._due, (at, next(self._order), send))

    def _answer(self, question: Question) -> None:
        """Let every agent answer at a moment of its own within the spread."""
        now = time.monotonic()
        nodes = self._site.size.nodes
        for node in range(nodes):
            at = now + question.spread * node / nodes
            heapq.heappush(self._due, (at, next(self._order), self._answers(question, node)))
        if "license" in question.classes:
            answer = partial(self._wire.answer, question.inbox)
            heapq.heappush(self._due, (now, next(self._order), lambda: answer([self._site.license()])))

    def _answers(self, question: Question, node: int) -> Callable[[], None]:
        def send() -> None:
            facts, *snapshot = self._site.lasting(node)
            told = (facts, self._site.heartbeat(node)) if "node" in question.classes else ()
            if told or "session" in question.classes:
                self._wire.answer(question.inbox, (*told, *(snapshot if "session" in question.classes else ())))

        return send


def main(argv: list[str]) -> int:
    """Publish until the server or the parent goes away."""
    parser = argparse.ArgumentParser(description="A whole FastX site on the bus.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--sessions", type=int, default=100_000)
    parser.add_argument("--churn", type=float, default=0.01, help="share of the sessions that change in a second")
    parser.add_argument("--holders", type=int, default=1_000)
    parser.add_argument("--transporters", type=int, default=3)
    options = vars(parser.parse_args(argv))
    port = options.pop("port")
    try:
        publisher = Publisher(Site(Size(**options)), Wire(port))
        print("ready", flush=True)  # noqa: T201  # whoever waits for it reads it
        publisher.run()
    except (EOFError, OSError):
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
