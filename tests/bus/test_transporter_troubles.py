"""What befalls a real nats-server, from its monitoring by way of the agent's words to the console's findings."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from fxtop.agent.collectors.transporter import NatsMonitor
from fxtop.agent.transporter.ways import Way, Ways
from fxtop.clock import SystemClock
from fxtop.cluster.findings import findings
from fxtop.cluster.records import Finding
from fxtop.cluster.store import Store
from fxtop.protocol.encode import encode
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.subjects import build
from fxtop.protocol.transporter import TransporterHeartbeat
from fxtop.views.columns_transporters import TRANSPORTER_COLUMNS
from tests.natskit import CLUSTER, WITHIN, Authority, NatsServer, Rack, RawClient, free_port
from tests.unit.views.make import LOOK


@dataclass
class Console:
    """A console that hears what an agent beside one server says of it."""

    server: NatsServer
    collector: Ways

    def __post_init__(self) -> None:
        self.clock = SystemClock()
        self.store = Store(CLUSTER, self.clock)
        self._seq = 0

    async def look(self) -> dict[str, Finding]:
        """What is found after one more heartbeat."""
        beat = await self.collector.read()
        assert isinstance(beat, TransporterHeartbeat)
        self._seq += 1
        sent = msgspec.structs.replace(beat, ts=self.clock.now(), boot="b", seq=self._seq)
        subject = build(CLUSTER, "hb.transporter", beat.server)
        self.store.fold([Inbound(subject, encode(sent), self.clock.monotonic(), False)])
        self.store.advance()
        assert not self.store.intake.rejected
        return {each.kind: each for each in findings(self.store)}

    async def until(self, kind: str, *, there: bool = True) -> Finding | None:
        """The finding of that kind once it is there, or gone."""
        async with asyncio.timeout(WITHIN):
            while (kind in (found := await self.look())) != there:
                continue
        return found.get(kind)

    def cell(self, column: str) -> str:
        """What stands in a column."""
        (row,) = self.store.transporters.values()
        return next(each for each in TRANSPORTER_COLUMNS if each.id == column).cell(row, self.store, LOOK).text


async def console(rack: Rack, folder: Path, **spec: Any) -> Console:
    port = free_port()
    extra = f'http: "127.0.0.1:{port}"\nlame_duck_duration: "60s"\nlame_duck_grace_period: "1s"'
    server = await rack.server("fxmgr1", extra=extra, **spec)
    way = Way("HTTP monitoring", NatsMonitor(f"http://127.0.0.1:{port}", interval=0.2))
    return Console(server, Ways([way], limit=5.0, config=folder / "fxmgr1.conf", interval=0.2))


async def test_a_server_in_order_is_no_finding(rack: Rack, tmp_path: Path) -> None:
    seen = await console(rack, tmp_path)
    assert await seen.look() == {}
    assert (seen.cell("routes"), seen.cell("lame_duck"), seen.cell("via")) == ("0/–", "no", "http")


async def test_a_server_that_is_told_to_leave_is_found_leaving(rack: Rack, tmp_path: Path) -> None:
    seen = await console(rack, tmp_path)
    client = await RawClient.connect(seen.server)
    await seen.look()
    await seen.server.lame_duck()
    found = await seen.until("lame-duck")
    assert found is not None
    assert found.subject == "fxmgr1"
    assert seen.cell("lame_duck") == "yes"
    await client.close()


async def test_a_configuration_that_was_changed_is_found_until_it_is_read(rack: Rack, tmp_path: Path) -> None:
    seen = await console(rack, tmp_path)
    file = tmp_path / "fxmgr1.conf"
    assert "config-unloaded" not in await seen.look()
    ahead = datetime.now(UTC).timestamp() + 3.0
    os.utime(file, (ahead, ahead))
    assert "config-unloaded" in await seen.look()
    os.utime(file)
    await seen.server.reload()
    assert "config-unloaded" not in await seen.look()


async def test_a_configuration_with_a_fault_stays_found_when_it_is_to_be_read(rack: Rack, tmp_path: Path) -> None:
    seen = await console(rack, tmp_path)
    loaded = (await read(seen)).config_loaded
    assert loaded is not None
    file = tmp_path / "fxmgr1.conf"
    file.write_text("port: {")
    os.utime(file, (loaded + 5.0, loaded + 5.0))
    said = len(seen.server.log)
    seen.server.hang_up()
    await seen.server.says("failed to reload", after=said)
    assert "config-unloaded" in await seen.look()


async def read(seen: Console) -> TransporterHeartbeat:
    beat = await seen.collector.read()
    assert isinstance(beat, TransporterHeartbeat)
    return beat


async def test_a_configured_route_that_leads_nowhere_is_found(rack: Rack, tmp_path: Path) -> None:
    own, other = free_port(), free_port()
    routes = ", ".join(f'"nats-route://127.0.0.1:{port}"' for port in (own, other))
    cluster = f'cluster {{ name: fx, listen: "127.0.0.1:{own}", routes: [ {routes} ] }}'
    seen = await console(rack, tmp_path, cluster=cluster)
    found = (await seen.look())["routes-missing"]
    assert found.text == "transporter fxmgr1 reaches 0 of the 1 server in its routes"
    assert seen.cell("routes") == "0/1"
    await rack.server("fxmgr2", cluster=f'cluster {{ name: fx, listen: "127.0.0.1:{other}" }}')
    await seen.until("routes-missing", there=False)
    assert seen.cell("routes") == "1/1"


async def test_a_certificate_that_ends_soon_is_found(rack: Rack, tmp_path: Path, authority: Authority) -> None:
    soon = datetime.now(UTC) + timedelta(days=3, hours=1)
    seen = await console(rack, tmp_path, tls=authority.certificate("soon.example.edu", expires=soon))
    found = (await seen.look())["certificate-expiry"]
    assert found.text == "the certificate of transporter fxmgr1 expires in 3 d"
