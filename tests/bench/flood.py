"""What a flood does to the console: ``python -m tests.bench.flood [--rate N] [--seconds N]``; JSON goes to stdout.

A hundred nodes tell of themselves as ever, while somebody who holds the token publishes heartbeats of as many invented
nodes as he can. Measured is what the console's memory comes to, what it says that it left out, and how long after the
end of the flood it shows what a true node said last.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Final

from tests.bench.ingest import heartbeat
from tests.bench.stage import Pty, console, nats_server

CLUSTER: Final = b"fastx"
TRUE_NODES: Final = 100
TICK: Final = 0.02
"""Seconds between two bursts."""
WITHIN: Final = 120.0
"""Seconds after the flood in which the console should have come to its end."""
COUNTERS: Final = {
    "taken": r"Taken +(\d+)",
    "lost": r"Lost on the way +(\d+)",
    "dropped": r"Dropped here +(\d+)",
    "no_room": r"  full +(\d+) on",
    "reconnects": r"Reconnects +(\d+)",
}


def send(port: int, rate: int, seconds: float) -> None:
    """Publish ``rate`` messages a second, one in fifty of them of a true node; then what a true node says last."""
    wire = socket.create_connection(("127.0.0.1", port))
    wire.sendall(b'CONNECT {"verbose":false}\r\n')
    invented = heartbeat("INVENTED", 1, 0.0).payload
    began, sent = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < seconds:
        burst = range(sent, int(elapsed * rate))
        wire.sendall(b"".join(_true(i) if i % 50 == 0 else _told(f"flood{i:08}", invented, i) for i in burst))
        sent = max(sent, burst.stop)
        time.sleep(max(0.0, TICK - (time.monotonic() - began - elapsed)))
    print(sent, flush=True)  # noqa: T201  # for whoever started us
    turn = 50 * TRUE_NODES
    while True:  # until we are killed: true nodes go on
        sent += turn - sent % turn
        round_ = range(sent, sent + turn, 50)
        wire.sendall(b"".join(_true(i, b'"draining"' if i == sent else b'"active"') for i in round_))
        time.sleep(1.0)


def _true(number: int, state: bytes = b'"active"') -> bytes:
    """The ``number``th message if it is one of a true node; they take turns."""
    turn, node = divmod(number // 50, TRUE_NODES)
    name = f"true{node:03}"
    payload = heartbeat(name, turn + 1, 0.0).payload.replace(b'"active"', state)
    return _published(name, _now(payload))


def _told(name: str, template: bytes, seq: int) -> bytes:
    return _published(name, _now(template.replace(b"INVENTED", name.encode())))


def _now(payload: bytes) -> bytes:
    return re.sub(rb'"ts": [0-9.]+', b'"ts": %.1f' % time.time(), payload, count=1)


def _published(name: str, payload: bytes) -> bytes:
    return b"PUB fxtop.%b.hb.node.%b %d\r\n%b\r\n" % (CLUSTER, name.encode(), len(payload), payload)


def measure(rate: int, seconds: float) -> dict[str, float]:
    """Flood a console and see what becomes of it."""
    with (
        tempfile.TemporaryDirectory() as folder,
        nats_server(Path(folder)) as port,
        console(port, Path(folder)) as seen,
    ):
        seen.shows("bus connected")
        before, cpu = seen.resident, seen.cpu
        peak = _Peak(seen)
        command = [sys.executable, "-m", "tests.bench.flood", "--to", str(port)]
        limits = ["--rate", str(rate), "--seconds", str(seconds)]
        with subprocess.Popen([*command, *limits], stdout=subprocess.PIPE) as flood:
            assert flood.stdout is not None
            sent = int(flood.stdout.readline())
            ended = time.monotonic()
            behind = _until_true(seen) - ended
            flood.kill()
        return {
            "sent": sent,
            "sent_per_s": round(sent / seconds),
            "memory_before_mb": round(before),
            "memory_peak_mb": round(peak.stop()),
            "cpu_s": round(seen.cpu - cpu, 1),
            "behind_s": round(behind, 2),
            **_counters(seen),
        }


def _until_true(seen: Pty) -> float:
    """Wait for what was said last; the monotonic moment at which it was seen, infinity where it never is."""
    until = time.monotonic() + WITHIN
    while not any("1 draining" in line for line in seen.screen.display):
        if time.monotonic() > until:
            return math.inf
        time.sleep(0.05)
        seen.forget()
    return time.monotonic()


def _counters(seen: Pty) -> dict[str, float]:
    """What the panel of the bus says."""
    seen.type("8")
    seen.displays(r"Rejected +[0-9]")
    found = dict.fromkeys(COUNTERS, 0.0)
    for line in seen.screen.display:
        for name, pattern in COUNTERS.items():
            if match := re.search(pattern, line):
                found[name] = float(match[1])
    return found


class _Peak:
    """The most memory that a program has, looked at again and again."""

    def __init__(self, program: Pty) -> None:
        self._program = program
        self._most = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """MB."""
        self._over.set()
        self._thread.join()
        return self._most

    def _look(self) -> None:
        while not self._over.wait(0.2):
            self._most = max(self._most, self._program.resident)


def main(argv: list[str]) -> None:
    """Measure and print, or be the one who floods."""
    parser = argparse.ArgumentParser(description="What a flood does to the console.")
    parser.add_argument("--rate", type=int, default=50_000, help="messages a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--to", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.to is not None:
        send(options.to, options.rate, options.seconds)
    else:
        print(json.dumps(measure(options.rate, options.seconds)))  # noqa: T201  # stdout is data


if __name__ == "__main__":
    main(sys.argv[1:])
