"""The command line of the doctor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fxtop.__main__ import main
from tests.unit.doctor.kit import GOOD_CONF, good_manager, lay

BAD = {"/etc/fastx/nats-server.conf": GOOD_CONF.replace("ruser:a-password-that-nobody-printed@", "")}


@pytest.mark.parametrize(("changes", "code"), [({}, 0), (BAD, 1)])
def test_the_exit_code_says_whether_anything_is_critical_or_a_warning(
    changes: dict[str, str], code: int, tmp_path: Path
) -> None:
    root = lay(tmp_path, good_manager() | changes)
    assert main(["doctor", "--offline", str(root)]) == code


def test_a_hint_alone_is_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = good_manager() | {"/etc/fastx/nats-server.conf": GOOD_CONF.replace("name: fx", "")}
    assert main(["doctor", "--offline", str(lay(tmp_path, files))]) == 0
    assert "INFO  cluster-unnamed" in capsys.readouterr().out


def test_json_has_each_finding_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--offline", str(lay(tmp_path, good_manager() | BAD)), "-o", "json"])
    said = json.loads(capsys.readouterr().out)
    assert said["role"] == "manager"
    finding = next(each for each in said["findings"] if each["kind"] == "route-credentials")
    assert set(finding) == {"severity", "kind", "subject", "text", "evidence", "consequence", "remedy"}
    assert finding["severity"] == "crit"
    assert {"what", "why"} == set(said["not_checked"][0])


def test_text_says_what_was_seen_what_follows_and_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--offline", str(lay(tmp_path, good_manager() | BAD))])
    said = capsys.readouterr().out
    for beginning in (
        "CRIT  route-credentials",
        "      seen: /etc/fastx/nats-server.conf:16",
        "      so: ",
        "      do: ",
    ):
        assert f"\n{beginning}" in f"\n{said}"
    assert "not checked: owner and mode of FastX's secret: " in said


@pytest.mark.parametrize(
    ("files", "role"),
    [
        (good_manager(), "manager"),
        ({"/etc/systemd/system/fastx-nats.service.d/x.conf": "[Service]\n"}, "manager"),
        ({"/etc/fastx/fastx.env": ""}, "node"),
        ({}, "node"),
    ],
)
def test_files_make_the_role(
    files: dict[str, str], role: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--offline", str(lay(tmp_path, files)), "-o", "json"])
    assert json.loads(capsys.readouterr().out)["role"] == role


@pytest.mark.parametrize(
    "line",
    [["--offline", "/nowhere/at/all"], ["--offline", ".", "--role", "operator"], ["--role", "king"], ["-o", "xml"]],
)
def test_a_line_that_makes_no_sense_is_refused(line: list[str]) -> None:
    assert main(["doctor", *line]) == 2


def test_an_operator_is_told_what_keeps_the_bus_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("FX_CONFIG_DIR", str(tmp_path))
    assert main(["doctor", "--role", "operator", "--server", "nats://127.0.0.1:1", "-o", "json"]) == 1
    said = json.loads(capsys.readouterr().out)
    down = next(finding for finding in said["findings"] if finding["kind"] == "bus-down")
    assert "127.0.0.1:1" in down["evidence"][0]
