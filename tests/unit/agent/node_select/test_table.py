from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.node_select import table
from fxtop.agent.node_select.table import TableError, TableRow, read_table, write_table
from tests.unit.agent.node_select.kit import NOW

COUNTS = st.integers(0, 10**9)
ROWS = st.builds(
    TableRow,
    node=st.text(min_size=1),
    aliases=st.lists(st.text(min_size=1), max_size=3).map(tuple),
    state=st.sampled_from(["active", "draining", "drained"]),
    weight=st.floats(0, 10),
    capacity=st.none() | COUNTS,
    pending=COUNTS,
    running=COUNTS,
    disconnected=COUNTS,
    load=st.none() | st.floats(0, 1e6),
    mem_free=st.none() | COUNTS,
    liveness=st.sampled_from(["live", "late", "stale", "lost", "left"]),
    heard=st.floats(0, 1e9),
)


def put(folder: Path, document: object) -> Path:
    file = folder / "placement.json"
    file.write_text(json.dumps(document))
    return file


def one(folder: Path, **row: Any) -> tuple[TableRow, ...]:
    return read_table(put(folder, {"v": 1, "written": NOW, "nodes": [row]}), NOW).rows


@given(st.lists(ROWS, max_size=5))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, rows: list[TableRow]) -> None:
    file = tmp_path_factory.mktemp("run") / "placement.json"
    write_table(file, rows, NOW)
    assert read_table(file, NOW + 7.0) == (tuple(rows), 7.0)


def test_anybody_can_read_it_whatever_the_umask_of_the_agent_is(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        write_table(tmp_path / "fxtop" / "placement.json", [TableRow("viz01")], NOW)
    finally:
        os.umask(before)
    assert (tmp_path / "fxtop" / "placement.json").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "fxtop").stat().st_mode & 0o777 == 0o755


def test_its_directory_is_made_and_nothing_but_the_table_is_left_in_it(tmp_path: Path) -> None:
    file = tmp_path / "fxtop" / "placement.json"
    write_table(file, [], NOW)
    write_table(file, [], NOW)
    assert list(file.parent.iterdir()) == [file]


def test_a_reader_sees_the_old_table_until_the_new_one_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "placement.json"
    write_table(file, [TableRow("viz01")], NOW)
    with file.open() as reader:
        write_table(file, [TableRow("viz02")], NOW)
        assert json.load(reader)["nodes"][0]["node"] == "viz01"
    assert read_table(file, NOW).rows[0].node == "viz02"


def test_a_table_that_cannot_be_written_is_told_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(TableError, match=r"can't be written: .*\.$"):
        write_table(tmp_path / "run" / "placement.json", [], NOW)
    assert (tmp_path / "run").read_text() == "a file"


def test_a_link_in_the_place_of_the_new_file_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / ".placement.json.new").symlink_to(tmp_path / "precious")
    with pytest.raises(TableError):
        write_table(tmp_path / "placement.json", [], NOW)
    assert (tmp_path / "precious").read_text() == "precious"


def test_fields_that_are_missing_are_the_usual_ones_and_unknown_ones_are_ignored(tmp_path: Path) -> None:
    assert one(tmp_path, node="viz01", mood="good") == (TableRow("viz01"),)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("aliases", "viz01"),
        ("aliases", [5]),
        ("state", "sleeping"),
        ("state", ["active"]),
        ("weight", -1),
        ("weight", 11),
        ("weight", float("nan")),
        ("weight", True),
        ("capacity", -1),
        ("capacity", 2.5),
        ("running", "3"),
        ("running", 10**30),
        ("load", -0.1),
        ("mem_free", "much"),
        ("liveness", "dead"),
        ("heard", None),
    ],
)
def test_a_field_that_makes_no_sense_is_as_if_it_was_missing(tmp_path: Path, field: str, value: object) -> None:
    """The others are believed: a drain must not be lost for a figure."""
    known: dict[str, Any] = {"state": "draining", "weight": 2.0}
    assert one(tmp_path, **{"node": "viz01", **known, field: value}) == (
        TableRow("viz01", **{name: true for name, true in known.items() if name != field}),
    )


@pytest.mark.parametrize("row", [{}, {"node": ""}, {"node": 5}, {"node": None, "state": "drained"}])
def test_a_row_without_a_name_is_left_out(tmp_path: Path, row: dict[str, Any]) -> None:
    assert one(tmp_path, **row) == ()


@pytest.mark.parametrize(
    "document",
    [[], 5, None, {}, {"v": 2, "written": NOW, "nodes": []}, {"v": 1, "nodes": []}, {"v": 1, "written": NOW}],
)
def test_what_is_no_table_is_told(tmp_path: Path, document: object) -> None:
    with pytest.raises(TableError, match="no placement table"):
        read_table(put(tmp_path, document), NOW)


def test_a_table_that_is_missing_or_damaged_or_closed_is_told(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="There is no placement table"):
        read_table(tmp_path / "none.json", NOW)
    with pytest.raises(TableError, match="can't be read"):
        read_table(tmp_path, NOW)
    (tmp_path / "cut.json").write_text('{"v": 1, "nod')
    with pytest.raises(TableError, match="damaged"):
        read_table(tmp_path / "cut.json", NOW)


def test_a_table_from_the_future_is_not_believed(tmp_path: Path) -> None:
    write_table(tmp_path / "placement.json", [], NOW)
    assert read_table(tmp_path / "placement.json", NOW - 2).age == 0
    with pytest.raises(TableError, match="future"):
        read_table(tmp_path / "placement.json", NOW - 60)


def test_a_table_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_BYTES", 2**20)
    (tmp_path / "big.json").write_bytes(b" " * (2**20 + 1))
    with pytest.raises(TableError, match="over 1 MiB"):
        read_table(tmp_path / "big.json", NOW)


@given(st.binary(max_size=100))
def test_garbage_is_a_sentence_and_no_other_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("run") / "placement.json"
    file.write_bytes(content)
    with pytest.raises(TableError):
        read_table(file, NOW)
