"""The figures that are held, their goals, and the table that shows them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that is measured."""

    id: str
    title: str
    unit: str
    goal: float
    limit: float
    better: Literal["low", "high"] = "low"
    places: int = 1

    def within(self, value: float) -> bool:
        """Whether ``value`` keeps the limit."""
        return value <= self.limit if self.better == "low" else value >= self.limit


FIGURES: Final = (
    Figure("cpu", "whole console, stable order, no keys", "% of a core", 6, 12),
    Figure("cpu_hot", "the same, sorted by a volatile column", "% of a core", 9, 18),
    Figure("ingest", "ingest: read, decode, validate, fold", "messages per CPU-second", 160_000, 90_000, "high", 0),
    Figure("key_p50", "key to paint, 10,000 rows, p50", "ms", 4, 10),
    Figure("key_p99", "key to paint, 10,000 rows, p99", "ms", 15, 40),
    Figure("key_100k_p99", "key to paint, 100,000 rows sorted and filtered, p99", "ms", 25, 60),
    Figure("bytes_still", "to the terminal when nothing changes", "B/s", 60, 200, places=0),
    Figure("bytes", "to the terminal, stable order", "B/s", 2_000, 4_000, places=0),
    Figure("bytes_hot", "to the terminal, sorted by a volatile column", "B/s", 12_000, 20_000, places=0),
    Figure("start", "process start to the first real screen", "ms", 350, float("inf"), places=0),
    Figure("start_ratio", "the same against an empty Textual application", "times", 1.5, 2, places=2),
    Figure("get", "fxtop get nodes -o json, from start to last byte", "s", 1.5, 3, places=2),
    Figure("memory", "resident memory with all of it", "MB", 150, 200, places=0),
    Figure("join", "start of the sync to every node shown", "s", 3, 6, places=2),
    Figure("filter", "filter keystroke on 100,000 sessions to first result", "ms", 30, 80),
    Figure("filter_all", "the same, until all that it finds is counted", "ms", 500, float("inf"), places=0),
    Figure("yardstick", "the machine: ten million turns of an empty loop", "ms of CPU", 200, float("inf"), places=0),
)


@dataclass(frozen=True, slots=True)
class Peer:
    """Something comparable that was measured in the same run."""

    figure: str
    name: str
    values: tuple[float, ...]


Measured = Mapping[str, Sequence[float]]
"""Values of each figure, one for each repeat."""


def table(measured: Measured, peers: Iterable[Peer], machine: str) -> str:
    """The figures in Markdown, with this machine's medians."""
    beside: dict[str, list[str]] = {}
    for peer in peers:
        beside.setdefault(peer.figure, []).append(f"{peer.name}: {_shown(_known(peer.figure), peer.values)}")
    lines = [f"| figure | goal | must not exceed | {machine} | peer |", "|---|---|---|---|---|"]
    for figure in FIGURES:
        if values := measured.get(figure.id):
            cells = (figure.title, *_bounds(figure), _shown(figure, values), "; ".join(beside.get(figure.id, ())))
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def document(measured: Measured, peers: Iterable[Peer], machine: str) -> str:
    """The same as JSON, with every repeat."""
    return json.dumps(
        {
            "machine": machine,
            "figures": {
                figure.id: {
                    "title": figure.title,
                    "unit": figure.unit,
                    "goal": figure.goal,
                    "limit": None if figure.limit == float("inf") else figure.limit,
                    "median": statistics.median(values),
                    "repeats": list(values),
                    "within_limit": figure.within(statistics.median(values)),
                }
                for figure in FIGURES
                if (values := measured.get(figure.id))
            },
            "peers": [{"figure": p.figure, "name": p.name, "median": statistics.median(p.values)} for p in peers],
        },
        indent=2,
    )


def beyond(measured: Measured) -> list[str]:
    """Figures that don't keep their limits."""
    return [f.id for f in FIGURES if measured.get(f.id) and not f.within(statistics.median(measured[f.id]))]


def _known(id_: str) -> Figure:
    return next(figure for figure in FIGURES if figure.id == id_)


def _bounds(figure: Figure) -> tuple[str, str]:
    limit = "–" if figure.limit == float("inf") else _number(figure, figure.limit)
    least = "at least " if figure.better == "high" else ""
    return f"{_number(figure, figure.goal)} {figure.unit}", f"{least}{limit}"


def _shown(figure: Figure, values: Sequence[float]) -> str:
    return f"{_number(figure, statistics.median(values))} {figure.unit}"


def _number(figure: Figure, value: float) -> str:
    places = 0 if value == int(value) else figure.places
    return f"{value:,.{places}f}"
