"""What the agent costs: the real program on a real nats-server, on a machine with real session processes.

Run with ``python -m tests.bench.agent [--sessions N] [--seconds S]``. Every period is the default one. The figures go
to stdout as JSON; the exit code is 1 where they are over the budget: 1 % of one core, 60 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from fxtop.bus.settings import subscriptions
from fxtop.protocol.decode import decode
from fxtop.protocol.session import SessionsPart
from tests.natskit import CLUSTER, BusPark, Rack
from tests.unit.agent.run.machinekit import Machine

CPU_BUDGET = 0.01
"""Share of one core."""
MEMORY_BUDGET = 60e6
"""Bytes resident."""
SETTLE = 5.0
"""Seconds after the first list of sessions that are not measured: the start is another matter."""

# As `fxtop agent run` does it, with the files of an invented machine.
PROGRAM = """
import asyncio, os, sys
from functools import partial
from pathlib import Path
from fxtop.agent.run import settings
from fxtop.agent.run.program import Program
import fxtop.cli.agent
from fxtop.clock import SystemClock
load = partial(settings.load, Path(sys.argv[1]), {}, os.environ)
asyncio.run(Program(load, os.environ, SystemClock(), Path(sys.argv[2])).run())
"""


def main() -> int:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=120.0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fxtop-bench-") as folder:
        figures = asyncio.run(measure(Path(folder), args.sessions, args.seconds))
    print(json.dumps(figures, indent=2))  # noqa: T201  # the figures are the output
    return 0 if figures["cpu_share"] <= CPU_BUDGET and figures["rss_mb"] * 1e6 <= MEMORY_BUDGET else 1


async def measure(folder: Path, sessions: int, seconds: float) -> dict[str, float]:
    """The figures over ``seconds``."""
    machine = Machine(folder / "root")
    async with Rack(folder) as rack:
        server = await rack.server()
        park = BusPark()
        bus = await park.bus(server, cluster_subjects=subscriptions(CLUSTER))
        with _sessions(machine, sessions), _agent(folder, machine, server.url) as process:
            listed = 0
            while listed < sessions:
                if process.poll() is not None:
                    raise RuntimeError("the agent ended")
                await bus.wait_activity(60.0)
                messages = (decode(each.subject, each.payload).message for each in bus.take())
                listed = max(
                    (len(each.sessions) for each in messages if isinstance(each, SessionsPart)), default=listed
                )
            await asyncio.sleep(SETTLE)
            figures = await _watch(psutil.Process(process.pid), seconds)
        await park.close()
    return {"sessions": listed, **figures}


async def _watch(process: psutil.Process, seconds: float) -> dict[str, float]:
    before = _cpu_seconds(process)
    await asyncio.sleep(seconds)
    spent = _cpu_seconds(process) - before
    memory = process.memory_full_info()
    return {
        "seconds": seconds,
        "cpu_share": round(spent / seconds, 5),
        "rss_mb": round(memory.rss / 1e6, 1),
        "uss_mb": round(memory.uss / 1e6, 1),
        "threads": process.num_threads(),
        "processes_on_the_host": len(psutil.pids()),
    }


def _cpu_seconds(process: psutil.Process) -> float:
    """Of the process and of what it started and ended."""
    times = process.cpu_times()
    return times.user + times.system + times.children_user + times.children_system


@contextmanager
def _sessions(machine: Machine, count: int) -> Iterator[None]:
    """Session directories with a process each, as FastX has them."""
    place = machine.folder("/sessions")
    machine.put("/etc/fastx/FastX.conf", f"SessionPath={place}\n")
    processes = []
    for number in range(count):
        session = place / f"FX5-{number:032x}"
        session.mkdir(mode=0o700)
        (session / "authority").touch()
        env = {"XAUTHORITY": str(session / "authority"), "DISPLAY": f":{100 + number}", "HOME": "/"}
        processes.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, env=env))
    try:
        yield
    finally:
        for process in processes:
            process.communicate(b"\n")


@contextmanager
def _agent(folder: Path, machine: Machine, url: str) -> Iterator[subprocess.Popen[bytes]]:
    file = folder / "agent.toml"
    file.write_text(
        f'node = "bench"\nstate_dir = "{folder}/state"\n'
        f'[bus]\ncluster = "{CLUSTER}"\nservers = "{url}"\n[log]\nlevel = "error"\n'
    )
    program = [sys.executable, "-c", PROGRAM, str(file), str(machine.root)]
    process = subprocess.Popen(program, env=os.environ | {"FX_CONFIG_DIR": str(machine.path("/etc/fastx"))})
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
