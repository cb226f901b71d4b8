"""The doctor against real nats-servers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fxtop.clock import Clock, SystemClock
from fxtop.cluster.records import Severity
from fxtop.doctor.finding import Finding, Outcome
from fxtop.doctor.gather.bus import ask_bus
from fxtop.doctor.gather.reach import Port, try_ports
from tests.natskit import CLUSTER, Authority, BusPark, PlainServer, Rack

USERS = """
authorization { users = [
  { user: all, password: pw }
  { user: viewer, password: pw, permissions {
      publish: ["$SYS.REQ.USER.INFO", "fxtop.test.sync", "fxtop.test.history"],
      subscribe: ["fxtop.test.>", "_INBOX.>"] } }
] }
"""


@dataclass
class OffClock:
    """The system's clock, wrong by some seconds."""

    off: float
    clock: Clock

    def monotonic(self) -> float:
        return self.clock.monotonic()

    def now(self) -> float:
        return self.clock.now() + self.off


@pytest.fixture
async def rack(tmp_path: Path) -> AsyncIterator[Rack]:
    async with Rack(tmp_path) as rack:
        yield rack


def told(outcomes: list[Outcome]) -> dict[str, Finding]:
    return {found.kind: found for found in outcomes if isinstance(found, Finding)}


async def asked(park: BusPark, rack: Rack, user: str, off: float = 0.0) -> dict[str, Finding]:
    server = await rack.server(extra=USERS)
    bus = await park.bus(server, user=lambda: user, password=lambda: "pw")
    return told(await ask_bus(bus, OffClock(off, SystemClock()), CLUSTER))


@pytest.fixture
async def park() -> AsyncIterator[BusPark]:
    park = BusPark()
    yield park
    await park.close()


async def test_a_login_that_may_do_all_meets_nothing(rack: Rack, park: BusPark) -> None:
    assert await asked(park, rack, "all") == {}


async def test_a_viewer_is_told_what_it_cannot_send(rack: Rack, park: BusPark) -> None:
    found = await asked(park, rack, "viewer")
    assert found["bus-permissions"].text == "this login can't send drain, resume, terminate and 4 more"
    assert found["bus-permissions"].severity is Severity.INFO


async def test_a_clock_that_is_wrong_is_measured_against_the_server(rack: Rack, park: BusPark) -> None:
    found = await asked(park, rack, "all", off=-90.0)
    assert found["clock-skew"].text.startswith("the clock of this machine is 90 s behind that of n1")


async def test_a_login_that_is_refused_is_told_in_the_bus_own_words(rack: Rack, park: BusPark) -> None:
    server = await rack.server(token="right")
    bus = await park.bus(server, connected=False, token="PLANTED-SECRET")
    found = told(await ask_bus(bus, SystemClock(), CLUSTER))
    assert "PLANTED" not in repr(found)
    assert found["bus-down"].severity is Severity.CRIT


async def problem(host: str, port: int, ca: Path | None = None, *, tls: bool = False) -> str:
    (reached,) = await try_ports([Port("transporter", host, port, tls)], ca)
    return reached.problem


async def test_a_transporter_without_tls_is_reached(rack: Rack) -> None:
    server = await rack.server(token="t")
    assert await problem("127.0.0.1", server.spec.port) == ""
    assert await problem("127.0.0.1", server.spec.port, tls=True) == "protocol"


async def test_a_transporters_certificate_is_judged_as_a_client_would(rack: Rack, tmp_path: Path) -> None:
    authority = Authority.create(tmp_path / "ca")
    other = Authority.create(tmp_path / "other")
    server = await rack.server(tls=authority.certificate("n1", "localhost"))
    port = server.spec.port
    assert await problem("localhost", port, authority.file) == ""
    assert await problem("127.0.0.1", port, authority.file) == "name"
    assert await problem("localhost", port, other.file) == "untrusted"


async def test_something_else_behind_the_port_is_told_from_a_transporter() -> None:
    async with PlainServer(b"HTTP/1.1 400 Bad Request\r\n") as server:
        host, _, port = server.place.partition(":")
        assert await problem(host, int(port)) == "protocol"
        assert not server.received


async def test_a_certificate_that_is_over_is_told_from_one_that_is_not_trusted(rack: Rack, tmp_path: Path) -> None:
    authority = Authority.create(tmp_path / "ca")
    over = datetime.fromtimestamp(SystemClock().now() - 3600, UTC)
    server = await rack.server(tls=authority.certificate("localhost", expires=over))
    assert await problem("localhost", server.spec.port, authority.file) == "expired"


async def test_a_route_needs_an_open_port_alone() -> None:
    async with PlainServer(b"") as server:
        host, _, port = server.place.partition(":")
        (reached,) = await try_ports([Port("route", host, int(port))])
        assert reached.problem == ""
