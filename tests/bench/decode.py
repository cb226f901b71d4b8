"""What one heartbeat costs from bytes to struct: ``python -m tests.bench.decode``.

Prints microseconds of CPU time for each step, the best of several rounds, and what that comes to in a second.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

from fxtop.protocol import subjects, text
from fxtop.protocol.decode import decode

ROUNDS = 7
CALLS = 50_000


def heartbeat(node: str, reason: str | None = None) -> bytes:
    """A heartbeat as an agent sends it; draining where there is a ``reason``."""
    return json.dumps(
        {
            "v": 1,
            "ts": 1763822000.123,
            "boot": "b0123456789",
            "seq": 1234,
            "node": node,
            "interval": 5.0,
            "state": "draining" if reason else "active",
            "drain": {"by": "ann", "reason": reason, "since": 1763821000.0} if reason else None,
            "cpu": 0.42,
            "load": [1.0, 2.0, 3.0],
            "cores": 64,
            "mem_used": 123456789,
            "mem_total": 987654321,
            "sessions": {"pending": 0, "running": 4, "disconnected": 1},
            "weight": 1.0,
            "capacity": 40,
            "uptime": 123456.0,
        },
        ensure_ascii=False,
        separators=(",", ":"),
    ).encode()


def micros(call: Callable[[], object]) -> float:
    """CPU time of one ``call`` in microseconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(CALLS):
            call()
        best = min(best, time.process_time() - start)
    return best / CALLS * 1e6


def main() -> None:
    """Measure and print."""
    node = "viz07.example.edu"
    subject = subjects.build(subjects.DEFAULT_CLUSTER, "hb.node", node)
    plain, draining = heartbeat(node), heartbeat(node, "Lüfter defekt")
    escaped = heartbeat(node, "new\nline")
    cases: dict[str, Callable[[], object]] = {
        "subjects.parse, not remembered": lambda: subjects.parse(subject),
        "text.is_suspect": lambda: text.is_suspect(plain),
        f"decode, {len(plain)} bytes": lambda: decode(subject, plain, "fastx"),
        f"decode, {len(draining)} bytes with an umlaut": lambda: decode(subject, draining, "fastx"),
        f"decode, {len(escaped)} bytes to be cleaned": lambda: decode(subject, escaped, "fastx"),
    }
    for name, call in cases.items():
        cost = micros(call)
        sys.stdout.write(f"{name:45} {cost:7.2f} us {1e6 / cost:10,.0f} a second\n")


if __name__ == "__main__":
    main()
