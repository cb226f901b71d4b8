"""Every figure in one command: ``python -m tests.bench [--json FILE] [--readme] [--quick]``; stdout gets the table."""

from __future__ import annotations

import argparse
import asyncio
import platform
import sys
import tempfile
from pathlib import Path
from typing import Final

import psutil

from tests.bench.bursts import through_fxtop, through_nats_py
from tests.bench.calm import Calm, yardstick
from tests.bench.figures import Peer, beyond, document, table
from tests.bench.peers import beside
from tests.bench.stage import nats_server
from tests.bench.starting import empty_start, fxtop_start
from tests.bench.whole import Load, whole
from tests.readme import README, with_part

QUICK: Final = Load(nodes=1_000, sessions=10_000, quiet=4.0, keys=50)


def main(argv: list[str]) -> int:
    """Measure, print, and say by the exit code whether all figures keep their limits."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure every figure.")
    parser.add_argument("--json", type=Path, help="write all repeats to this file too")
    parser.add_argument("--readme", action="store_true", help="put the table into README")
    parser.add_argument("--repeats", type=int, default=3, help="runs of the whole console")
    parser.add_argument("--history", type=float, default=0.0, help="seconds of history before memory is looked at")
    parser.add_argument("--calm", type=float, default=0.0, help="seconds to wait for a machine that others leave alone")
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, to see that it works")
    options = parser.parse_args(argv)
    load = QUICK if options.quick else Load(history=options.history)
    with tempfile.TemporaryDirectory() as folder:
        measured, peers = _measure(Path(folder), load, options.repeats, calm := Calm(options.calm))
    print(table(measured, peers, _machine()))  # noqa: T201  # stdout is data
    if options.readme:
        README.write_text(with_part(README.read_text(), "figures", f"{table(measured, peers, _machine())}\n"))
    if options.json:
        options.json.write_text(document(measured, peers, _machine()))
    for figure in (missed := beyond(measured)):
        _say(f"{figure} is beyond its limit")
    if calm.patience:
        _say(f"Others slowed the machine down: {calm.aside} repeats don't count, {calm.filled} count nevertheless.")
    return 1 if missed else 0


def _measure(folder: Path, load: Load, repeats: int, calm: Calm) -> tuple[dict[str, list[float]], list[Peer]]:
    measured: dict[str, list[float]] = {"yardstick": [yardstick()]}
    pairs = calm.kept("start, and of an empty one", 9, lambda: (fxtop_start(folder).wall, empty_start(folder).wall))
    starts, empty = map(list, zip(*pairs, strict=True))  # in turn, for a machine that others use is slower at times
    measured["start"] = starts
    measured["start_ratio"] = [ours / theirs for ours, theirs in pairs]
    with nats_server(folder) as port:
        measured["ingest"] = calm.kept("ingest", 5, lambda: asyncio.run(through_fxtop(port)))
        stock = calm.kept("ingest by nats-py", 5, lambda: asyncio.run(through_nats_py(port)))
    for _ in range(repeats):
        for id_, values in whole(folder, load, calm).items():
            measured.setdefault(id_, []).extend(values)
    measured["yardstick"].append(yardstick())
    peers = [
        Peer("start", "an empty Textual application", tuple(empty)),
        Peer("ingest", "nats-py's callback, decoded and kept in a dict", tuple(stock)),
        *beside(folder, load),
    ]
    return measured, peers


def _machine() -> str:
    known = Path("/proc/cpuinfo").read_text().splitlines() if sys.platform == "linux" else []
    model = next((line.partition(":")[2].strip() for line in known if line.startswith("model name")), "")
    return f"{psutil.cpu_count()} cores, {model or platform.machine()}, Python {platform.python_version()}"


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201  # narration


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
