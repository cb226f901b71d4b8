"""What an operator gets for what is wrong around him: one sentence that says what to do, and an exit code."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from fxtop.__main__ import main
from tests.natskit import Authority, PlainServer, Rack

TOKEN = "s3cret-of-the-bus"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Awaitable[Ended]]


@pytest.fixture
def fxtop(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs command lines of somebody with a token file and no other settings, who seems to sit at a terminal."""
    for name in [name for name in os.environ if name.startswith(("FXTOP_", "NATS_", "FX_"))]:
        monkeypatch.delenv(name)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "FX_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setattr("fxtop.cli.console.require_terminal", lambda: None)
    monkeypatch.setattr("fxtop.cli.joined.FIRST_WITHIN", 0.05)
    secret = tmp_path / "token"
    secret.write_text(TOKEN)
    secret.chmod(0o600)

    async def run(*line: str) -> Ended:
        capsys.readouterr()
        code = await asyncio.to_thread(main, ["--token-file", str(secret), *line])
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        assert TOKEN not in said.out + said.err
        return Ended(code, said.out, said.err)

    return run


def assert_refused(ended: Ended, code: int, pattern: str) -> None:
    """One sentence, no data."""
    assert ended.code == code
    assert ended.out == ""
    assert ended.err.startswith("fxtop: ")
    assert re.search(pattern, ended.err)
    assert ended.err.endswith(".\n")


async def test_no_server(fxtop: Run, rack: Rack) -> None:
    server = await rack.server()
    await server.kill()
    ended = await fxtop("get", "nodes", "--server", server.url)
    assert_refused(ended, 5, rf"Nothing listens on 127\.0\.0\.1:{server.spec.port} .*: start nats-server there")


async def test_a_server_without_tls_is_not_given_the_token(fxtop: Run) -> None:
    async with PlainServer() as server:
        ended = await fxtop("get", "nodes", "--server", f"tls://{server.place}")
        assert_refused(ended, 5, r"TLS")
        assert TOKEN.encode() not in server.received


async def test_another_token(fxtop: Run, rack: Rack) -> None:
    server = await rack.server(token="another")
    assert_refused(await fxtop("get", "nodes", "--server", server.url), 5, "refuses the token.*Compare the token file")


async def test_another_ca(fxtop: Run, rack: Rack, authority: Authority, tmp_path: Path) -> None:
    server = await rack.server(token=TOKEN, tls=authority.certificate("127.0.0.1"))
    other = Authority.create(tmp_path / "other")
    ended = await fxtop("get", "nodes", "--server", server.url, "--ca", str(other.file))
    assert_refused(ended, 5, r"isn't signed by the CA in .*: set ca")


async def test_a_ca_file_that_is_not_there(fxtop: Run, rack: Rack, tmp_path: Path) -> None:
    ended = await fxtop("get", "nodes", "--server", "tls://127.0.0.1:1", "--ca", str(tmp_path / "none.pem"))
    assert_refused(ended, 5, r"The CA file .*none\.pem .*: set ca")


async def test_nobody_on_the_bus(fxtop: Run, rack: Rack) -> None:
    server = await rack.server(token=TOKEN)
    ended = await fxtop("get", "nodes", "--server", server.url, "-o", "json")
    assert (ended.code, ended.out) == (0, "[]\n")
    assert "Nobody answered on cluster fastx: no agent is running there" in ended.err
    acting = await fxtop("drain", "viz07", "--server", server.url, "--reason", "x", "--yes")
    assert_refused(acting, 3, "Nobody answered on cluster fastx, so nothing is known of a node 'viz07': no agent is")


@pytest.mark.parametrize("command", [(), ("wall",), ("get", "nodes"), ("drain", "viz07", "--reason", "x")])
async def test_a_broken_line_of_the_configuration(fxtop: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('cluster = "prod"\n[ui]\nrate = "fast"\n')
    assert_refused(await fxtop(*command, "--config", str(config)), 2, r"config\.toml, line 3: 'rate' .* a number")


@pytest.mark.parametrize("command", [(), ("wall",), ("get", "nodes"), ("drain", "viz07", "--reason", "x")])
@pytest.mark.parametrize(
    ("content", "mode", "pattern"),
    [
        (None, 0, r"isn't there: check the name"),
        (TOKEN, 0o644, r"can be used by others \(mode 0644\): run `chmod 600"),
        ("", 0o600, r"holds no token: put the token alone into it"),
    ],
)
async def test_a_token_file_that_cannot_be_used(
    fxtop: Run, tmp_path: Path, command: tuple[str, ...], content: str | None, mode: int, pattern: str
) -> None:
    file = tmp_path / "other-token"
    if content is not None:
        file.write_text(content)
        file.chmod(mode)
    assert_refused(await fxtop(*command, "--token-file", str(file)), 2, pattern)


@pytest.mark.parametrize("command", [(), ("wall",)])
async def test_a_theme_that_cannot_be_used(fxtop: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    own = tmp_path / "XDG_CONFIG_HOME" / "fxtop" / "themes" / "mine.toml"
    own.parent.mkdir(parents=True)
    own.write_text('[colors]\nbackground = "#000000"\n')
    assert_refused(await fxtop(*command, "--theme", "mine"), 2, r"mine\.toml lacks the colours .*: add them")
    assert_refused(await fxtop(*command, "--theme", "drak"), 2, "There is no theme 'drak'.*dark")
