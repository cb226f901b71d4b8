"""FastX's own bus, listened to over a real nats-server: by itself, beside agents, and among real Moleculer brokers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from fxtop.__main__ import main
from fxtop.bus.connection import NatsBus
from fxtop.clock import SystemClock
from fxtop.cluster.records import Liveness
from fxtop.cluster.store import Store
from fxtop.cluster.voices import Overheard
from fxtop.protocol.ids import NodeId
from fxtop.sources.moleculer.listener import MoleculerListener
from tests.bus.brokers import Brokers, Eavesdropper, FakeBroker, NotInstalled, in_force, install
from tests.natskit import CLUSTER, WITHIN, BusPark, NatsServer, Rack
from tests.unit.sources.moleculer.kit import captured

TOKEN = "thisisasecret"


class Console:
    """Somebody who listens to FastX's own bus, and keeps a store."""

    def __init__(self, bus: NatsBus, *, discover: bool) -> None:
        self.bus = bus
        self.store = Store(CLUSTER, SystemClock())
        self.listener = MoleculerListener(bus, SystemClock(), discover=discover)

    async def until(self, condition: Callable[[], object]) -> None:
        """Return when ``condition`` holds of what was heard."""
        async with asyncio.timeout(WITHIN):
            while not condition():
                await self.listener.wait_heard(0.1)
                self.store.overhear(self.listener.take())
                self.store.fold(self.bus.take())
                self.store.advance()

    def told(self) -> dict[str, Overheard]:
        """What is known of each node from FastX's own bus."""
        return {id_: row.unofficial for id_, row in self.store.nodes.items() if row.unofficial}

    def services(self) -> dict[str, tuple[str, ...]]:
        """Of each node that was overheard."""
        return {id_: told.services for id_, told in self.told().items()}

    def liveness(self, node: str) -> Liveness | None:
        row = self.store.nodes.get(NodeId(node))
        return row.liveness if row else None


@pytest.fixture
async def server(rack: Rack) -> NatsServer:
    return await rack.server(token=TOKEN)


@pytest.fixture
async def everything(server: NatsServer, park: BusPark) -> Eavesdropper:
    """All that anybody says on the server."""
    ear = await park.bus(server, token=TOKEN)
    heard = Eavesdropper()
    await ear.listen(">", heard.handle)
    await in_force(ear)
    return heard


async def joins(server: NatsServer, park: BusPark, *, discover: bool) -> Console:
    console = Console(await park.bus(server, token=TOKEN), discover=discover)
    await console.listener.start()
    await in_force(console.bus)
    return console


async def test_captured_packets_show_three_nodes_and_leave_nothing_in_the_buffer(
    server: NatsServer, park: BusPark, everything: Eavesdropper
) -> None:
    console = await joins(server, park, discover=False)
    fastx = await park.bus(server, token=TOKEN)
    for kind in ("HEARTBEAT", "EVENT", "REQ", "RES", "INFO"):
        for subject, payload in captured(kind):
            await fastx.publish(subject, payload)
    await console.until(lambda: len([row for row in console.store.nodes.values() if row.host == "vm"]) == 2)
    assert console.services() == {"fx-mgr": ("launcher",), "fx-node1": ("v1.launcher",), "fx-node2": ()}
    assert console.bus.take() == []
    assert console.store.intake.accepted == console.store.intake.rejected_total == 0
    for subject, payload in captured("DISCONNECT"):
        await fastx.publish(subject, payload)
    await console.until(lambda: console.liveness("fx-node1") is Liveness.LEFT)
    assert everything.said_by_us() == []


