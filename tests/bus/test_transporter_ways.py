"""Seeing transporters without HTTP monitoring: by a system account, or by the greeting and the shared token."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from fxtop.agent.background import Background
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.transporter import NatsMonitor
from fxtop.agent.transporter.local import LocalServer
from fxtop.agent.transporter.neighbours import Neighbours
from fxtop.agent.transporter.system import SystemAccount, SystemView
from fxtop.agent.transporter.token import TokenView
from fxtop.agent.transporter.ways import Way, Ways
from fxtop.bus.connection import NatsBus
from fxtop.bus.greeting import Greeting, NoGreeting, greet
from fxtop.bus.port import Asked
from fxtop.clock import SystemClock
from fxtop.protocol.encode import encode
from fxtop.protocol.subjects import build
from fxtop.protocol.transporter import COUNTED, TransporterHeartbeat
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, PlainServer, Rack, RawClient, free_port, settings

PASSWORD = "s3cret-of-sysmon"
TOKEN = "t0ken"


@dataclass
class Site:
    """A transporter of FastX, and a server beside it whose system account sees both."""

    transporter: NatsServer
    gate: NatsServer
    account: SystemAccount

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.transporter.spec.port}"

    def view(self, neighbours: Neighbours | None = None) -> SystemView:
        return SystemView(self.account, LocalServer(self.address), neighbours)

    async def joined(self) -> SystemView:
        """A view, once the two servers see each other."""
        view = self.view()
        async with asyncio.timeout(WITHIN):
            while not await routed(view):
                continue
        return view


class CountedServer(LocalServer):
    """A server that counts here how often it is asked for its greeting.

    Its own figure won't do: it counts a connection that is gone for as long as it hasn't noticed.
    """

    asks = 0

    async def asked(self) -> Greeting:
        self.asks += 1
        return await super().asked()


async def routed(view: SystemView) -> bool:
    try:
        return bool(one(await view.read()).routes)
    except CollectError:
        return False


def one(seen: TransporterHeartbeat | tuple[TransporterHeartbeat, ...]) -> TransporterHeartbeat:
    assert isinstance(seen, TransporterHeartbeat)
    return seen


@asynccontextmanager
async def site(rack: Rack, password: str = PASSWORD) -> AsyncIterator[Site]:
    ports = free_port(), free_port()
    routes = ", ".join(f'"nats-route://router:letmein@127.0.0.1:{port}"' for port in ports)
    blocks = [
        f'cluster {{ name: fx, listen: "127.0.0.1:{port}", no_advertise: true\n'
        f'  authorization {{ user: router, password: "letmein" }}\n  routes: [ {routes} ] }}'
        for port in ports
    ]
    login = f'accounts {{ $SYS {{ users = [ {{ user: sysmon, password: "{PASSWORD}" }} ] }} }}'
    transporter = await rack.server("fxmgr1", token=TOKEN, cluster=blocks[0])
    gate = await rack.server("gate", cluster=blocks[1], extra=login)
    bus = NatsBus(settings(gate, user=lambda: "sysmon", password=lambda: password), SystemClock(), CLUSTER)
    account = SystemAccount(bus, SystemClock())
    beside = Background("test")
    beside.start(account.run(), "system account")
    try:
        yield Site(transporter, gate, account)
    finally:
        await beside.stop()


async def test_the_server_of_this_host_is_told_from_the_others_by_its_greeting(rack: Rack) -> None:
    async with site(rack) as both:
        beat = one(await (await both.joined()).read())
    assert (beat.name, beat.port, beat.via, beat.beside) == ("fxmgr1", both.transporter.spec.port, "sys", True)
    assert [route.remote_name for route in beat.routes] == ["gate"]
    assert (beat.configured_routes, beat.lame_duck, beat.unknown) == (1, False, [])
    assert beat.mem is not None and beat.config_loaded is not None
    assert encode(beat)


async def test_a_server_that_was_started_anew_is_another_one_and_is_found(rack: Rack) -> None:
    async with site(rack) as both:
        view = await both.joined()
        before = one(await view.read())
        await both.transporter.kill()
        await both.transporter.start()
        async with asyncio.timeout(WITHIN):
            while not await routed(view):
                continue
        after = one(await view.read())
    assert (after.name, after.server != before.server) == ("fxmgr1", True)


async def test_a_server_that_is_shutting_down_says_so_and_its_counters_are_unknown(rack: Rack) -> None:
    async with site(rack) as both:
        view = await both.joined()
        assert not one(await view.read()).lame_duck
        client = await RawClient.connect(both.transporter)
        await both.transporter.lame_duck()
        async with asyncio.timeout(WITHIN):
            while not (beat := one(await view.read())).lame_duck:
                continue
        assert beat.unknown == list(COUNTED)
        await both.transporter.kill()
        await client.close()


async def test_servers_without_an_agent_are_told_of_too_where_that_is_asked_for(rack: Rack, park: BusPark) -> None:
    async with site(rack) as both:
        await both.joined()
        bus = await park.bus(both.transporter, token=TOKEN)
        neighbours = Neighbours(bus, CLUSTER, SystemClock())
        await neighbours.run()
        view = both.view(neighbours)
        seen = await view.read()
        assert isinstance(seen, tuple)
        assert [(beat.name, beat.beside) for beat in seen] == [("fxmgr1", True), ("gate", False)]
        assert seen[1].configured_routes is None
        other = seen[1]
        await neighbours.hear(told(other))
        assert len(await view_names(view)) == 2, "what this agent itself says of others is no neighbour's word"
        await neighbours.hear(told(beside(other)))
        assert await view_names(view) == ["fxmgr1"]


async def test_the_others_are_told_of_though_the_server_of_this_host_is_down(rack: Rack, park: BusPark) -> None:
    async with site(rack) as both:
        await both.joined()
        view = both.view(Neighbours(await park.bus(both.transporter, token=TOKEN), CLUSTER, SystemClock()))
        assert await view_names(view) == ["fxmgr1", "gate"]
        await both.transporter.kill()
        async with asyncio.timeout(WITHIN):
            while await view_names(view) != ["gate"]:
                continue


async def view_names(view: SystemView) -> list[str]:
    seen = await view.read()
    assert isinstance(seen, tuple)
    return [beat.name for beat in seen]


def beside(beat: TransporterHeartbeat) -> TransporterHeartbeat:
    return msgspec.structs.replace(beat, beside=True)


def told(beat: TransporterHeartbeat) -> Asked:
    return Asked(build(CLUSTER, "hb.transporter", beat.server), encode(beat), {}, "")


async def test_a_login_that_is_refused_is_said_in_words_without_the_secret(rack: Rack) -> None:
    async with site(rack, password="another-s3cret") as both:
        with pytest.raises(CollectError, match="system account") as raised:
            await both.view().read()
    assert "s3cret" not in str(raised.value)


async def test_a_login_of_another_account_is_said_in_words(rack: Rack) -> None:
    server = await rack.server(token=TOKEN)
    account = SystemAccount(NatsBus(settings(server, token=TOKEN), SystemClock(), CLUSTER), SystemClock())
    beside_ = Background("test")
    beside_.start(account.run(), "no system account")
    try:
        with pytest.raises(CollectError, match="By the system account"):
            await SystemView(account, LocalServer(f"127.0.0.1:{server.spec.port}")).read()
        with pytest.raises(CollectError, match="No server answered"):
            await account.all()
    finally:
        await beside_.stop()


async def test_by_the_token_the_accounts_figures_are_told_and_the_rest_is_unknown(rack: Rack, park: BusPark) -> None:
    server = await rack.server("fxmgr1", token=TOKEN)
    bus = await park.bus(server, token=TOKEN)
    beat = await TokenView(LocalServer(f"127.0.0.1:{server.spec.port}"), bus).read()
    assert (beat.name, beat.port, beat.via, beat.tls_required) == ("fxmgr1", server.spec.port, "info", False)
    assert beat.connections >= 1
    assert beat.unknown == ["uptime", "routes"]
    assert (beat.configured_routes, beat.mem, beat.cpu, beat.cert_expires) == (None, None, None, None)


async def test_by_the_greeting_alone_nothing_is_counted(rack: Rack) -> None:
    server = await rack.server("fxmgr1", token=TOKEN)
    beat = await TokenView(LocalServer(f"127.0.0.1:{server.spec.port}"), None).read()
    assert set(beat.unknown) == set(COUNTED)
    assert beat.version == (await greet("127.0.0.1", server.spec.port)).version


async def test_by_the_token_a_server_is_asked_for_its_greeting_once(rack: Rack, park: BusPark) -> None:
    server = await rack.server("fxmgr1", token=TOKEN)
    local = CountedServer(f"127.0.0.1:{server.spec.port}")
    view = TokenView(local, await park.bus(server, token=TOKEN))
    names = [(await view.read()).name for _ in range(4)]
    assert (names, local.asks) == (["fxmgr1"] * 4, 1)


async def test_the_best_way_that_works_is_taken(rack: Rack, tmp_path: Path) -> None:
    config = tmp_path / "nats-server.conf"
    config.touch()
    os.utime(config, (1_800_000_000, 1_800_000_000))
    async with site(rack) as both:
        system = await both.joined()
        token = TokenView(LocalServer(both.address), None)
        off = NatsMonitor("http://127.0.0.1:1")
        ways = [Way("HTTP monitoring", off), Way("the system account", system), Way("the shared token", token)]
        beat = one(await Ways(ways, limit=6.0, config=config, interval=5.0).read())
        assert (beat.via, beat.config_changed) == ("sys", 1_800_000_000)
        beat = one(await Ways([ways[0], ways[2]], limit=6.0, config=None, interval=5.0).read())
        assert (beat.via, beat.config_changed) == ("info", None)
        with pytest.raises(CollectError, match="didn't answer"):
            await Ways(ways[:1], limit=6.0, config=None, interval=5.0).read()


@pytest.mark.parametrize("greeting", [b"SSH-2.0\r\n", b"INFO {}\r\n", b"INFO nonsense\r\n", b""])
async def test_what_does_not_greet_as_a_nats_server_is_told_in_words(greeting: bytes) -> None:
    async with PlainServer(greeting) as server:
        host, _, port = server.place.rpartition(":")
        with pytest.raises(NoGreeting, match=f"{host}:{port}"):
            await greet(host, int(port), within=0.3)


async def test_a_port_where_nobody_listens_is_told_in_words() -> None:
    with pytest.raises(NoGreeting, match=r"can be reached on 127\.0\.0\.1:1: Connection refused"):
        await greet("127.0.0.1", 1)
