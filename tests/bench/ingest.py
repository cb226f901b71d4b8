"""Messages folded per CPU-second, and what passing time costs, at the size that the console is made for.

Run with ``python -m tests.bench.ingest [--nodes N] [--rounds N] [--sessions N]``; the figures go to stdout as JSON.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.inbound import Inbound

CLUSTER = ClusterSlug("fastx")


@dataclass
class HandClock:
    """A clock that moves when told."""

    seconds: float = 1_000.0

    def monotonic(self) -> float:
        """Seconds since some fixed moment."""
        return self.seconds

    def now(self) -> float:
        """Unix seconds."""
        return 1_700_000_000.0 + self.seconds


def heartbeat(node: str, seq: int, at: float) -> Inbound:
    """A heartbeat as an agent sends it."""
    payload = {
        "v": 1, "ts": 1_700_000_000.0 + at, "boot": f"boot-{node}", "seq": seq, "node": node, "interval": 5.0,
        "state": "active", "drain": None, "cpu": 0.01 * (seq % 97), "load": [1.2, 1.5, 2.25], "cores": 64,
        "mem_used": 123_456_789_012, "mem_total": 270_000_000_000,
        "sessions": {"pending": 0, "running": 7, "disconnected": 3}, "weight": 1.0, "capacity": 20,
        "uptime": 86_400.5 + seq,
    }  # fmt: skip
    return Inbound(subjects.build(CLUSTER, "hb.node", node), json.dumps(payload).encode(), at)


def snapshot(node: str, seq: int, at: float, count: int) -> Inbound:
    """A snapshot of ``count`` sessions whose idle time has moved on."""
    sessions: list[dict[str, object]] = [
        {
            "id": f"{node}-{i:05d}", "node": node, "user": f"user{i * 31 % 997}", "state": "running", "name": "desktop",
            "command": "startxfce4", "geometry": "1920x1080", "display": f":{100 + i}", "app": None,
            "created": 1_699_990_000.0, "idle": float(seq), "clients": 1, "cpu": 0.12, "mem": 900_000_000,
            "pid": 4000 + i,
            "pending": None, "params": {},
        }
        for i in range(count)
    ]  # fmt: skip
    envelope = {"v": 1, "ts": 1_700_000_000.0 + at, "boot": f"boot-{node}", "seq": seq, "node": node}
    payload = {**envelope, "part": 1, "parts": 1, "sessions": sessions}
    return Inbound(subjects.build(CLUSTER, "sessions", node), json.dumps(payload).encode(), at)


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU time of this process that ``work`` takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


def main(argv: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5, help="heartbeats of each node")
    parser.add_argument("--sessions", type=int, default=10, help="sessions of each node")
    options = parser.parse_args(argv)

    clock = HandClock()
    store = Store(CLUSTER, clock)
    names = [f"viz{i:05d}" for i in range(options.nodes)]
    beats, advances, snapshots = [], [], []
    for seq in range(1, options.rounds + 2):
        batch = [heartbeat(name, seq, clock.seconds) for name in names]
        beats.append(len(batch) / cpu_seconds(lambda batch=batch: store.fold(batch)))  # type: ignore[misc]
        snaps = [snapshot(name, seq, clock.seconds, options.sessions) for name in names]
        count = len(snaps) * options.sessions
        snapshots.append(count / cpu_seconds(lambda batch=snaps: store.fold(batch)))  # type: ignore[misc]
        for _ in range(10):
            clock.seconds += 0.5
            advances.append(cpu_seconds(store.advance))
            store.drain_dirty()
    figures = {
        "nodes": options.nodes,
        "heartbeats_per_cpu_s": round(statistics.median(beats[1:])),
        "snapshot_sessions_per_cpu_s": round(statistics.median(snapshots[1:])),
        "advance_ms_median": round(statistics.median(advances) * 1000, 3),
        "advance_ms_max": round(max(advances) * 1000, 3),
    }
    print(json.dumps(figures))  # noqa: T201  # the figures are what this program is for


if __name__ == "__main__":
    main(sys.argv[1:])