async def test_brokers_answer_who_may_ask_and_only_discover_is_said(
    server: NatsServer, park: BusPark, everything: Eavesdropper
) -> None:
    fastx = await park.bus(server, token=TOKEN)
    brokers = [FakeBroker(fastx, "fx-a"), FakeBroker(fastx, "viz07.example.edu"), FakeBroker(fastx, "x", "MOL-prod")]
    for broker in brokers:
        await broker.start()
    console = await joins(server, park, discover=True)
    await brokers[0].beat(cpu=50)
    await brokers[2].beat()
    await console.until(
        lambda: all(row.host != row.id for row in console.store.nodes.values()) and len(console.services()) == 3
    )
    assert set(console.services().values()) == {("launcher",)}
    assert console.told()["fx-a"].cpu == 0.5
    assert sorted(everything.said_by_us()) == ["MOL-prod.DISCOVER", "MOL.DISCOVER"]
    assert len({sender for broker in brokers for sender in broker.asked_by}) == 1


async def test_a_payload_that_is_not_json_is_counted_and_said(server: NatsServer, park: BusPark) -> None:
    console = await joins(server, park, discover=True)
    fastx = await park.bus(server, token=TOKEN)
    await fastx.publish("MOL-prod.HEARTBEAT", b"\x83\xa3ver\xa14")
    await console.until(lambda: console.listener.namespaces)
    (namespace,) = console.listener.namespaces
    assert (namespace.prefix, namespace.unreadable, namespace.brokers) == ("MOL-prod", 1, 0)
    ((_, remark),) = console.listener.take_remarks()
    assert "serializer" in remark


async def test_fxtop_get_shows_the_nodes_and_says_that_it_is_unofficial(
    server: NatsServer,
    park: BusPark,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for variable, folder in (("XDG_CONFIG_HOME", "c"), ("XDG_STATE_HOME", "s"), ("FX_CONFIG_DIR", "f")):
        monkeypatch.setenv(variable, str(tmp_path / folder))
    for name, seconds in (("joined.FIRST_WITHIN", 0.3), ("joined.QUIET", 0.1), ("overhearing.SETTLED", 0.2)):
        monkeypatch.setattr(f"fxtop.cli.{name}", seconds)
    broker = FakeBroker(await park.bus(server, token=TOKEN), "fx-a", metadata={"busToken": "hush-hush"})
    await broker.start()
    config = tmp_path / "config.toml"
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "token").chmod(0o600)
    switches = "moleculer = true\nmoleculer_discover = true\n"
    config.write_text(f'[clusters.test]\nservers = ["{server.url}"]\ntoken_file = "token"\n{switches}')
    monkeypatch.setattr("fxtop.cli.overhearing.WITHIN", 3.0)

    async def fxtop(*line: str) -> tuple[Any, str]:
        running = asyncio.create_task(asyncio.to_thread(main, ["--config", str(config), *line]))
        while not running.done():
            await broker.beat(cpu=25)
            await asyncio.wait({running}, timeout=0.1)
        assert running.result() == 0
        said = capsys.readouterr()
        assert "hush" not in said.out + said.err
        return said.out, said.err

    out, err = await fxtop("get", "nodes", "-o", "json")
    assert "unofficially" in err
    (row,) = json.loads(out)
    assert (row["node"], row["cpu"], row["services"], row["state"]) == ("fx-a", 0.25, ["launcher"], None)
    assert row["unofficial"]["metadata"] == {"busToken": "(redacted)"}
    assert row["unofficial"]["addresses"] == ["192.0.2.7"]
    out, _ = await fxtop("get", "nodes")
    assert "heard" in out
    out, _ = await fxtop("get", "bus", "-o", "json")
    (namespace,) = json.loads(out)["moleculer"]["namespaces"]
    assert (namespace["prefix"], namespace["protocols"]) == ("MOL", ["4"])

    asked = len(broker.asked_by)
    monkeypatch.setattr("fxtop.cli.overhearing.WITHIN", 0.5)
    out, _ = await fxtop("--read-only", "get", "nodes", "-o", "json")
    (row,) = json.loads(out)
    assert (row["node"], row["cpu"], row["services"]) == ("fx-a", 0.25, None)
    assert len(broker.asked_by) == asked, "read-only says nothing"


