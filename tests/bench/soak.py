"""A day of a cluster's life in a minute: ``python -m tests.bench.soak [--hours N]``; the figures go to stdout as JSON.

A store with its views, folded into the buffer of a bus, lives through sessions that come and go, nodes that leave for
good and others that take their place, lost connections, jobs, refusals and findings, by a clock that is moved by hand.
Once it has warmed up, nothing may grow: neither memory nor any container that can be reached from it.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from fxtop.bus.buffer import Buffer
from fxtop.cluster import herald, history, refused, sharing, shelf
from fxtop.cluster.findings import findings
from fxtop.cluster.forgetting import LEFT_KEPT
from fxtop.cluster.store import Store
from fxtop.cluster.summary import summarize
from fxtop.protocol import subjects
from fxtop.protocol.ids import ClusterSlug
from fxtop.views.column import Look
from fxtop.views.panes import PANES
from fxtop.views.view import View
from tests.bench.containers import sizes
from tests.bench.ingest import CLUSTER, HandClock

HOUR: Final = 3600.0
STEP: Final = 60.0
"""Seconds of one step of the day."""
NODES: Final = 20
SESSIONS: Final = 8
"""Of each node."""
REPLACED_EVERY: Final = 2
"""Steps after which a node leaves for good and another one comes."""
CUT_EVERY: Final = 30
"""Steps between two losses of the connection."""
WARM: Final = 2 * LEFT_KEPT
"""Seconds after which all that is kept for a time has been let go for the first time."""
SLACK: Final = 1.25
"""Times as much as after the warm-up that a container may hold, or memory may be: what comes and goes is never even."""
SMALL: Final = 16
"""Things more that a container may always hold."""
BOUNDED: Final = {
    ".jobs": shelf.KEPT + shelf.KEPT_FAILURES,
    ".book._shelf._settled": shelf.KEPT,
    ".book._shelf._failures": shelf.KEPT_FAILURES,
    ".refused._known": refused.KNOWN,
    ".sharing._numbers": sharing.MOST_NUMBERS,
    ".sharing._values": sharing.MOST,
    ".herald.events": herald.EVENTS_KEPT,
    ".history._data": len(PANES) * 3 * history.POINTS * 4 * 4,
}
"""What fills up to a bound of its own, by how its path ends. Of histories only those of a few rows are looked into."""


FILLING: Final = 50_000
"""Blocks of what fills up to its bound long after the warm-up: 2,500 jobs and 1,024 refusals, some 15 blocks each."""


@dataclass
class Teller:
    """The cluster, as far as it speaks."""

    buffer: Buffer
    clock: HandClock
    chance: random.Random = field(default_factory=lambda: random.Random(11))
    nodes: list[str] = field(default_factory=list)
    ever: int = 0
    _seq: dict[tuple[str, str], int] = field(default_factory=dict)
    _sessions: dict[str, list[str]] = field(default_factory=dict)

    def comes(self) -> None:
        """A node that nobody has heard of."""
        self.ever += 1
        node = f"viz{self.ever:06d}"
        self.nodes.append(node)
        self._sessions[node] = [self._new_id() for _ in range(SESSIONS)]
        self._facts(node)
        self._snapshot(node)

    def leaves(self) -> None:
        """The oldest node goes for good."""
        node = self.nodes.pop(0)
        del self._sessions[node]
        self._say("bye.node", (node,), {"id": node, "boot": f"boot-{node}"})
        self._seq = {key: seq for key, seq in self._seq.items() if key[1] != node}

    def step(self) -> None:
        """A minute of all nodes."""
        for node in self.nodes:
            self._beat(node)
            self._churn(node)
        for node in self.chance.sample(self.nodes, 4):
            self._snapshot(node)
            self._facts(node)
        self._license()
        self._job()
        self.buffer.add(f"fxtop.{CLUSTER}.hb.node.{self.chance.getrandbits(60):x}", b"garbage")

    def _beat(self, node: str) -> None:
        body = {
            "node": node, "interval": STEP, "state": self.chance.choice(("active", "active", "draining")),
            "cpu": self.chance.random(), "load": [1.0, 2.0, 3.0], "cores": 8, "mem_used": 1, "mem_total": 2,
            "sessions": {"pending": 0, "running": SESSIONS, "disconnected": 0}, "uptime": self.clock.seconds,
        }  # fmt: skip
        self._say("hb.node", (node,), body)

    def _churn(self, node: str) -> None:
        """One session ends, another one is pending, and one more changes."""
        sessions = self._sessions[node]
        self._say("session", (node, sessions[0]), self._session(node, sessions.pop(0), "ended"))
        sessions.append(self._new_id())
        self._say("session", (node, sessions[-1]), self._session(node, sessions[-1], "pending"))
        changed = self.chance.choice(sessions)
        self._say("session", (node, changed), self._session(node, changed, "running"))

    def _snapshot(self, node: str) -> None:
        states = ("running", "disconnected", "ghost")
        bodies = [self._session(node, session, self.chance.choice(states)) for session in self._sessions[node]]
        self._say("sessions", (node,), {"node": node, "part": 1, "parts": 1, "sessions": bodies})

    def _facts(self, node: str) -> None:
        body = {
            "node": node, "host": f"{node}.example.edu", "services": ["launcher"], "versions": {"fastx": "5.1"},
            "units": [], "dirs": [], "config": {"FastX.conf": self.chance.choice("aab")}, "metadata": {"of": node},
            "transporters": [{"server_id": f"S{self.chance.randrange(3)}", "name": "mgr"}], "provider": "soak",
        }  # fmt: skip
        self._say("facts.node", (node,), body)

    def _license(self) -> None:
        pool = {
            "isv": "i", "product": "p", "version": "5", "pool": 1, "count": 10, "reserved": 0, "inuse": 9,
            "kind": "counted", "checkouts_total": 1, "denials_total": self.ever,
        }  # fmt: skip
        holders = [
            {
                "isv": "i", "product": "p", "version": "5", "pool": 1, "user": self._user(), "host": node, "seats": 1,
                "reserved": 0, "since": 1.0, "handle": f"{self.chance.getrandbits(40):x}",
            }
            for node in self.chance.sample(self.nodes, 9)
        ]  # fmt: skip
        body = {
            "server": "5053@lic", "reachable": True, "uptime": 1.0, "interval": STEP, "isvs": [], "pools": [pool],
            "holders": holders,
        }  # fmt: skip
        self._say("hb.license", ("5053@lic",), body)

    def _job(self) -> None:
        """A request is refused, one is carried out, and both are told of."""
        request, node = f"r{self.chance.getrandbits(60):x}", self.chance.choice(self.nodes)
        progress = {"request": request, "node": node, "verb": "drain", "done": 1, "total": 1, "items": []}
        for status in ("running", self.chance.choice(("done", "failed"))):
            self._say("job", (request,), {**progress, "status": status})
        audit = {
            "request": f"{request}x", "operator": self._user(), "verb": "drain", "args": {}, "reason": "",
            "code": "role", "decision": "refused", "outcome": "refused", "key": f"U{request}",
        }  # fmt: skip
        self._say("audit", (node,), audit)

    def _session(self, node: str, session: str, state: str) -> dict[str, Any]:
        return {
            "id": session, "node": node, "user": self._user(), "state": state, "created": self.clock.now() - 60.0,
            "idle": self.chance.random() * 1000, "cpu": self.chance.random(), "mem": self.chance.getrandbits(34),
            "params": {"job": session},
        }  # fmt: skip

    def _user(self) -> str:
        return f"user{self.chance.randrange(60)}"

    def _new_id(self) -> str:
        return f"{self.chance.getrandbits(64):x}"

    def _say(self, kind: str, ids: tuple[str, ...], body: dict[str, Any]) -> None:
        seq = self._seq[kind, ids[0]] = self._seq.get((kind, ids[0]), 0) + 1
        common = {"v": 1, "ts": self.clock.now(), "boot": f"boot-{ids[0]}", "seq": seq}
        self.buffer.add(subjects.build(ClusterSlug(CLUSTER), kind, *ids), json.dumps({**common, **body}).encode())
        if kind == "job":
            del self._seq[kind, ids[0]]


class Watcher:
    """What a console keeps of it: the store, all panes as views, and what is still to be read."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.buffer = Buffer(clock, lambda: None)
        self.store = Store(ClusterSlug(CLUSTER), clock)
        self.views: list[View[Any, Any]] = [View(pane, self.store, self._look) for pane in PANES.values()]

    def tick(self) -> None:
        """Take in what was said, and show it."""
        self.store.fold(self.buffer.take())
        self.store.advance()
        dirty = self.store.drain_dirty()
        for view in self.views:
            view.apply(dirty)
        summarize(self.store)
        findings(self.store)

    def _look(self) -> Look:
        return Look(monotonic=self.clock.monotonic(), now=self.clock.now())


