"""What a line on record costs: one chained append on disk, beside a bare one, and examining a full file of them.

Run with ``python -m tests.bench.journal [--lines N] [--folder DIR]``; the figures go to stdout as JSON. The folder
matters: what an fsync costs is its disk's.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fxtop.actions.chain.verify import verify
from fxtop.actions.journal import Entry, Journal, Kind


def entry(number: int) -> Entry:
    """A line as a drain leaves it."""
    return Entry(
        v=1,
        at=1_760_000_000.0 + number,
        kind=Kind.SENT,
        cluster="prod",
        verb="drain",
        operator="ann",
        key="U" + "A" * 55,
        action="0123456789abcdef01234567",
        request=f"{number:024x}",
        targets=("viz07.example.edu",),
        reason="kernel update",
        ticket="OPS-42",
        hash="00ff" * 16,
        data={"deadline": None, "then": "wait"},
    )


def timed(step: Callable[[int], None], times: int) -> list[float]:
    """Seconds that each of ``times`` steps took, sorted."""
    took = []
    for number in range(times):
        began = time.perf_counter()
        step(number)
        took.append(time.perf_counter() - began)
    return sorted(took)


def measure(folder: Path, lines: int) -> dict[str, float]:
    """The figures; times in milliseconds."""
    journal = Journal(folder / "journal.jsonl")
    chained = timed(lambda number: journal.write(entry(number)), lines)
    handle = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    line = (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)[0]

    def bare_append(_number: int) -> None:
        os.write(handle, line)
        os.fsync(handle)

    bare = timed(bare_append, lines)
    os.close(handle)
    unsynced = os.fsync
    os.fsync = lambda _handle: None  # type: ignore[assignment]  # what is left is our own work
    try:
        own = timed(lambda number: journal.write(entry(number)), lines)
    finally:
        os.fsync = unsynced
    began = time.perf_counter()
    verdict = verify(journal.path)
    examined = time.perf_counter() - began
    return {
        "append_ms": round(statistics.median(chained) * 1e3, 3),
        "append_p99_ms": round(chained[int(len(chained) * 0.99)] * 1e3, 3),
        "bare_append_ms": round(statistics.median(bare) * 1e3, 3),
        "append_without_fsync_ms": round(statistics.median(own) * 1e3, 3),
        "bytes_a_line": len(line),
        "verified_lines_per_s": round(verdict.lines / examined),
    }


def main(argv: list[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What a line on record costs.")
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument(
        "--folder", type=Path, help="on the disk to measure; by default the system's for temporary files"
    )
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        print(json.dumps(measure(Path(folder), options.lines)))  # noqa: T201  # stdout is data


if __name__ == "__main__":
    main(sys.argv[1:])