@pytest.fixture(scope="module")
def modules(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Moleculer from npm, or the reason why there is none."""
    kept = getattr(request.config, "cache", None)  # pytest may be told to keep nothing
    try:
        return install(tmp_path_factory.mktemp("npm") if kept is None else kept.mkdir("moleculer"))
    except NotInstalled as reason:
        pytest.skip(str(reason))


@pytest.fixture
async def brokers(server: NatsServer, modules: Path) -> AsyncIterator[Brokers]:
    async with Brokers(modules, server) as started:
        yield started


@pytest.mark.npm
async def test_real_brokers_tell_who_they_are_and_none_of_them_lists_us(
    server: NatsServer, park: BusPark, everything: Eavesdropper, brokers: Brokers
) -> None:
    manager, node, other = await brokers.start(
        brokers.broker("fx-mgr", services=["manager", "user"], metadata={"role": "manager", "apiKey": "hush-hush"}),
        brokers.broker("viz07.example.edu", version=1),
        brokers.broker("fx-prod", namespace="prod"),
    )
    console = await joins(server, park, discover=True)
    await console.until(
        lambda: (
            console.services()
            == {"fx-mgr": ("manager", "user"), "viz07.example.edu": ("v1.launcher",), "fx-prod": ("launcher",)}
        )
    )
    await console.until(lambda: all(told.cpu is not None for told in console.told().values()))
    manager_told = console.told()["fx-mgr"]
    assert (manager_told.latest.protocol, manager_told.versions["moleculer"]) == ("4", "0.14.36")
    assert manager_told.addresses
    assert manager_told.hostname
    assert manager_told.metadata == {"role": "manager", "apiKey": "(redacted)"}
    assert {told.latest.key.prefix for told in console.told().values()} == {"MOL", "MOL-prod"}
    await _beats(console, 2)
    for broker, listed in (
        (manager, ["fx-mgr", "viz07.example.edu"]),
        (node, ["fx-mgr", "viz07.example.edu"]),
        (other, ["fx-prod"]),
    ):
        assert sorted(row["id"] for row in await broker.call("$node.list")) == listed
    await node.stop()
    await console.until(lambda: console.liveness("viz07.example.edu") is Liveness.LEFT)
    assert set(everything.said_by_us()) == {"MOL.DISCOVER", "MOL-prod.DISCOVER"}
    senders = {sender for _, sender in everything.under_mol() if not sender.startswith("fxtop-")}
    assert senders == {"fx-mgr", "viz07.example.edu", "fx-prod"}


@pytest.mark.npm
async def test_who_only_listens_sees_real_brokers_come_and_die_and_says_nothing(
    server: NatsServer, park: BusPark, everything: Eavesdropper, brokers: Brokers
) -> None:
    (first,) = await brokers.start(brokers.broker("first"))
    console = await joins(server, park, discover=False)
    await console.until(lambda: console.liveness("first") is Liveness.LIVE)
    await brokers.start(brokers.broker("second"))
    await console.until(lambda: console.services().get("second") == ("launcher",))
    await console.until(lambda: console.liveness("first") is Liveness.LIVE)
    await _beats(console, 2)
    (namespace,) = console.listener.namespaces
    assert namespace.interval is not None
    assert 0.4 < namespace.interval < 1.6, "it was learned from the gaps"
    await first.kill()
    await console.until(lambda: console.liveness("first") in (Liveness.STALE, Liveness.LOST))
    assert console.liveness("second") is Liveness.LIVE
    assert everything.said_by_us() == []


async def _beats(console: Console, count: int) -> None:
    """Return when every broker that is there has sent so many more heartbeats."""
    past = {id_: row.cpu for id_, row in console.store.nodes.items()}
    before = {id_: len(ring) if ring else 0 for id_, ring in past.items()}
    await console.until(
        lambda: all(len(row.cpu or ()) >= before[id_] + count for id_, row in console.store.nodes.items())
    )
