"""What commands write: nothing in it acts on a terminal, and data stays what it is."""

from __future__ import annotations

import csv
import io
import json

import pytest

from fxtop.cli.output import TableColumn, print_csv, print_json, print_table, say, write

EVIL = "\x1b]52;c;aGk=\x07\x9b2J\u202e\x7f\u200b"


@pytest.mark.parametrize("form", ["json", "csv", "table", "text", "sentence"])
def test_no_way_out_lets_a_control_through(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    match form:
        case "json":
            print_json({EVIL: [EVIL]})
        case "csv":
            print_csv(["a"], [[EVIL]])
        case "table":
            print_table([TableColumn("a")], [[EVIL]])
        case "text":
            write(EVIL)
        case _:
            say(EVIL)
    said = capsys.readouterr()
    assert not set(said.out + said.err) & set(EVIL) - set("]52;caGk=J")
    assert "aGk" in said.out + said.err


def test_data_is_written_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"name": "日本 ä", "lines": "a\nb"})
    assert json.loads(capsys.readouterr().out) == {"name": "日本 ä", "lines": "a\nb"}
    print_csv(["a", "b"], [["x,y", '"'], ["ä", "1"]])
    assert list(csv.reader(io.StringIO(capsys.readouterr().out))) == [["a", "b"], ["x,y", '"'], ["ä", "1"]]
