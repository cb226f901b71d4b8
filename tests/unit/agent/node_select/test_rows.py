from __future__ import annotations

from fxtop.agent.node_select.rows import table_rows
from fxtop.agent.node_select.table import TableRow
from tests.unit.cluster.kit import Site


def test_a_node_is_told_as_its_agent_told_it() -> None:
    site = Site()
    site.beat(
        "viz01", state="draining", weight=2.5, capacity=12, load=[8.0, 1.0, 1.0], cores=16, mem_used=8, mem_total=32,
        sessions={"pending": 1, "running": 2, "disconnected": 3},
    )  # fmt: skip
    site.facts("viz01", host="viz01.example.edu")
    site.wait(2)
    assert table_rows(site.store) == [
        TableRow("viz01", ("viz01.example.edu",), "draining", 2.5, 12, 1, 2, 3, 0.5, 24, "live", 2.0)
    ]


def test_a_node_whose_host_has_no_other_name_has_no_alias() -> None:
    site = Site()
    site.beat("viz01.example.edu")
    site.facts("viz01.example.edu", host="viz01.example.edu")
    assert table_rows(site.store)[0].aliases == ()


def test_silence_and_goodbye_are_told() -> None:
    site = Site()
    site.beat("viz01")
    site.beat("viz02")
    site.bye("node", "viz02")
    site.wait(31)
    assert [(row.node, row.liveness, row.heard) for row in table_rows(site.store)] == [
        ("viz01", "lost", 31.0),
        ("viz02", "left", 31.0),
    ]


def test_only_nodes_that_start_sessions_are_in_it() -> None:
    site = Site()
    site.beat("gate01")
    site.facts("gate01", services=["webserver"])
    site.beat("viz01")
    site.facts("viz02")
    assert [row.node for row in table_rows(site.store)] == ["viz01"]
