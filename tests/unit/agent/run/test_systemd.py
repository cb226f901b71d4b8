"""Living under systemd: readiness, watchdog, log, unit."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fxtop.agent.run.logs import JsonLines, TextLines
from fxtop.agent.run.notify import Notify
from fxtop.agent.run.unit import unit

START = ["/opt/fxtop/bin/fxtop", "agent", "run"]


class Systemd:
    """The socket on which systemd listens."""

    def __init__(self, address: str) -> None:
        self.line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.line.setblocking(False)
        self.line.bind(address)

    def heard(self) -> list[str]:
        try:
            return self.line.recv(4096).decode().split("\n")
        except BlockingIOError:
            return []


@pytest.fixture
def systemd(tmp_path: Path) -> Systemd:
    return Systemd(str(tmp_path / "notify"))


def test_it_says_when_it_is_up_reloads_and_ends(systemd: Systemd, tmp_path: Path) -> None:
    notify = Notify({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    notify.ready("viz07 in cluster fastx")
    assert systemd.heard() == ["READY=1", "STATUS=viz07 in cluster fastx"]
    notify.reloading()
    assert systemd.heard()[0] == "RELOADING=1"
    notify.stopping()
    assert systemd.heard() == ["STOPPING=1"]


def test_an_abstract_socket_is_reached() -> None:
    name = f"fxtop-test-{os.getpid()}"
    systemd = Systemd("\0" + name)
    Notify({"NOTIFY_SOCKET": f"@{name}"}).stopping()
    assert systemd.heard() == ["STOPPING=1"]


def test_without_systemd_nothing_is_said() -> None:
    Notify({}).ready("x")


def test_a_socket_that_is_gone_is_logged_and_not_fatal(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    Notify({"NOTIFY_SOCKET": str(tmp_path / "gone")}).ready("x")
    assert "systemd could not be told READY=1: No such file or directory" in caplog.text


async def test_the_watchdog_hears_from_the_event_loop(systemd: Systemd, tmp_path: Path) -> None:
    notify = Notify({"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": "20000"})
    assert notify.watchdog == 0.02
    alive = asyncio.create_task(notify.keep_alive())
    for _ in range(3):
        assert await asyncio.get_running_loop().sock_recv(systemd.line, 100) == b"WATCHDOG=1"
    alive.cancel()


@pytest.mark.parametrize(
    "env", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}]
)
async def test_no_watchdog_or_another_processs_is_none(env: dict[str, str]) -> None:
    notify = Notify({"NOTIFY_SOCKET": "/nowhere", **env})
    assert notify.watchdog is None
    await notify.keep_alive()


def record(message: str, level: int = logging.WARNING, fault: bool = False) -> logging.LogRecord:
    made = logging.LogRecord("fxtop.agent", level, "f", 1, "%s", (message,), None)
    made.created = 1_800_000_000.0
    if fault:
        try:
            raise ValueError("a\x1bb")
        except ValueError:
            made.exc_info = sys.exc_info()
    return made


def test_a_line_for_people_has_the_time_and_cannot_act_on_a_terminal() -> None:
    line = TextLines(journal=False).format(record("bad\x1b[31m\nnews"))
    assert line == "2027-01-15T08:00:00.000+00:00 WARNING fxtop.agent: bad·[31m·news"


def test_a_line_for_the_journal_has_its_priority_on_each_line() -> None:
    text = TextLines(journal=True).format(record("it failed", logging.ERROR, fault=True))
    assert all(line.startswith("<3>") for line in text.splitlines())
    assert "ValueError: a·b" in text


def test_a_json_line_is_one_object() -> None:
    told = json.loads(JsonLines().format(record("bad\nnews", fault=True)))
    assert told["ts"] == "2027-01-15T08:00:00.000+00:00"
    assert (told["level"], told["logger"], told["message"]) == ("warning", "fxtop.agent", "bad\nnews")
    assert "ValueError" in told["exception"]


def settings_of(text: str) -> dict[str, str]:
    lines = (line for line in text.splitlines() if line and not line.startswith(("#", "[")))
    return dict(line.split("=", 1) for line in lines)


def test_the_unit_is_watched_reloaded_and_restarted() -> None:
    told = settings_of(unit(START))
    assert told["Type"] == "notify"
    assert told["ExecStart"] == "/opt/fxtop/bin/fxtop agent run"
    assert told["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert int(told["WatchdogSec"]) > 0
    assert told["Restart"] == "on-failure"


def test_the_unit_leaves_the_agent_what_its_work_takes() -> None:
    told = settings_of(unit(START))
    assert {"CAP_SYS_PTRACE", "CAP_KILL", "CAP_DAC_READ_SEARCH"} <= set(told["CapabilityBoundingSet"].split())
    assert (told["ProtectProc"], told["ProcSubset"], told["PrivateTmp"]) == ("default", "all", "no")
    assert told["ProtectHome"] == "read-only"
    assert "PrivateUsers" not in told
    assert "AF_UNIX" in told["RestrictAddressFamilies"]


def test_a_path_with_a_blank_or_a_percent_sign_survives_systemds_reading() -> None:
    told = settings_of(unit(["/opt/my fxtop/bin/fxtop", "agent", "run", "--config", "/etc/100%.toml"]))
    assert told["ExecStart"] == "'/opt/my fxtop/bin/fxtop' agent run --config /etc/100%%.toml"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_systemd_itself_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    file = tmp_path / "fxtop-agent.service"
    file.write_text(unit([sys.executable, "-m", "fxtop", "agent", "run"]))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