@dataclass(frozen=True)
class State:
    """How much there is at one moment."""

    memory: int
    """Blocks that Python has allocated."""
    containers: dict[str, int]


def live(hours: float) -> Iterator[State]:
    """Live through so many hours; how much there is once all has warmed up, and at the end."""
    clock = HandClock()
    watcher = Watcher(clock)
    teller = Teller(watcher.buffer, clock)
    for _ in range(NODES):
        teller.comes()
    steps, warm = int(hours * HOUR / STEP), int(WARM / STEP)
    for number in range(1, steps + 1):
        teller.step()
        if number % REPLACED_EVERY == 0:
            teller.leaves()
            teller.comes()
        if number % CUT_EVERY == 0:
            watcher.store.hearing.lose(clock.monotonic(), "The server is down.")
        elif number % CUT_EVERY == 1:
            watcher.store.hearing.regain(f"mgr{number % 3}")
        watcher.tick()
        clock.seconds += STEP
        if number in (warm, steps):
            yield _state(watcher)


def _state(watcher: Watcher) -> State:
    subjects.token.cache_clear()  # filled by who tells, with each session's id; it is bounded
    gc.collect()
    found = {path: size for name in ("store", "buffer", "views") for path, size in _named(watcher, name)}
    return State(sys.getallocatedblocks(), found)


