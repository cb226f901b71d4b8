"""What is watched beside the node itself, by the settings: transporters, licence servers and shared data."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from fxtop.agent.collectors.limited import Limited
from fxtop.agent.collectors.port import CollectError, Collector
from fxtop.agent.collectors.share import MountReader
from fxtop.agent.collectors.site import Site, read_site
from fxtop.agent.collectors.transporter import NatsMonitor
from fxtop.agent.run.licenses import kept_in, license_servers
from fxtop.agent.run.settings import AgentSettings
from fxtop.agent.run.tables import StoreTable, TransporterTable
from fxtop.agent.syncthing.reader import SyncthingApi, SyncthingReader
from fxtop.agent.transporter.local import LocalServer
from fxtop.agent.transporter.neighbours import Neighbours
from fxtop.agent.transporter.system import SystemAccount, SystemView
from fxtop.agent.transporter.token import TokenView
from fxtop.agent.transporter.ways import Way, Ways
from fxtop.bus.connection import NatsBus
from fxtop.bus.port import Bus
from fxtop.bus.settings import BusSettings
from fxtop.clock import Clock
from fxtop.config.site.layout import CONFIG_DIR, VAR_DIR
from fxtop.protocol.ids import ManagerId

NATS_CONFIG: Final = "nats-server.conf"
"""The transporter's configuration in FX_CONFIG_DIR (vendor's clustering guide for FastX 5)."""

Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(slots=True)
class Watched:
    """Collectors, and what has to run beside them."""

    collectors: list[Collector] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)


def watched(settings: AgentSettings, clock: Clock, root: Path, *, bus: Bus | None, keep: bool = True) -> Watched:
    """What ``settings`` say to watch.

    Args:
        settings: the agent's.
        clock: time.
        root: where the machine's files are found.
        bus: the agent's own, None where it has none.
        keep: whether counters are kept in the state directory.

    Raises:
        StateError: what was kept can't be read.
    """
    tables = settings.file.collect
    found = Watched()
    kept = (kept_in(settings.state_dir),) if keep else ()
    found.collectors += license_servers(tables.license, clock, *kept)
    if tables.transporter.on:
        found.collectors.append(_transporter(settings, clock, root, bus, found.works))
    if tables.store.on:
        found.collectors.append(_store(settings, clock, root))
    return found


def _transporter(settings: AgentSettings, clock: Clock, root: Path, bus: Bus | None, works: list[Work]) -> Collector:
    table = settings.file.collect.transporter
    local = LocalServer(table.address) if table.address else None
    ways = list(_ways(settings, clock, bus, local, works))
    seen = Ways(ways, limit=table.limit, config=_nats_config(table, root), interval=table.every)
    return Limited(seen, table.limit)


def _ways(
    settings: AgentSettings, clock: Clock, bus: Bus | None, local: LocalServer | None, works: list[Work]
) -> Iterator[Way]:
    """From that which shows most to that which shows least; the system account alone shows other servers too."""
    table = settings.file.collect.transporter
    others = table.system is not None and table.system.others
    http = Way("HTTP monitoring", NatsMonitor(table.url, interval=table.every)) if table.url else None
    if http is not None and not others:
        yield http
    if settings.system is not None:
        account = SystemAccount(_system_bus(settings.system, settings, clock), clock)
        works.append(account.run)
        neighbours = Neighbours(bus, settings.connection.slug, clock) if others and bus is not None else None
        if neighbours is not None:
            works.append(neighbours.run)
        yield Way("the system account", SystemView(account, local, neighbours, interval=table.every))
    if http is not None and others:
        yield http
    if local is not None:
        yield Way("the shared token", TokenView(local, bus, interval=table.every))


def _system_bus(system: BusSettings, settings: AgentSettings, clock: Clock) -> NatsBus:
    return NatsBus(replace(system, name=f"fxtop-agent {settings.node} $SYS"), clock, settings.connection.slug)


def _nats_config(table: TransporterTable, root: Path) -> Path | None:
    if table.config:
        return Path(table.config)
    site = _site(root)
    return None if site is None else site.on_disk(site.layout.path(CONFIG_DIR)) / NATS_CONFIG


def _store(settings: AgentSettings, clock: Clock, root: Path) -> Collector:
    table = settings.file.collect.store
    manager = ManagerId(settings.node)
    path = _store_path(table, root)
    shared = table.syncthing
    if shared is None:
        return Limited(MountReader(manager, path, interval=table.every), table.limit)
    certificate = Path(shared.certificate) if shared.certificate else None
    api = SyncthingApi(Path(shared.config), url=shared.url or None, certificate=certificate)
    return Limited(SyncthingReader(manager, path, api, clock, interval=table.every), table.limit)


def _store_path(table: StoreTable, root: Path) -> Path:
    if table.path:
        return Path(table.path)
    site = read_site(root)
    return site.on_disk(site.layout.path(VAR_DIR))


def _site(root: Path) -> Site | None:
    try:
        return read_site(root)
    except CollectError:
        return None  # the collectors of facts say what is wrong with it
