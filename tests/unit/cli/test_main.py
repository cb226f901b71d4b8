from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from fxtop.__main__ import main
from fxtop.actions.journal import JournalError
from fxtop.actions.keys import KeyFileError
from fxtop.actions.model import Refused
from fxtop.bus.port import BusDown, NoAnswer
from fxtop.cli.exits import Exit
from fxtop.cli.faults import exit_code
from fxtop.config.error import ConfigError
from fxtop.demo.errors import DemoError


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's own directories, and none of this machine's settings."""
    for name in [name for name in os.environ if name.startswith(("FXTOP_", "NATS_", "FX_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("FX_CONFIG_DIR", str(tmp_path / "none"))
    return tmp_path


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), Exit.USAGE),
        (KeyFileError("x"), Exit.USAGE),
        (Refused("unknown_node", "x"), Exit.REFUSED),
        (Refused("bus", "x"), Exit.NO_BUS),
        (BusDown("x"), Exit.NO_BUS),
        (NoAnswer("x"), Exit.NO_BUS),
        (JournalError("x"), Exit.FAILED),
        (DemoError("x"), Exit.FAILED),
    ],
)
def test_every_fault_has_its_exit_code(error: Exception, code: Exit) -> None:
    assert exit_code(error) is code


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        (["get", "nodes", "--config", "/none/config.toml"], 2, "/none/config.toml"),
        (["get", "nodes", "--tz", "Mars/Olympus"], 2, "Mars/Olympus"),
        (["get", "nodes", "--server", "http://x"], 2, "http"),
        (["get", "nodes", "--token-file", "/none/token"], 2, "/none/token"),
        (["get", "nodes", "--sort", "moons"], 2, "moons"),
        (["get", "nodes", "--filter", "cpu>>80"], 2, "cpu takes a share"),
        (["get", "bus", "--watch"], 2, "--watch"),
        (["get", "nodes", "--server", "nats://127.0.0.1:1"], 5, "127.0.0.1:1"),
        (["drain", "viz01"], 2, "--reason"),
        (["drain", "viz01", "--reason", "x", "--deadline", "soon"], 2, "'soon' is no moment"),
        (["drain", "viz01", "--reason", "x", "--timeout", "soon"], 2, "'soon' is no duration"),
        (["drain", "viz01", "--reason", "x", "--timeout", "5s"], 2, "add --wait"),
        (["drain", "viz01", "--reason", "x", "--read-only"], 3, "read-only"),
        (["terminate", "s1", "--reason", "x", "--grace", "long"], 2, "'long' is no duration"),
        (["message", "--reason", "x", "--text", "hello"], 2, "--node"),
        (["keys", "show", "/none/key"], 2, "/none/key"),
        (["protocol", "schema", "hb.moon"], 2, "hb.moon"),
        ([], 2, "needs a terminal"),
        (["wall"], 2, "needs a terminal"),
        (["demo", "--server", "tls://x:1"], 2, "--server has no place here"),
        (["demo"], 2, "needs a terminal"),
        (["demo", "--no-console", "--nodes", "2"], 1, "3 to 20000 nodes"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_a_code(
    line: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(line) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("fxtop: ")
    assert words in said.err
    assert "Traceback" not in said.err


def test_a_reader_that_has_had_enough_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert main(["protocol", "schema"]) == 0


def test_an_interrupt_has_the_code_that_shells_use(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("fxtop.cli.protocol.run", interrupted)
    assert main(["protocol", "schema"]) == 130


def test_the_schema_of_one_message_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["protocol", "schema", "hb.node"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "fxtop.<cluster>.hb.node.<node>"


def test_a_new_key_is_private_and_only_its_public_part_is_printed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "config" / "fxtop" / "operator.nk"
    assert main(["keys", "new"]) == 0
    public = capsys.readouterr().out
    assert public.startswith("U")
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(["keys", "show"]) == 0
    assert capsys.readouterr().out == public
    assert main(["keys", "new"]) == 2
    assert file.read_text().strip() not in capsys.readouterr().err


def test_settings_are_shown_with_their_sources_and_without_secrets(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = home / "token"
    secret.write_text("s3cret-token\n")
    secret.chmod(0o600)
    assert main(["config", "show", "-o", "json", "--token-file", str(secret), "--tz", "UTC"]) == 0
    out = capsys.readouterr().out
    shown = json.loads(out)
    assert shown["tz"] == {"value": "UTC", "source": "--tz"}
    assert shown["token"]["source"] == "--token-file"
    assert "s3cret-token" not in out


def test_an_empty_journal_says_so_and_is_empty_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["journal", "-o", "json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert main(["journal", "--since", "2h"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "nothing in the journal" in said.err
