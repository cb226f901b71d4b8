"""What one would write first, DataTable over nats-py's callback: ``python -m tests.bench.plain_console PORT``.

It is the peer of fxtop's console in the same run. It decodes each heartbeat as it comes and, twice a second, updates
the cells of the nodes that changed and are visible, which is the quickest of the usual ways. It knows no sessions.
"""

from __future__ import annotations

import json
import sys
from typing import Any, ClassVar, Final

import nats
from nats.aio.msg import Msg
from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header

from tests.bench.publisher import CLUSTER

COLUMNS: Final = ("state", "cpu", "load", "mem", "run", "weight", "cap", "uptime")
WIDTH: Final = 9
RATE: Final = 2.0
"""Looks a second, as fxtop's."""


class PlainConsole(App[None]):
    """A table of nodes."""

    BINDINGS: ClassVar = [("q", "quit", "Quit")]

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self._known: dict[str, dict[str, Any]] = {}
        self._changed: set[str] = set()
        self._rows: list[str] = []

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable[str](cursor_type="row")
        yield Footer()

    async def on_mount(self) -> None:
        table = self.query_one(DataTable)
        table.add_column("node", key="node", width=12)
        for name in COLUMNS:
            table.add_column(name, key=name, width=WIDTH)
        client = await nats.connect(f"nats://127.0.0.1:{self._port}")
        await client.subscribe(
            f"fxtop.{CLUSTER}.hb.node.*", cb=self._heard, pending_msgs_limit=-1, pending_bytes_limit=-1
        )
        self.set_interval(1 / RATE, self._show)

    async def _heard(self, msg: Msg) -> None:
        node = json.loads(msg.data)
        self._known[node["node"]] = node
        self._changed.add(node["node"])

    def _show(self) -> None:
        table = self.query_one(DataTable)
        for name in sorted(self._changed - set(self._rows) if len(self._rows) < len(self._known) else ()):
            table.add_row(name, *_cells(self._known[name]), key=name)
            self._rows.append(name)
        first = int(table.scroll_y)
        for name in self._changed.intersection(self._rows[first : first + table.size.height]):
            for column, text in zip(COLUMNS, _cells(self._known[name]), strict=True):
                table.update_cell(name, column, text)
        self._changed.clear()
        self.title = f"Nodes {len(self._rows)}"


def _cells(node: dict[str, Any]) -> list[str]:
    return [
        node["state"],
        f"{node['cpu']:.0%}",
        f"{node['load'][0]:.1f}",
        f"{node['mem_used'] / 2**30:.0f}G",
        str(node["sessions"]["running"]),
        f"{node['weight']:.1f}",
        str(node["capacity"]),
        f"{node['uptime'] / 3600:.0f}h",
    ]


if __name__ == "__main__":
    PlainConsole(int(sys.argv[1])).run()
