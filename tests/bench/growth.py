"""How each figure grows with the cluster, without a bus: ``python -m tests.bench.growth [--json FILE] [--largest N]``.

A store and its views are filled by the benchmark's own site at 1,000, 10,000 and 100,000 nodes with ten sessions each,
every size in a process of its own. What is told is CPU time. A figure of which each thing costs the same at all sizes
grows by 1.0; what must look at everything grows by ten, or a little more where it sorts.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final

import psutil

from fxtop.clock import SystemClock
from fxtop.cluster.findings import findings
from fxtop.cluster.store import Store
from fxtop.cluster.summary import summarize
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.inbound import Inbound
from fxtop.views.column import Look
from fxtop.views.filter import parse
from fxtop.views.panes import PANES
from fxtop.views.view import View
from tests.bench.publisher import CLUSTER, Message, Site, Size, stamped

SIZES: Final = (1_000, 10_000, 100_000)
PER_NODE: Final = 10
BATCH: Final = 1_000
"""Messages of one read at half a second's pace at 10,000 nodes."""
SCREEN: Final = 40
TICKS: Final = 4


@dataclass(frozen=True)
class Grown:
    """One figure."""

    id: str
    title: str
    unit: str
    allowed: float
    """Times that it may grow by where the cluster grows ten times: 1 for what is per thing, 10 and its logarithm for
    what looks at everything; with room for the cache of the processor, which ten times the rows don't fit."""


PER_THING: Final = 3.0
OF_ALL: Final = 25.0

FIGURES: Final = (
    Grown("join", "join: facts, heartbeat and snapshot of a node", "µs a node", PER_THING),
    Grown("beat", "a heartbeat folded in", "µs a message", PER_THING),
    Grown("change", "a session's change folded in", "µs a message", PER_THING),
    Grown("still", "time passes and nothing changes", "ms a tick", PER_THING),
    Grown("tick", "a tick of 1,000 heartbeats and 500 sessions, into both panes", "ms a tick", PER_THING),
    Grown("told", "summary and findings", "ms a tick", OF_ALL),
    Grown("memory", "memory of a node with ten sessions", "KB", 1.5),
    Grown("first", "filter of all sessions, to a full screen", "ms", PER_THING),
    Grown("filter", "filter of all sessions, whole", "ms", OF_ALL),
    Grown("sort", "sort of all sessions by memory", "ms", OF_ALL),
)

Found = dict[str, float]


