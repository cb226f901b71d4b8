"""What the tests of the placement hook have in common: FastX's question, a table, and a choice."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from fxtop.agent.node_select.choosing import Options, choose
from fxtop.agent.node_select.table import TableRow, write_table

NOW = 1_800_000_000.0
JWT = "eyJhbGciOiJIUzI1NiJ9.c2VjcmV0.c2lnbmF0dXJl"
PARAMS = {"me": {"login": "ann"}, "start": {"command": "xterm-of-ann"}, "jwt": JWT}


def node(id_: str, sessions: int | None = 0, **health: Any) -> dict[str, Any]:
    """A node as FastX offers it; ``health`` as Moleculer has it."""
    data: dict[str, Any] = {"health": health, "services": ["launcher"]}
    if sessions is not None:
        data["sessions"] = [{"id": f"s{number}"} for number in range(sessions)]
    return {"id": id_, "nodeData": data, "metadata": {"version": "5.0.24", "osId": "rhel"}}


def question(*nodes: dict[str, Any] | str) -> bytes:
    """FastX's question; nodes without sessions are given by id."""
    offered = [node(each) if isinstance(each, str) else each for each in nodes]
    return json.dumps({"nodes": offered, "params": PARAMS}).encode()


class Hook:
    """Asks the hook, with a table that a test sets."""

    def __init__(self, folder: Path) -> None:
        self.table = folder / "placement.json"
        self.options = Options(table=str(self.table), turns=str(folder / "turns.json"))
        self.said: list[str] = []

    def knows(self, *rows: TableRow, age: float = 1.0) -> None:
        """Write a table that is ``age`` seconds old."""
        write_table(self.table, rows, NOW - age)

    def asked(self, raw: bytes, seed: int = 1, **options: Any) -> str:
        """The id that is chosen; what it says is in ``said``."""
        self.said.clear()
        chosen, _ = choose(raw, self.options._replace(**options), Random(seed), NOW, self.said.append)
        return chosen

    def chooses(self, *nodes: dict[str, Any] | str, tries: int = 30, **options: Any) -> set[str]:
        """All ids that are chosen among ``nodes`` when fortune turns."""
        return {self.asked(question(*nodes), seed, **options) for seed in range(tries)}
