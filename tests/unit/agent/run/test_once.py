"""Collecting one time and printing what would be said, without a bus."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from fxtop.__main__ import main
from fxtop.agent.run.once import collect
from fxtop.agent.run.settings import AgentSettings, load
from fxtop.clock import SystemClock
from fxtop.protocol.decode import decode
from fxtop.protocol.license import LicenseHeartbeat
from fxtop.protocol.node import NodeFacts, NodeHeartbeat
from fxtop.protocol.session import SessionsPart
from fxtop.protocol.share import StoreHeartbeat
from tests.unit.agent.run.machinekit import Machine

OFF = "[collect.units]\non = false\n[collect.versions]\non = false\n"
SIMULATED = '[collect.sessions]\nprovider = "simulated"\nsimulated = 9\n'


@pytest.fixture(autouse=True)
def _own_log() -> Iterator[None]:
    """Commands log in their own way, and the next test must not."""
    root = logging.getLogger()
    before, level, raising = root.handlers[:], root.level, logging.raiseExceptions
    yield
    root.handlers[:], logging.raiseExceptions = before, raising
    root.setLevel(level)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "root")


def told(folder: Path, text: str = "") -> AgentSettings:
    file = folder / "agent.toml"
    file.write_text(f'node = "viz07"\nstate_dir = "{folder}/state"\n{OFF}{text}')
    return load(file, {}, {"FX_CONFIG_DIR": "/nowhere"})


async def test_it_tells_what_an_agent_would(machine: Machine, tmp_path: Path) -> None:
    said = await collect(told(tmp_path, SIMULATED), SystemClock(), root=machine.root)
    messages = [decode(each.subject, each.payload).message for each in said]
    assert [type(message) for message in messages] == [NodeFacts, NodeHeartbeat, SessionsPart]
    facts, beat, sessions = messages
    assert isinstance(facts, NodeFacts)
    assert isinstance(beat, NodeHeartbeat)
    assert isinstance(sessions, SessionsPart)
    assert facts.metadata == {"rack": "r7"}
    assert facts.config.keys() == {"FastX.conf", "fastx.env"}
    assert [directory.note for directory in facts.dirs] == [None] * 4
    assert facts.notes["units"].startswith("Nobody looks")
    assert 0 <= beat.cpu <= 1
    assert beat.sessions.total == len(sessions.sessions) > 0


async def test_one_class_can_be_asked_for_alone(machine: Machine, tmp_path: Path) -> None:
    settings = told(tmp_path, "[collect.store]\non = true\n")
    (said,) = await collect(settings, SystemClock(), "store", machine.root)
    message = decode(said.subject, said.payload).message
    assert isinstance(message, StoreHeartbeat)
    assert message.path == str(machine.path("/var/fastx"))


async def test_a_license_server_is_asked_and_its_counters_are_not_kept(machine: Machine, tmp_path: Path) -> None:
    rlmutil = machine.program("rlmutil", "echo 'Error connecting to \"rlm\" server'; exit 1")
    settings = told(tmp_path, f'[collect.license]\non = true\nservers = ["5053@lic"]\nrlmutil = "{rlmutil}"\n')
    (said,) = await collect(settings, SystemClock(), "license", machine.root)
    message = decode(said.subject, said.payload).message
    assert isinstance(message, LicenseHeartbeat)
    assert (message.server, message.reachable) == ("5053@lic", False)
    assert not (tmp_path / "state").exists()


async def test_sessions_that_nobody_tells_of_are_a_note_and_no_empty_list(machine: Machine, tmp_path: Path) -> None:
    settings = told(tmp_path, '[collect.sessions]\nprovider = "none"\n')
    said = await collect(settings, SystemClock(), root=machine.root)
    assert [each.subject.split(".")[2] for each in said] == ["facts", "hb"]
    assert "No session provider is chosen" in json.loads(said[0].payload)["notes"]["sessions"]


async def test_nothing_is_written(machine: Machine, tmp_path: Path) -> None:
    await collect(told(tmp_path), SystemClock(), root=machine.root)
    assert not (tmp_path / "state").exists()


def run(folder: Path, *words: str) -> int:
    return main(["agent", *words, "--config", str(folder / "agent.toml")])


def test_the_command_prints_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(tmp_path, SIMULATED)
    assert run(tmp_path, "once", "--only", "sessions", "-o", "json") == 0
    (said,) = json.loads(capsys.readouterr().out)
    assert said["subject"] == "fxtop.fastx.sessions.viz07"
    assert said["message"]["node"] == "viz07"


def test_the_command_prints_text_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(tmp_path)
    assert run(tmp_path, "once", "--only", "node") == 0
    out = capsys.readouterr().out
    assert out.startswith("fxtop.fastx.hb.node.viz07 (")
    assert '\n  "node": "viz07",\n' in out


def test_what_has_nothing_to_tell_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(tmp_path)
    assert run(tmp_path, "once", "--only", "license", "-o", "json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == []
    assert "Nothing would be published" in said.err


def test_a_written_file_is_found_good_and_is_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(tmp_path, "config", "init") == 0
    written = (tmp_path / "agent.toml").read_text()
    assert run(tmp_path, "config", "check") == 0
    assert "collect.config" in capsys.readouterr().out
    assert run(tmp_path, "config", "init") == 2
    assert "never overwritten" in capsys.readouterr().err
    assert (tmp_path / "agent.toml").read_text() == written


def test_a_mistake_in_the_file_is_a_sentence_and_an_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "agent.toml").write_text("[collect.hots]\n")
    assert run(tmp_path, "config", "check") == 2
    assert "line 1: there is no setting 'hots' in [collect]: did you mean 'host'?" in capsys.readouterr().err


def test_a_check_finds_a_secret_that_can_not_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "agent.toml").write_text('[bus]\ntoken_file = "none"\n')
    assert run(tmp_path, "config", "check") == 2
    assert "none isn't there" in capsys.readouterr().err


def test_the_unit_runs_this_very_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "unit") == 0
    assert f"agent run --config {tmp_path / 'agent.toml'}\n" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["config"], ["run", "init"]])
def test_a_step_belongs_to_config(tmp_path: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, *words) == 2
    assert "config init" in capsys.readouterr().err
