from __future__ import annotations

import csv
import io
import json
from datetime import UTC

import pytest

from fxtop.cli.exits import Usage
from fxtop.cli.listing import KINDS, Listing, sort_order
from fxtop.views.panes import NODES, PANES
from tests.unit.cluster.kit import Site


@pytest.fixture
def site() -> Site:
    made = Site()
    made.beat("viz01", cpu=0.1)
    made.beat("viz02", cpu=0.9)
    made.session("viz01", "s1", user="李小龍")
    made.session("viz02", "s2", user="bob")
    return made


def listing(kind: str, site: Site) -> Listing:
    return Listing(PANES[kind], site.store, tz=UTC, ascii_only=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["table", "wide", "csv", "json"])
def test_every_kind_can_be_printed_in_every_form(
    kind: str, form: str, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    listing(kind, site).print(form)
    assert capsys.readouterr().out.strip()


def test_a_table_lines_up_by_cells_not_by_characters(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    listing("sessions", site).print("table")
    head, bob, wide = capsys.readouterr().out.splitlines()
    at = head.index("ID")
    assert bob[at:].startswith("s2")
    assert wide[at - len("李小龍") :].startswith("s1")


def test_csv_has_the_columns_by_id_and_plain_values(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    listing("nodes", site).print("csv")
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["node"] for row in rows] == ["viz01", "viz02"]
    assert [float(row["cpu"]) for row in rows] == [0.1, 0.9]
    assert list(rows[0]) == [column.id for column in NODES.columns]


def test_order_and_filter_are_the_consoles(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    nodes = listing("nodes", site)
    nodes.view.set_sort(*sort_order("-cpu", NODES))
    nodes.print("json", compact=True)
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert [row["node"] for row in json.loads(out)] == ["viz02", "viz01"]


@pytest.mark.parametrize(
    ("text", "descending"), [("cpu", False), ("-cpu", True), ("cpu:desc", True), ("cpu:asc", False)]
)
def test_the_direction_of_an_order(text: str, descending: bool) -> None:
    column, down = sort_order(text, NODES)
    assert (column.id, down) == ("cpu", descending)


@pytest.mark.parametrize("text", ["moons", "cpu:sideways", "", "-"])
def test_an_order_that_is_none_is_a_sentence(text: str) -> None:
    with pytest.raises(Usage, match="--sort"):
        sort_order(text, NODES)


def test_every_kind_is_a_pane() -> None:
    assert set(KINDS) <= PANES.keys()
