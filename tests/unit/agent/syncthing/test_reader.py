"""Following shared data by the API: recorded answers behind a real HTTP port, in clear and with syncthing's own TLS."""

from __future__ import annotations

import json
import logging
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from fxtop.agent.collectors.site import MOUNTS
from fxtop.agent.syncthing.access import CERTIFICATE
from fxtop.agent.syncthing.reader import SEARCH_EVERY, SyncthingApi, SyncthingReader
from fxtop.protocol.encode import encode
from fxtop.protocol.ids import ManagerId
from fxtop.protocol.share import StoreHeartbeat
from tests.unit.agent.kit import SetClock

SAMPLES = Path(__file__).parent / "samples"
KEY = "k3y-of-nobody"
MANAGER = ManagerId("mgr1")


@dataclass
class Recorded:
    """An API that answers what was recorded, to whoever has the key."""

    sample: str
    var: Path
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str, key: str | None) -> tuple[int, bytes]:
        self.asked.append(path)
        if key != KEY:
            return 403, b"CSRF Error\n"
        text = (SAMPLES / f"{self.sample}.json").read_text().replace("/var/fastx", str(self.var))
        page = json.loads(text)[path]
        body = page["body"]
        return page["status"], (body if isinstance(body, str) else json.dumps(body)).encode()


@contextmanager
def serving(recorded: Recorded, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """``host:port`` where ``recorded`` is served."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, body = recorded.answer(self.path, self.headers.get("X-API-Key"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def var(tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    folder.mkdir()
    return folder


def home(folder: Path, place: str, *, tls: bool = False, key: str = KEY) -> Path:
    """syncthing's config.xml."""
    path = folder / "config.xml"
    gui = f'<gui enabled="true" tls="{str(tls).lower()}"><address>{place}</address><apikey>{key}</apikey></gui>'
    path.write_text(f"<configuration>{gui}</configuration>")
    return path


async def read(config: Path, var: Path, clock: SetClock | None = None) -> StoreHeartbeat:
    return await SyncthingReader(MANAGER, var, SyncthingApi(config), clock or SetClock()).read()


async def test_shared_data_is_told_with_its_peers_and_its_conflicts(tmp_path: Path, var: Path) -> None:
    (var / "ann.sync-conflict-20261122-175229-YGQLMNF").touch()
    with serving(Recorded("in-sync", var)) as place:
        beat = await read(home(tmp_path, place), var)
    assert (beat.manager, beat.path, beat.kind, beat.state) == ("mgr1", str(var), "syncthing", "idle")
    assert [(peer.name, peer.connected) for peer in beat.peers] == [("mgr2", True)]
    assert (beat.need_bytes, beat.errors, beat.conflicts, beat.note) == (0, 0, 1, None)
    assert beat.examples == ["ann.sync-conflict-20261122-175229-YGQLMNF"]
    assert beat.total and beat.fstype
    assert encode(beat)


async def test_a_key_that_is_refused_leaves_nothing_but_a_note(tmp_path: Path, var: Path) -> None:
    with serving(Recorded("in-sync", var)) as place:
        beat = await read(home(tmp_path, place, key="another-k3y"), var)
    assert (beat.kind, beat.peers, beat.need_bytes, beat.errors, beat.state) == ("syncthing", [], None, None, None)
    assert beat.note is not None
    assert "doesn't take the API key" in beat.note
    assert "k3y" not in beat.note


async def test_an_api_that_does_not_answer_is_told_with_what_the_disk_says(
    tmp_path: Path, var: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        beat = await read(home(tmp_path, "127.0.0.1:1"), var)
    assert beat.note is not None
    assert "http://127.0.0.1:1 didn't answer" in beat.note
    assert (beat.conflicts, beat.need_bytes) == (0, None)
    assert beat.total
    assert KEY not in caplog.text + beat.note


@pytest.mark.parametrize("known", [True, False], ids=["its-own", "a-stranger"])
async def test_the_api_is_trusted_by_its_own_certificate_alone(tmp_path: Path, var: Path, known: bool) -> None:
    """syncthing signs one for its host's name, and is asked by its address."""
    ca = trustme.CA()
    server = ca.issue_cert("mgr1")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.configure_cert(context)
    shown = server if known else ca.issue_cert("mgr1")
    shown.cert_chain_pems[0].write_to_path(tmp_path / CERTIFICATE)
    recorded = Recorded("in-sync", var)
    with serving(recorded, context) as place:
        beat = await read(home(tmp_path, place, tls=True), var)
    assert (beat.state, bool(recorded.asked)) == (("idle", True) if known else (None, False))


async def test_a_search_for_conflicts_is_not_made_at_each_reading(tmp_path: Path, var: Path) -> None:
    clock = SetClock()
    with serving(Recorded("in-sync", var)) as place:
        reader = SyncthingReader(MANAGER, var, SyncthingApi(home(tmp_path, place)), clock)
        assert (await reader.read()).conflicts == 0
        (var / "bob.sync-conflict-1").touch()
        assert (await reader.read()).conflicts == 0
        clock.move(SEARCH_EVERY)
        assert (await reader.read()).conflicts == 1


async def test_data_that_is_not_there_is_a_note(tmp_path: Path) -> None:
    assert MOUNTS.exists()
    beat = await read(home(tmp_path, "127.0.0.1:1"), tmp_path / "none")
    assert (beat.total, beat.conflicts) == (None, None)
    assert beat.note is not None
    assert beat.note.count("No such file") == 2
