"""What FastX waits for at every start of a session: ``python -m tests.bench.node_select``.

Runs the script that ``fxtop node-select install`` writes, again and again, as FastX would, and prints the wall time of
each policy from before the process starts to its end, and its CPU time, beside those of a Python that does nothing. On
a machine that does other things the CPU time tells what the wall time would be without them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from fxtop.agent.node_select.choosing import ROUND_ROBIN
from fxtop.agent.node_select.policies import POLICIES
from fxtop.agent.node_select.script import render
from fxtop.agent.node_select.table import TableRow, write_table

GIB = 2**30


def question(nodes: int, sessions: int) -> bytes:
    """FastX's input: ``nodes`` nodes with ``sessions`` sessions each."""
    return json.dumps(
        {
            "nodes": [_node(f"viz{number:04d}.example.edu", sessions) for number in range(nodes)],
            "params": {"me": {"login": "ann"}, "start": {"command": "startxfce4"}, "jwt": "e30." * 200},
        }
    ).encode()


def _node(name: str, sessions: int) -> dict[str, object]:
    health = {
        "cpu": {"load1": 3.2, "load5": 3.0, "load15": 2.9, "cores": 64, "utilization": 5},
        "mem": {"free": 200 * GIB, "total": 512 * GIB, "percent": 39.0625},
        "os": {"uptime": 86_400.0, "type": "Linux", "release": "5.14.0", "hostname": name, "arch": "x64"},
        "process": {"pid": 1234, "memory": {"rss": 90_000_000, "heapTotal": 50_000_000}, "uptime": 86_000.0},
        "client": {"type": "nodejs", "version": "0.14.35", "langVersion": "v20.11.0"},
        "net": {"ip": ["10.0.0.1"]},
        "time": {"now": 1_763_822_000_000, "iso": "2026-11-22T14:33:20.000Z"},
    }
    listed = [
        {"id": f"{number:032x}", "name": "XFCE", "user": f"user{number}", "serverId": name, "geometry": "1920x1080"}
        for number in range(sessions)
    ]
    data = {"health": health, "services": ["launcher", "user", "socket"], "sessions": listed}
    return {"id": name, "nodeData": data, "metadata": {"version": "5.0.24", "osId": "rhel"}}


def rows(nodes: int, sessions: int) -> Iterator[TableRow]:
    """What the agents tell of them; one in ten drains."""
    for number in range(nodes):
        name = f"viz{number:04d}"
        yield TableRow(
            node=f"{name}.example.edu",
            aliases=(name,),
            state="draining" if number % 10 == 0 else "active",
            capacity=sessions + number % 20,
            running=sessions,
            load=0.05,
            mem_free=200 * GIB,
        )


def measure(name: str, command: Sequence[str], given: bytes, runs: int) -> None:
    """Run ``command`` so often, and print a line of the result."""
    taken = []
    before = cpu_seconds()
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, input=given, stdout=subprocess.PIPE, check=True)
        taken.append((time.perf_counter() - start) * 1000)
    cpu = (cpu_seconds() - before) * 1000 / runs
    cuts = statistics.quantiles(taken, n=100, method="inclusive")
    print(f"{name:<14}p50 {cuts[49]:6.1f} ms   p99 {cuts[98]:6.1f} ms   cpu {cpu:6.1f} ms")  # noqa: T201  # data


def cpu_seconds() -> float:
    """CPU time of all processes that were run so far."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main(argv: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Wall time of `fxtop node-select`, process start included.")
    parser.add_argument("--nodes", type=int, default=200)
    parser.add_argument("--sessions", type=int, default=20, help="sessions of each node")
    parser.add_argument("--runs", type=int, default=200, help="of each policy")
    options = parser.parse_args(argv)
    given = question(options.nodes, options.sessions)
    print(f"{options.nodes} nodes, {len(given) / 1024:.0f} KiB of input, load average {os.getloadavg()[0]:.1f}")  # noqa: T201  # data
    measure("python -I", [sys.executable, "-I", "-c", "pass"], given, options.runs)
    with tempfile.TemporaryDirectory() as folder:
        script, table, turns = (Path(folder) / name for name in ("node-select", "placement.json", "turns.json"))
        for policy in (*POLICIES, ROUND_ROBIN):
            write_table(table, rows(options.nodes, options.sessions))
            words = ["--policy", policy, "--table", str(table), "--turns", str(turns), "--max-age", "3600"]
            script.write_bytes(render(words))
            script.chmod(0o755)
            measure(policy, [str(script)], given, options.runs)


if __name__ == "__main__":
    main(sys.argv[1:])
