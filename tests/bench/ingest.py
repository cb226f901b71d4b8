"""Messages folded per CPU-second, and what passing time costs, at the size that the console is made for.

Run with ``python -m tests.bench.ingest [--nodes N] [--rounds N] [--sessions N]``; the figures go to stdout as JSON.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.decode import decode
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


def per_cpu_second(count: int, work: Callable[[], object]) -> float:
    """How many of ``count`` things ``work`` does in a second of CPU time."""
    return count / cpu_seconds(work)


def resident() -> float:
    """Memory that this process holds at most so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(nodes: int, rounds: int, sessions: int) -> dict[str, float]:
    """Let ``nodes`` send ``rounds`` heartbeats and snapshots of ``sessions`` each, and see what that costs."""
    clock = HandClock()
    store = Store(CLUSTER, clock)
    names = [f"viz{i:05d}" for i in range(nodes)]
    decodes, beats, snapshots, advances = [], [], [], []
    for seq in range(1, rounds + 2):
        batch = [heartbeat(name, seq, clock.seconds) for name in names]
        decodes.append(per_cpu_second(nodes, partial(_decode, batch)))
        beats.append(per_cpu_second(nodes, partial(store.fold, batch)))
        told = [snapshot(name, seq, clock.seconds, sessions) for name in names]
        snapshots.append(per_cpu_second(nodes * sessions, partial(store.fold, told)))
        for _ in range(10):
            clock.seconds += 0.5
            advances.append(cpu_seconds(store.advance) * 1000)
            store.drain_dirty()
    return {
        "nodes": nodes,
        "sessions": len(store.sessions),
        "heartbeats_decoded_per_cpu_s": round(statistics.median(decodes[1:])),
        "heartbeats_folded_per_cpu_s": round(statistics.median(beats[1:])),
        "snapshot_sessions_folded_per_cpu_s": round(statistics.median(snapshots[1:])),
        "advance_ms_median": round(statistics.median(advances), 3),
        "advance_ms_max": round(max(advances), 3),
        "resident_mb": round(resident()),
    }


def _decode(batch: list[Inbound]) -> None:
    for inbound in batch:
        decode(inbound.subject, inbound.payload, CLUSTER)


def main(argv: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Messages folded into the store per CPU-second.")
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5, help="heartbeats of each node")
    parser.add_argument("--sessions", type=int, default=10, help="sessions of each node")
    options = parser.parse_args(argv)
    print(json.dumps(measure(options.nodes, options.rounds, options.sessions)))  # noqa: T201  # stdout is data


if __name__ == "__main__":
    main(sys.argv[1:])