def _named(watcher: Watcher, name: str) -> Iterator[tuple[str, int]]:
    for path, size in sizes(getattr(watcher, name)).items():
        yield f"{name}: {path}", size


def soak(hours: float) -> dict[str, Any]:
    """What grew in so many hours after the warm-up; nothing should have."""
    warm, end = live(hours)
    return {
        "hours": hours,
        "blocks_after_warm_up": warm.memory,
        "blocks_at_the_end": end.memory,
        "memory_grew": end.memory > warm.memory * SLACK + FILLING,
        "containers": len(end.containers),
        "grown": grown(warm.containers, end.containers),
    }


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int, int]]:
    """The containers that hold more than comes and goes, or than their bound, with how many things they held."""
    return {
        path: (before.get(path, 0), size)
        for path, size in after.items()
        if size > max(before.get(path, 0) * SLACK + SMALL, _bound(path))
    }


def _bound(path: str) -> int:
    return next((most for end, most in BOUNDED.items() if path.endswith(end)), 0)


def main(argv: list[str]) -> int:
    """Live through it, and say by the exit code whether anything grew."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description="A day in a minute.")
    parser.add_argument("--hours", type=float, default=24.0)
    found = soak(parser.parse_args(argv).hours)
    print(json.dumps(found, indent=2))  # noqa: T201  # stdout is data
    return 1 if found["grown"] or found["memory_grew"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
