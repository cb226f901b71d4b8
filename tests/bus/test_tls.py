"""TLS and logins: what is refused, in which words, and what never leaves this host."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import fxtop.bus.private
from fxtop.bus.connection import NatsBus
from fxtop.bus.port import BusDown, BusPhase
from tests.natskit import WITHIN, Authority, BusPark, PlainServer, Rack, until

SECRET = "tok3n-that-must-not-leave"


async def failure(bus: NatsBus) -> str:
    """What a bus says when all its servers were tried."""
    await until(bus, lambda: bus.status.phase is BusPhase.DOWN)
    assert not bus.status.connected
    return bus.status.last_error or ""


async def test_a_connection_is_encrypted_and_checked(rack: Rack, park: BusPark, authority: Authority) -> None:
    server = await rack.server(token=SECRET, tls=authority.certificate("127.0.0.1"))
    bus = await park.bus(server, token=SECRET, tls=True, ca=authority.file)
    assert bus.status.tls
    assert bus.status.rtt is not None
    await server.kill()
    await until(bus, lambda: not bus.status.connected)
    assert not bus.status.tls


async def test_the_name_to_check_can_be_given(rack: Rack, park: BusPark, authority: Authority) -> None:
    server = await rack.server(tls=authority.certificate("fastx-transporter"))
    bus = await park.bus(server, ca=authority.file, server_name="fastx-transporter")
    assert bus.status.tls


@pytest.mark.parametrize(
    "scheme", [pytest.param("tls", id="demanded by the URL"), pytest.param("nats", id="demanded by the settings")]
)
async def test_a_server_without_tls_gets_nothing_where_tls_was_asked_for(park: BusPark, scheme: str) -> None:
    async with PlainServer() as plain:
        bus = await park.bus(f"{scheme}://{plain.place}", connected=False, token=SECRET, tls=scheme == "nats")
        assert "offers no TLS although TLS was asked for" in await failure(bus)
        await until(bus, lambda: plain.connections > 1)
        await bus.stop()
        assert bytes(plain.received) == b""


async def test_a_login_in_the_url_is_guarded_too_and_never_shown(park: BusPark) -> None:
    async with PlainServer() as plain:
        bus = await park.bus(f"tls://ann:{SECRET}@{plain.place}", connected=False)
        said = await failure(bus)
        await bus.stop()
        assert bytes(plain.received) == b""
    assert SECRET not in said + repr(bus.status)
    assert bus.status.servers == (f"tls://{plain.place}",)


async def test_the_token_stays_here_even_if_the_library_stops_calling_our_first_check(
    park: BusPark, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(fxtop.bus.private.Client, "_connect_command")
    async with PlainServer() as plain:
        bus = await park.bus(f"tls://{plain.place}", connected=False, token=SECRET)
        assert "offers no TLS" in await failure(bus)
        await bus.stop()
        assert SECRET.encode() not in plain.received


async def test_where_encryption_cannot_be_seen_it_counts_as_missing(
    rack: Rack, park: BusPark, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fxtop.bus.private, "_writer", lambda client: None)
    server = await rack.server(token=SECRET, tls=authority.certificate("127.0.0.1"))
    bus = await park.bus(server, connected=False, token=SECRET, ca=authority.file)
    assert "doesn't let fxtop see" in await failure(bus)


async def test_without_a_demand_a_plain_server_is_used(rack: Rack, park: BusPark) -> None:
    server = await rack.server(token=SECRET)
    bus = await park.bus(server, token=SECRET)
    assert not bus.status.tls


async def test_a_wrong_ca_is_said(rack: Rack, park: BusPark, authority: Authority, tmp_path: Path) -> None:
    stranger = Authority.create(tmp_path / "stranger")
    server = await rack.server(tls=authority.certificate("127.0.0.1"))
    said = await failure(await park.bus(server, connected=False, ca=stranger.file))
    assert f"isn't signed by the CA in {stranger.file}" in said


async def test_without_a_ca_the_systems_are_named(rack: Rack, park: BusPark, authority: Authority) -> None:
    server = await rack.server(tls=authority.certificate("127.0.0.1"))
    assert "isn't signed by this system's CAs" in await failure(await park.bus(server, connected=False))


async def test_a_wrong_name_is_said_with_the_expected_one(rack: Rack, park: BusPark, authority: Authority) -> None:
    server = await rack.server(tls=authority.certificate("fastx-transporter"))
    said = await failure(await park.bus(server, connected=False, ca=authority.file))
    assert "isn't for the name '127.0.0.1'" in said
    assert "server_name" in said


async def test_an_expired_certificate_is_said(rack: Rack, park: BusPark, authority: Authority) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    server = await rack.server(tls=authority.certificate("127.0.0.1", expires=yesterday))
    assert "has expired" in await failure(await park.bus(server, connected=False, ca=authority.file))


async def test_a_missing_client_certificate_is_said(rack: Rack, park: BusPark, authority: Authority) -> None:
    leaf = authority.certificate("127.0.0.1")
    block = f'tls {{ cert_file: "{leaf.file}", key_file: "{leaf.key}", ca_file: "{authority.file}", verify: true }}'
    server = await rack.server(extra=block)
    bus = await park.bus(f"tls://127.0.0.1:{server.spec.port}", connected=False, ca=authority.file)
    assert "a client certificate" in await failure(bus)
    with_one = await park.bus(f"tls://127.0.0.1:{server.spec.port}", ca=authority.file, cert=leaf.file, key=leaf.key)
    assert with_one.status.tls


async def test_tls_can_come_first(rack: Rack, park: BusPark, authority: Authority) -> None:
    leaf = authority.certificate("127.0.0.1")
    block = f'tls {{ cert_file: "{leaf.file}", key_file: "{leaf.key}", handshake_first: true }}'
    server = await rack.server(extra=block)
    url = f"tls://127.0.0.1:{server.spec.port}"
    assert (await park.bus(url, ca=authority.file, tls_first=True)).status.tls
    said = await failure(await park.bus(url, connected=False, ca=authority.file, connect_timeout=0.2))
    assert "expects TLS first (tls_first)" in said


async def test_a_ca_file_that_is_none_is_said(park: BusPark, tmp_path: Path) -> None:
    wrong = tmp_path / "ca.pem"
    assert "No such file" in await failure(await park.bus("tls://127.0.0.1:9", connected=False, ca=wrong))
    wrong.write_text("not a certificate")
    said = await failure(await park.bus("tls://127.0.0.1:9", connected=False, ca=wrong))
    assert f"The CA file {wrong} can't be used" in said


async def test_a_wrong_token_is_said_without_the_token(rack: Rack, park: BusPark) -> None:
    server = await rack.server(token="right")
    said = await failure(await park.bus(server, connected=False, token=SECRET))
    assert "refuses the token: it differs from the server's" in said
    assert SECRET not in said


async def test_a_missing_login_is_said(rack: Rack, park: BusPark) -> None:
    server = await rack.server(token="right")
    assert "wants a login and none is configured" in await failure(await park.bus(server, connected=False))


async def test_a_secret_that_cannot_be_read_is_said_and_nothing_is_sent(park: BusPark, tmp_path: Path) -> None:
    def read() -> str:
        return (tmp_path / "missing").read_text()

    async with PlainServer() as plain:
        said = await failure(await park.bus(f"nats://{plain.place}", connected=False, token=read))
        assert f"The secret can't be read from {tmp_path / 'missing'}: No such file or directory" in said
        assert bytes(plain.received) == b""


async def test_user_and_password_are_given(rack: Rack, park: BusPark) -> None:
    server = await rack.server(extra='authorization { users: [ { user: ann, password: "pw" } ] }')
    assert (await park.bus(server, user=lambda: "ann", password=lambda: "pw")).status.connected
    assert (await park.bus(f"nats://ann:pw@127.0.0.1:{server.spec.port}")).status.connected
    said = await failure(await park.bus(server, connected=False, user=lambda: "ann", password=lambda: "no"))
    assert "refuses this user and password" in said


async def test_a_name_that_does_not_resolve_is_said(park: BusPark) -> None:
    said = await failure(await park.bus("nats://nowhere.invalid:4222", connected=False))
    assert "The name nowhere.invalid can't be resolved" in said


async def test_something_that_is_no_nats_server_is_said(park: BusPark) -> None:
    async with PlainServer(b"220 mail.example.edu ESMTP\r\n") as mail:
        said = await failure(await park.bus(f"nats://{mail.place}", connected=False))
        assert "is it a NATS server?" in said


async def test_waiting_for_a_connection_ends_with_the_cause(rack: Rack, park: BusPark) -> None:
    server = await rack.server(token="right")
    bus = await park.bus(server, connected=False, token=SECRET)
    await failure(bus)
    with pytest.raises(BusDown, match=r"There is no connection to the bus\. .* refuses the token"):
        await bus.wait_connected(0.01)


async def test_a_frozen_server_under_tls_does_not_hold_the_bus_up(
    rack: Rack, park: BusPark, authority: Authority
) -> None:
    server = await rack.server(tls=authority.certificate("127.0.0.1"))
    bus = await park.bus(server, ca=authority.file, ping_interval=0.1, connect_timeout=0.2)
    server.freeze()
    await until(bus, lambda: bus.status.phase is BusPhase.DOWN)
    server.thaw()
    await bus.wait_connected(WITHIN)