def measure(nodes: int) -> Found:
    """All figures at one size."""
    site = Site(Size(nodes, nodes * PER_NODE, 0.01, nodes // 10, 3))
    clock = SystemClock()
    store = Store(ClusterSlug(CLUSTER), clock)
    before = _resident()
    store.fold(_inbound(clock, [site.license(), *map(site.transporter, range(3))]))
    told = (message for node in range(nodes) for message in (*site.lasting(node), site.heartbeat(node)))
    found = {"join": _fold(store, clock, told) / nodes * 1e6}
    store.drain_dirty()
    found["memory"] = (_resident() - before) / nodes / 1e3
    rows: View[Any, Any] = View(PANES["nodes"], store, Look)
    sessions: View[Any, Any] = View(PANES["sessions"], store, Look)
    found["beat"] = _fold(store, clock, map(site.heartbeat, range(nodes))) / nodes * 1e6
    found["change"] = _fold(store, clock, (site.change() for _ in range(10_000))) / 10_000 * 1e6
    for view, dirty in ((rows, (drained := store.drain_dirty())), (sessions, drained)):
        view.apply(dirty)
    return found | _ticks(site, store, clock, rows, sessions) | _asked(sessions)


def _ticks(site: Site, store: Store, clock: SystemClock, *views: View[Any, Any]) -> Found:
    """What a tick costs in which little or nothing changed."""
    spent: dict[str, list[float]] = {"tick": [], "told": [], "still": []}
    for number in range(TICKS):
        first = number * BATCH % site.size.nodes
        heard = [site.heartbeat((first + i) % site.size.nodes) for i in range(BATCH)]
        store.fold(_inbound(clock, heard + [site.change() for _ in range(BATCH // 2)]))

        def tick() -> None:
            store.advance()
            dirty = store.drain_dirty()
            for view in views:
                view.apply(dirty)

        spent["tick"].append(_cpu(tick))
        spent["told"].append(_cpu(lambda: (summarize(store), findings(store))))
        spent["still"].append(_cpu(tick))
    return {name: min(seconds) * 1e3 for name, seconds in spent.items()}


def _asked(sessions: View[Any, Any]) -> Found:
    """What a person's own acts on all sessions cost."""
    spec = sessions.pane
    running = parse("state=running", spec.columns, spec.search_text)
    memory = spec.column("mem")
    assert memory is not None

    def sort() -> None:
        sessions.set_filter(None)
        sessions.set_sort(memory, True)

    return {
        "first": _cpu(lambda: sessions.set_filter(running, enough=SCREEN)) * 1e3,
        "filter": _cpu(lambda: sessions.set_filter(running)) * 1e3,
        "sort": _cpu(sort) * 1e3,
    }


def _fold(store: Store, clock: SystemClock, messages: Iterable[Message]) -> float:
    """CPU seconds of folding ``messages`` in, batch by batch."""
    spent, waiting = 0.0, iter(messages)
    while batch := _inbound(clock, islice(waiting, BATCH)):
        spent += _cpu(lambda batch=batch: store.fold(batch))  # type: ignore[misc]  # bound at once
    return spent


def _inbound(clock: SystemClock, messages: Iterable[Message]) -> list[Inbound]:
    return [Inbound(subject, stamped(payload), clock.monotonic(), synced=True) for subject, payload in messages]


def _cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _resident() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss)


def table(found: dict[int, Found]) -> str:
    """The figures in Markdown; the last columns say by how much each grew per ten times the cluster."""
    sizes = sorted(found)
    steps = list(pairwise(sizes))
    head = ["figure", "unit", *(f"{size:,} nodes, {size * PER_NODE:,} sessions" for size in sizes)]
    head += [f"{small:,} to {large:,}" for small, large in steps]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for figure in FIGURES:
        values = [f"{found[size][figure.id]:,.2f}" for size in sizes]
        grew = [f"{growth(found, figure.id, small, large):.1f} times" for small, large in steps]
        lines.append(f"| {' | '.join([figure.title, figure.unit, *values, *grew])} |")
    return "\n".join(lines)


def growth(found: dict[int, Found], figure: str, small: int, large: int) -> float:
    """How many times as much a figure is, for each ten times that the cluster is larger."""
    return found[large][figure] / max(found[small][figure], 1e-9)


def beyond(found: dict[int, Found]) -> Iterator[str]:
    """Figures that grow faster than they may."""
    sizes = sorted(found)
    for small, large in pairwise(sizes):
        for figure in FIGURES:
            times = growth(found, figure.id, small, large)
            if found[large][figure.id] > 1 and times > figure.allowed:
                yield f"{figure.title}: {times:.1f} times from {small} to {large} nodes"


def _apart(nodes: int) -> Found:
    """Measured in a process of its own, so that no size is laid out in what another left."""
    print(f"{nodes:,} nodes", file=sys.stderr, flush=True)  # noqa: T201  # narration
    command = [sys.executable, "-m", "tests.bench.growth", "--only", str(nodes)]
    found: Found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def main(argv: list[str]) -> int:
    """Measure and print; 1 where something grows faster than it may."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description="How each figure grows.")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="leave out larger clusters")
    parser.add_argument("--only", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.only is not None:
        print(json.dumps(measure(options.only)))  # noqa: T201  # for whoever started us
        return 0
    found = {size: _apart(size) for size in SIZES if size <= options.largest}
    print(table(found))  # noqa: T201  # stdout is data
    if options.json:
        options.json.write_text(json.dumps(found, indent=2))
    missed = list(beyond(found))
    for line in missed:
        print(line, file=sys.stderr)  # noqa: T201  # narration
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
