from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from fxtop.clock import SystemClock
from fxtop.config.load import load
from fxtop.demo.cluster import DemoCluster, node_names
from fxtop.demo.errors import DemoError
from fxtop.demo.folder import Folder
from fxtop.demo.options import Options
from fxtop.demo.run import demo
from fxtop.demo.scenario import SCENARIOS, Scene, play
from fxtop.demo.server_config import Secrets
from fxtop.demo.servers import Servers

SMALL = Options(nodes=4, sessions=12)
GONE_WITHIN = 30.0


@contextmanager
def running(*flags: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, object], list[psutil.Process]]]:
    """``fxtop demo --no-console`` with its first line, and all processes that it has made."""
    line = [sys.executable, "-m", "fxtop", "demo", "--no-console", "--nodes", "3", "--sessions", "6", *flags]
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        try:
            ready = json.loads(parent.stdout.readline())
            yield parent, ready, psutil.Process(parent.pid).children(recursive=True)
        finally:
            parent.kill()


def assert_nothing_is_left(ready: dict[str, object], processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=GONE_WITHIN)
    assert alive == []
    assert not Path(str(ready["config"])).parent.exists()


def site_of(processes: list[psutil.Process]) -> psutil.Process:
    return next(process for process in processes if "fxtop.demo.site" in process.cmdline())


def test_it_says_in_one_line_where_it_is() -> None:
    with running() as (_, ready, processes):
        assert ready.keys() == {"servers", "config", "cluster"}
        settings = load({"config": str(ready["config"])}, {})
        assert list(settings.servers) == ready["servers"]
        assert settings.slug == ready["cluster"]
        assert settings.badge == "DEMO"
        assert len(processes) == 4
        folder = Path(str(ready["config"])).parent
        assert folder.stat().st_mode & 0o777 == 0o700
        secrets = [settings.key_file, folder / "transporter.token", folder / "config.toml"]
        assert all(file.stat().st_mode & 0o777 == 0o600 for file in secrets)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_it_leaves_nothing_behind(how: signal.Signals) -> None:
    with running() as (parent, ready, processes):
        parent.send_signal(how)
        assert parent.wait(GONE_WITHIN) == 0
        assert_nothing_is_left(ready, processes)


def test_killed_it_leaves_nothing_behind() -> None:
    with running() as (parent, ready, processes):
        parent.kill()
        assert_nothing_is_left(ready, processes)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell a server of its parent's death")
def test_when_its_child_is_killed_it_says_so_and_leaves_nothing_behind() -> None:
    with running() as (parent, ready, processes):
        site_of(processes).kill()
        assert parent.wait(GONE_WITHIN) == 1
        assert_nothing_is_left(ready, processes)
        assert parent.stderr is not None
        said = parent.stderr.read()
        assert "ended by itself" in said
        assert "Traceback" not in said


def test_a_story_is_told_while_it_happens() -> None:
    with running("--scenario", "incident", "--speed", "200") as (parent, _, _):
        assert parent.stderr is not None
        assert "--config" in parent.stderr.readline()
        told = [parent.stderr.readline() for _ in SCENARIOS["incident"]]
        assert all(scene.what in line for scene, line in zip(SCENARIOS["incident"], told, strict=True))


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("echo 'it is broken' >&2; exit 3", "could not start. Its last words: it is broken"),
        ("""echo '{"type":"failed","why":"There is no room."}'; exit 1""", "There is no room."),
        ("exit 0", "could not start"),
    ],
)
def test_a_child_that_cannot_start_is_a_sentence(
    script: str, sentence: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    child = tmp_path / "python"
    child.write_text(f"#!/bin/sh\n{script}\n")
    child.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(child))
    with pytest.raises(DemoError, match=re.escape(sentence)), demo(SMALL):
        pass
    assert list(tmp_path.iterdir()) == [child]


async def test_a_server_that_does_not_start_is_told_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "nats-server"
    broken.write_text("#!/bin/sh\necho '[1] [FTL] no such thing' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr("fxtop.demo.servers.nats_server", lambda: broken)
    with pytest.raises(DemoError, match=r"manager1 did not start: .*no such thing"):
        await Servers(Folder(tmp_path), Secrets("token", "password")).start()


@pytest.fixture
def folder() -> Iterator[Folder]:
    """The demo's folder."""
    made = Folder.make()
    yield made
    made.remove()


@pytest.fixture
async def cluster(folder: Folder) -> AsyncIterator[DemoCluster]:
    """A demo in this very process."""
    made = DemoCluster(folder, SMALL, SystemClock())
    try:
        await made.start()
        yield made
    finally:
        await made.stop()


async def test_every_node_has_an_agent_and_every_manager_watches_a_server(cluster: DemoCluster) -> None:
    assert tuple(cluster.agents) == node_names(SMALL.nodes)
    assert len(cluster.managers) == len(cluster.servers.all) == 3
    assert len(cluster.world.sessions) <= SMALL.sessions
    assert all("manager" in cluster.agents[node].identity.roles for node in cluster.managers)


async def test_its_servers_want_tls_and_a_login_and_are_one_cluster(cluster: DemoCluster) -> None:
    port = cluster.servers.all[0].spec.ports.clients
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    greeting = json.loads((await reader.readline()).removeprefix(b"INFO "))
    writer.close()
    assert greeting["tls_required"]
    assert greeting["auth_required"]
    assert greeting["cluster"] == "fastx"


async def test_a_killed_server_comes_back_at_its_address(cluster: DemoCluster) -> None:
    server = cluster.servers.all[-1]
    await server.kill()
    assert not server.running
    await server.start()
    assert server.running


async def test_the_incident_is_all_there(cluster: DemoCluster) -> None:
    told: list[Scene] = []
    await play(SCENARIOS["incident"], cluster, speed=1000, tell=told.append)
    assert told == list(SCENARIOS["incident"])
    states = [session.state for session in cluster.world.sessions]
    assert "ghost" in states
    assert cluster.world.licenses.free == 0
    reasons = [session.pending.reason for session in cluster.world.sessions if session.pending]
    assert "ReqNodeNotAvail, reserved for maintenance" in reasons
    assert all(server.running for server in cluster.servers.all)


async def test_a_watch_outlives_the_bus_and_says_so(cluster: DemoCluster, folder: Folder) -> None:
    line = [sys.executable, "-m", "fxtop", "--config", str(folder.config), "get", "nodes", "--watch", "-o", "json"]
    env = {**os.environ, "XDG_STATE_HOME": str(folder.state)}
    watch = await asyncio.create_subprocess_exec(*line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    assert watch.stdout is not None
    assert watch.stderr is not None
    assert len(json.loads(await watch.stdout.readline())) == SMALL.nodes
    for server in cluster.servers.all:
        await server.kill()
    assert b"The bus is" in await watch.stderr.readline()
    for server in cluster.servers.all:
        await server.start()
    while b"connected again" not in (said := await watch.stderr.readline()):
        assert b"The bus is" in said
    watch.send_signal(signal.SIGINT)
    assert await watch.wait() == 0
