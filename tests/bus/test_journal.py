"""``fxtop journal`` on a real cluster: what was done is told from everywhere, and nothing in it is a secret."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from nacl.pwhash import argon2id

from fxtop.actions.keys import create
from fxtop.actions.sealed_key import Cost, seal
from fxtop.demo.options import Options
from fxtop.demo.run import Demo, demo
from tests.bus.commands import Run, move_in, runner

NODE = "manager2.example.edu"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Demo]:
    with demo(Options(nodes=3, sessions=9)) as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's own directories, and none of this machine's settings."""
    move_in(tmp_path, monkeypatch)
    monkeypatch.setattr("fxtop.actions.inquiry.QUIET", 0.15)
    monkeypatch.setattr("fxtop.actions.inquiry.WITHIN", 1.0)
    return tmp_path


@pytest.fixture
def fxtop(cluster: Demo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(cluster, capsys, monkeypatch)


def done(fxtop: Run, *line: str) -> None:
    assert fxtop(*line, "--yes").code == 0


def elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on somebody on another host asks, with no journal of his own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(home / "elsewhere"))


def test_a_request_is_one_story_from_the_wish_to_the_agents_last_word(fxtop: Run) -> None:
    done(fxtop, "drain", NODE, "--reason", "fan", "--ticket", "OPS-8")
    done(fxtop, "resume", NODE, "--reason", "enough")
    found = fxtop("journal", "--node", "manager2", "--verb", "drain", "--since", "1h", "-o", "json").data
    story = next(each for each in found if each["ticket"] == "OPS-8")
    assert (story["operator"], story["reason"], story["targets"]) == ("demo", "fan", [NODE])
    assert story["key"].startswith("U")
    assert {"intent", "plan", "sent", "reply", "decision"} <= {event["what"] for event in story["events"]}
    assert {event["source"] for event in story["events"]} == {"here", NODE}
    assert story["events"][0]["time"][:2] == "20"
    assert "fan [OPS-8]" in fxtop("journal").out


def test_what_others_did_is_known_from_the_agents(fxtop: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done(fxtop, "message", "--node", NODE, "--text", "hello", "--reason", "by somebody else")
    elsewhere(home, monkeypatch)
    (story,) = [each for each in fxtop("journal", "-o", "json").data if each["reason"] == "by somebody else"]
    assert (story["operator"], story["verb"], story["state"], story["said_by"]) == ("demo", "message", "done", NODE)
    assert {event["source"] for event in story["events"]} == {NODE}


def test_a_stranger_who_was_refused_is_on_record(
    fxtop: Run, cluster: Demo, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create(home / "stranger.nk")
    text = Path(cluster.ready.config).read_text()
    (home / "config.toml").write_text(text.replace(str(cluster.folder.operator_key), str(home / "stranger.nk")))
    config = str(home / "config.toml")
    assert fxtop("--config", config, "drain", NODE, "--reason", "mine now", "--yes").code == 3
    elsewhere(home, monkeypatch)
    refused = [each for each in fxtop("journal", "--node", NODE, "-o", "json").data if each["state"] == "refused"]
    assert "unknown_key" in {each["code"] for each in refused}


def test_without_a_bus_what_is_on_record_here_is_told(fxtop: Run) -> None:
    done(fxtop, "message", "--node", NODE, "--text", "x", "--reason", "before the outage")
    ended = fxtop("journal", "--server", "tls://127.0.0.1:1", "-o", "json")
    assert ended.code == 0
    assert "The agents were not asked" in ended.err
    assert [each["reason"] for each in ended.data] == ["before the outage"]
    assert [each["reason"] for each in fxtop("journal", "--local", "-o", "json").data] == ["before the outage"]


def test_an_agent_that_isnt_there_is_said_to_be_silent(fxtop: Run) -> None:
    ended = fxtop("journal", "--node", "viz99")
    assert ended.code == 0
    assert "The agent of viz99 did not answer" in ended.err


def test_the_journals_are_whole_and_a_change_is_found(fxtop: Run, cluster: Demo, home: Path) -> None:
    done(fxtop, "message", "--node", NODE, "--text", "x", "--reason", "to be kept")
    assert fxtop("journal", "verify").code == 0
    kept = cluster.folder.state / "agents" / NODE
    copy = Path(shutil.copytree(kept, home / "copy")) / "journal.jsonl"
    ended = fxtop("journal", "verify", str(copy), "-o", "json")
    assert ended.code == 0
    (verdict,) = ended.data
    assert verdict["whole"]
    assert verdict["lines"] == verdict["head"]["n"] > 0
    copy.write_bytes(copy.read_bytes().replace(b"to be kept", b"to be sold", 1))
    ended = fxtop("journal", "verify", str(copy))
    assert ended.code == 1
    assert f"{copy}:" in ended.out
    assert "was changed" in ended.out
    assert fxtop("journal", "verify", str(home / "none")).code == 2


def test_nothing_that_is_written_holds_a_secret(fxtop: Run, cluster: Demo, home: Path) -> None:
    seed = cluster.folder.operator_key.read_text().strip()
    token = cluster.folder.token.read_text().strip()
    passphrase = "correct horse battery staple"
    sealed = sealed_with(passphrase, seed, cluster, home)
    assert fxtop("--config", sealed, "drain", NODE, "--reason", f"pasted {seed}, {JWT}", "--yes").code == 0
    done(fxtop, "message", "--node", NODE, "--text", f"is this it: {seed}", "--reason", "x")
    fxtop("drain", "nowhere", "--reason", "x", "--yes")
    done(fxtop, "rebalance", "--reason", "even")
    kept = [*(home / "state").rglob("*"), *cluster.folder.state.rglob("*")]
    written = {path: _content(path) for path in kept if path.is_file()}
    journals = [text for path, text in written.items() if path.name == "journal.jsonl"]
    assert len(journals) >= 2, "the operator's own, and that of an agent at least"
    assert any(b"pasted (seed left out), (JWT left out)" in text for text in journals)
    for path, text in written.items():
        for secret in (token, passphrase, *([seed, JWT] if path.name.startswith("journal") else [])):
            assert secret.encode() not in text, path


JWT = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5LW5rZXkifQ.eyJqdGkiOiJYIiwiaWF0IjoxfQ.c2lnbmF0dXJl"


def sealed_with(passphrase: str, seed: str, cluster: Demo, home: Path) -> str:
    """A configuration with the operator's key sealed, and a command that knows the passphrase."""
    cheap = Cost(argon2id.OPSLIMIT_MIN, argon2id.MEMLIMIT_MIN)
    for name, content in (
        ("sealed.nk", seal(seed.encode(), passphrase.encode(), cheap)),
        ("pass", passphrase.encode()),
    ):
        (home / name).write_bytes(content + b"\n")
        (home / name).chmod(0o600)
    lines = Path(cluster.ready.config).read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("key_file"))
    lines[at : at + 1] = [f"key_file = '{home / 'sealed.nk'}'", f"passphrase_command = ['/bin/cat', '{home / 'pass'}']"]
    (home / "sealed.toml").write_text("\n".join(lines))
    return str(home / "sealed.toml")


def _content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
