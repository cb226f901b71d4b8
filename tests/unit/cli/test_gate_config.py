"""``fxtop gate-config``: what is printed, and what never is."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from fxtop.__main__ import main
from fxtop.cli.exits import Exit


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nothing in it."""
    for name in [name for name in os.environ if name.startswith(("FXTOP_", "NATS_", "FX_"))]:
        monkeypatch.delenv(name)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "FX_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *line: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["gate-config", *line])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_without_options_it_stands_beside_fastx_and_asks_the_environment_for_secrets(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, err = run(capsys)
    assert (code, err) == (Exit.DONE, "")
    assert "port: 4223" in out
    assert "no_advertise: true" in out
    assert '"fxtop.fastx.ctl.node.>"' in out
    assert "$FXTOP_GATE_ROUTE_1  # nats-route://ruser:PASSWORD@127.0.0.1:6222" in out
    asked_for = set(re.findall(r"\$(FXTOP_GATE_\w+)", out))
    assert asked_for == set(re.findall(r"^#   (FXTOP_GATE_\w+)$", out, re.MULTILINE))
    assert not re.search(r"password: (?!\$FXTOP_GATE_)", out)
    assert not Path("home").exists()


def test_cluster_and_routes_come_from_the_settings(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = home / "config.toml"
    config.write_text('[clusters.prod]\nservers = ["tls://mgr1:4222", "tls://[2001:db8::1]:4222", "tls://mgr1:4333"]\n')
    _, out, _ = run(capsys, "--config", str(config))
    assert '"fxtop.prod.sync"' in out
    assert re.findall(r"PASSWORD@(\S+:6222)", out) == ["mgr1:6222", "[2001:db8::1]:6222"]


def test_every_line_of_the_configuration_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "--system-user", "sysmon", "--moleculer", "--route-ca", "/ca.pem")
    grants = [line for line in out.splitlines() if re.match(r'\s+"', line)]
    assert grants
    assert all(" # " in line for line in grants)
    lines = out.splitlines()
    for at, line in enumerate(lines):
        if re.match(r"(server_name|port|http|tls|accounts|authorization|cluster|no_advertise)\b", line.strip()):
            assert lines[at - 1].strip().startswith("#"), line


def test_secrets_go_into_a_new_private_file_and_nowhere_else(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "routes").write_text("hush hush/\n")
    line = ("--secrets", "gate-secrets.conf", "--route-password-file", "routes", "--system-user", "sysmon")
    code, out, err = run(capsys, *line, "--route", "mgr1")
    assert code == Exit.DONE
    assert 'include "gate-secrets.conf"' in out
    made = home / "gate-secrets.conf"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    passwords = re.findall(
        r'^FXTOP_GATE_(AGENT|MANAGER|OPERATOR|VIEWER|SYSTEM)_PASSWORD: "(.{32})"$', made.read_text(), re.M
    )
    assert len({password for _, password in passwords}) == 5
    assert 'FXTOP_GATE_ROUTE_PASSWORD: "hush hush/"' in made.read_text()
    assert 'FXTOP_GATE_ROUTE_1: "nats-route://ruser:hush%20hush%2F@mgr1:6222"' in made.read_text()
    for _, password in passwords:
        assert password not in out + err
    assert "hush" not in out + err


def test_a_file_that_is_there_is_left_alone(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "s.conf").write_text("in use")
    code, out, err = run(capsys, "--secrets", "s.conf")
    assert (code, out) == (Exit.USAGE, "")
    assert "is there already" in err
    assert (home / "s.conf").read_text() == "in use"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (("--route", "u:p@h"), "no address of a server"),
        (("--viewer-user", "a b"), "can't be a name"),
        (("--port", "0"), "no port"),
        (("--route-password-file", "x"), "--secrets"),
        (("--secrets", "s", "--route-password-file", "nothing"), "can't be read"),
        (("--secrets", "no/where/s"), "can't be written"),
    ],
)
def test_a_mistake_is_a_sentence_and_prints_no_configuration(
    capsys: pytest.CaptureFixture[str], line: tuple[str, ...], sentence: str
) -> None:
    code, out, err = run(capsys, *line)
    assert (code, out) == (Exit.USAGE, "")
    assert sentence in err
