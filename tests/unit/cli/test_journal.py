"""``fxtop journal`` without a cluster: own record, files of others, and the examination."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fxtop.__main__ import main
from fxtop.actions.chain.rotation import Retention
from fxtop.actions.journal import DECISION, Entry, Journal, Kind

NODE = "viz07.example.edu"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("fxtop.cli.journal.AGENT_JOURNAL", tmp_path / "agent" / "journal.jsonl")
    return tmp_path


@pytest.fixture
def own(home: Path) -> Journal:
    return Journal(home / "state" / "fxtop" / "journal.jsonl", Retention(size=1000))


def sent(request: str, at: float = 1_760_000_000.0, **over: Any) -> Entry:
    fields: dict[str, Any] = {
        "cluster": "prod", "verb": "drain", "operator": "ann", "targets": (NODE,), "reason": "fan", "ticket": "OPS-8",
        **over,
    }  # fmt: skip
    return Entry(v=1, at=at, kind=Kind.SENT, action="p1", request=request, **fields)


def decision(request: str, at: float = 1_760_000_001.5) -> Entry:
    return Entry(
        v=1, at=at, kind=DECISION, cluster="prod", verb="drain", operator="ann", targets=(NODE,), request=request,
        decision="accepted", state="done", detail="3 of 3 done",
    )  # fmt: skip


def test_this_hosts_agent_is_believed_beside_the_own_journal(
    own: Journal, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own.write(sent("r1"))
    Journal(home / "agent" / "journal.jsonl").write(decision("r1"))
    assert main(["journal", "--local", "--tz", "Europe/Berlin"]) == 0
    titles, row = capsys.readouterr().out.splitlines()
    assert titles.split()[:5] == ["TIME", "OPERATOR", "VERB", "TARGETS", "REASON"]
    assert row.startswith("2025-10-09 10:53:20 CEST  ann")
    assert "fan [OPS-8]" in row
    assert "3 of 3 done" in row


def test_a_copy_of_another_hosts_journal_can_be_read_too(
    own: Journal, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own.write(sent("r1"))
    Journal(home / "copy").write(decision("r1"), decision("r2"))
    assert main(["journal", "--local", "--also", str(home / "copy"), "--tz", "UTC", "-o", "json"]) == 0
    first, second = json.loads(capsys.readouterr().out)
    assert (first["request"], first["state"], first["said_by"], first["detail"]) == ("r1", "done", NODE, "3 of 3 done")
    assert [event["source"] for event in first["events"]] == ["here", str(home / "copy")]
    assert first["events"][1]["time"] == "2025-10-09T08:53:21.500+00:00"
    assert second["request"] == "r2"


@pytest.mark.parametrize(
    ("flags", "requests"),
    [
        (["--since", "2025-10-09T08:55+00:00"], ["r2"]),
        (["--until", "2025-10-09T08:55+00:00"], ["r1"]),
        (["--node", "viz08"], ["r2"]),
        (["--operator", "bob"], ["r2"]),
        (["--verb", "drain"], ["r1"]),
        (["--request", "r1"], ["r1"]),
    ],
    ids=["since", "until", "node", "operator", "verb", "request"],
)
def test_it_can_be_narrowed(
    own: Journal, capsys: pytest.CaptureFixture[str], flags: list[str], requests: list[str]
) -> None:
    own.write(sent("r1"))
    own.write(sent("r2", 1_760_000_600.0, operator="bob", verb="resume", targets=("viz08",)))
    assert main(["journal", "--local", *flags, "-o", "json"]) == 0
    assert [each["request"] for each in json.loads(capsys.readouterr().out)] == requests


def test_the_lines_can_be_had_as_they_stand(own: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    own.write(sent("r1"))
    assert main(["journal", "--lines", "-o", "json"]) == 0
    assert [line["kind"] for line in json.loads(capsys.readouterr().out)] == ["sent"]


def test_what_cant_be_read_is_said_with_what_to_do(own: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    own.write(sent("r1"))
    with own.path.open("ab") as file:
        file.write(b"garbage\n")
    assert main(["journal", "--local"]) == 0
    assert f"1 line of {own.path} can't be read and is left out: see `fxtop journal verify" in capsys.readouterr().err


class TestVerify:
    def test_whole_is_0_with_the_end_to_keep(self, own: Journal, capsys: pytest.CaptureFixture[str]) -> None:
        for number in range(6):
            own.write(sent(f"r{number}"))
        assert main(["journal", "verify"]) == 0
        said = capsys.readouterr().out
        assert f"{own.path}: whole: 6 lines in" in said
        end = said.rpartition("ends with ")[2].strip()
        assert main(["journal", "verify", "--known", end, str(own.path)]) == 0
        assert main(["journal", "verify", "--known", f"1:{'0' * 64}", str(own.path)]) == 1

    def test_damaged_is_1_with_what_and_where(self, own: Journal, capsys: pytest.CaptureFixture[str]) -> None:
        own.write(sent("r1"), sent("r2"), sent("r3"))
        own.path.write_bytes(own.path.read_bytes().replace(b'"r2"', b'"r9"'))
        assert main(["journal", "verify"]) == 1
        said = capsys.readouterr().out
        assert f"{own.path}:2 line 2 of the chain was changed\n" in said
        assert f"{own.path}: DAMAGED: 3 lines in 1 file" in said

    def test_a_missing_full_file_is_damage(self, own: Journal, capsys: pytest.CaptureFixture[str]) -> None:
        for number in range(12):
            own.write(sent(f"r{number}"))
        full = sorted(own.path.parent.glob("*.gz"))
        full[0].unlink()
        assert main(["journal", "-o", "json", "verify", "--tz", "UTC"]) == 1
        (verdict,) = json.loads(capsys.readouterr().out)
        assert not verdict["whole"]
        assert "the policy didn't do it" in verdict["faults"][0]["what"]
        assert main(["journal", "verify", str(full[1])]) == 0

    @pytest.mark.parametrize(
        "words",
        [["verify", "/nowhere/journal.jsonl"], ["verify", "/"], ["verify", "--known", "1:ab", "/x"], ["check"]],
        ids=["not there", "no file", "no head", "no such word"],
    )
    def test_a_line_that_makes_no_sense_is_2(self, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["journal", *words]) == 2
        assert capsys.readouterr().err.startswith("fxtop: ")

    def test_nothing_there_yet_is_0(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["journal", "verify"]) == 0
        assert "There is no journal yet" in capsys.readouterr().err
