from __future__ import annotations

import json

import pytest

from fxtop.agent.node_select.names import Names
from fxtop.agent.node_select.offer import parse
from fxtop.agent.node_select.table import TableRow


def found(offered: str, *rows: TableRow, hostname: str | None = None) -> str | None:
    """The node of the row that an offered node is."""
    health = {"os": {"hostname": hostname}}
    raw = json.dumps({"nodes": [{"id": offered, "nodeData": {"health": health}}]}).encode()
    row = Names(rows).row_of(parse(raw).offers[0])
    return row.node if row else None


def test_the_same_id_is_the_same_node() -> None:
    assert found("viz02", TableRow("viz01"), TableRow("viz02")) == "viz02"


@pytest.mark.parametrize(
    ("offered", "row"),
    [
        ("viz01", TableRow("viz01.example.edu")),
        ("viz01.example.edu", TableRow("viz01")),
        ("VIZ01", TableRow("viz01")),
        ("viz01.example.edu", TableRow("n1", aliases=("viz01.example.edu",))),
        ("viz01", TableRow("n1", aliases=("viz01.example.edu",))),
    ],
)
def test_a_host_goes_by_its_short_name_its_full_one_and_other_names(offered: str, row: TableRow) -> None:
    assert found(offered, TableRow("viz02"), row) == row.node


def test_where_the_id_is_fastx_own_the_host_name_tells() -> None:
    assert found("viz01-4711", TableRow("viz01.example.edu"), hostname="viz01.example.edu") == "viz01.example.edu"
    assert found("viz01-4711", TableRow("viz01.example.edu"), hostname="viz01") == "viz01.example.edu"


def test_an_id_is_worth_more_than_the_host_name() -> None:
    assert found("viz01", TableRow("viz01"), TableRow("viz02"), hostname="viz02") == "viz01"


@pytest.mark.parametrize(
    ("offered", "rows"),
    [
        ("viz01.b.edu", [TableRow("viz01.a.edu")]),
        ("viz01", [TableRow("viz01.a.edu"), TableRow("viz01.b.edu")]),
        ("VIZ01", [TableRow("viz01"), TableRow("Viz01")]),
        ("gate", [TableRow("viz01", aliases=("gate",)), TableRow("viz02", aliases=("gate",))]),
        ("10.0.0.2", [TableRow("10.0.0.1"), TableRow("10")]),
        ("viz-01", [TableRow("viz")]),
        ("viz01", []),
    ],
)
def test_two_hosts_are_never_taken_for_one(offered: str, rows: list[TableRow]) -> None:
    assert found(offered, *rows) is None


def test_ids_that_differ_by_case_alone_are_two_nodes() -> None:
    rows = TableRow("viz01"), TableRow("VIZ01")
    assert found("viz01", *rows) == "viz01"
    assert found("VIZ01", *rows) == "VIZ01"
