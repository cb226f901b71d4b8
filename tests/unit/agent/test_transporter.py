"""Reading a NATS server by its monitoring pages (captured from nats-server 2.15.1)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.collectors.http import Page
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.transporter import NatsMonitor, duration, heartbeat, moment
from fxtop.protocol.transporter import TransporterHeartbeat

SAMPLES = Path(__file__).parent / "samples"
VARZ = (SAMPLES / "varz.json").read_bytes()
ROUTEZ = (SAMPLES / "routez.json").read_bytes()
HEALTHY = Page(200, b'{"status":"ok"}')
LAME = Page(500, b'{"status":"error","error":"failed to be ready for connections after 1ms: server"}')
OTHERWISE_ILL = Page(500, b'{"status":"error","error":"JetStream is not current with the meta leader"}')


def read(varz: bytes = VARZ, routez: bytes = ROUTEZ, healthz: Page = HEALTHY) -> TransporterHeartbeat:
    return heartbeat(Page(200, varz), Page(200, routez), healthz, interval=5.0, own_names=frozenset({"mgr1"}))


def varz(**changes: Any) -> bytes:
    return json.dumps({**json.loads(VARZ), **changes}).encode()


def test_a_captured_server_is_read_whole() -> None:
    beat = read()
    assert (beat.name, beat.version, beat.host, beat.port) == ("fxmgr1", "2.15.1", "127.0.0.1", 14000)
    assert (beat.connections, beat.total_connections, beat.subscriptions) == (3, 4, 243)
    assert (beat.in_msgs, beat.out_msgs, beat.in_bytes, beat.out_bytes) == (708, 1187, 27714, 38669)
    assert (beat.mem, beat.cpu, beat.slow_consumers) == (21311488, 0.01, 0)
    assert (beat.tls_required, beat.jetstream, beat.lame_duck, beat.via) == (True, True, False, "http")
    assert beat.uptime == pytest.approx(5.492, abs=0.001)
    assert beat.cert_expires == datetime(2027, 11, 22, 11, 15, 46, tzinfo=UTC).timestamp()


def test_routes_are_counted_by_peer_with_the_shortest_round_trip() -> None:
    routes = {route.remote_name: route.rtt for route in read().routes}
    assert routes == {"fxmgr2": pytest.approx(80e-6), "fxmgr3": pytest.approx(151e-6)}


def test_a_server_named_in_its_own_routes_is_not_a_peer() -> None:
    assert read().configured_routes == 2


def test_a_server_that_is_configured_by_its_host_name_is_not_a_peer() -> None:
    cluster = {"addr": "0.0.0.0", "cluster_port": 6222, "urls": ["mgr1:6222", "mgr2:6222", "mgr3:6222"]}
    assert read(varz(cluster=cluster)).configured_routes == 2


def test_a_server_outside_any_cluster_has_no_configured_routes() -> None:
    assert read(varz(cluster={})).configured_routes is None


def test_lame_duck_is_told_from_other_illness() -> None:
    assert read(healthz=LAME).lame_duck
    assert not read(healthz=OTHERWISE_ILL).lame_duck


def test_an_older_server_lacks_fields_and_is_read_all_the_same() -> None:
    beat = read(b'{"server_id":"NOLD","version":"2.2.0"}', b"{}")
    assert (beat.server, beat.name, beat.routes, beat.cpu, beat.mem, beat.cert_expires) == (
        "NOLD", "NOLD", [], None, None, None,
    )  # fmt: skip


@pytest.mark.parametrize("page", [b"", b"<html>", b"[]", b"{}", b'{"server_id":7}', b"\xff"])
def test_pages_that_are_not_a_servers_are_an_error_in_words(page: bytes) -> None:
    with pytest.raises(CollectError, match=r"can't be read"):
        read(page)


def test_a_page_that_is_not_there_is_an_error_in_words() -> None:
    with pytest.raises(CollectError, match="404"):
        heartbeat(Page(404, b""), Page(200, ROUTEZ), HEALTHY, interval=5.0, own_names=frozenset())


async def test_a_server_that_does_not_answer_is_an_error_in_words() -> None:
    with pytest.raises(CollectError, match=r"http://127\.0\.0\.1:1 didn't answer"):
        await NatsMonitor("http://127.0.0.1:1").read()


@given(
    st.binary() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_whatever_a_server_says_is_a_reading_or_an_error_in_words(page: bytes) -> None:
    for pages in ((page, ROUTEZ), (VARZ, page)):
        try:
            beat = read(*pages)
        except CollectError:
            continue
        assert beat.server


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("367µs", 367e-6), ("6.379071ms", 6.379071e-3), ("5s", 5.0), ("1h2m3.5s", 3723.5), ("", None), ("soon", None)],
)
def test_durations_are_read_as_go_writes_them(text: str, seconds: float | None) -> None:
    assert duration(text) == (None if seconds is None else pytest.approx(seconds))


def test_a_moment_that_is_none_is_unknown() -> None:
    assert moment("") is None
    assert moment("2026-11-22T11:18:50.959307605Z") == pytest.approx(1795346330.959307)
