"""The NATS server beside the agent, by its HTTP monitoring (nats-server 2.15; older ones lack some fields).

The port has to be switched on in the server's configuration: ``http: "127.0.0.1:8222"``.
"""

from __future__ import annotations

import re
import socket
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, Literal, TypeVar

import msgspec

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.collectors.http import Page, fetch
from fxtop.agent.collectors.port import CollectError, WatchedClass
from fxtop.config.site.own_names import own_names
from fxtop.protocol.ids import ServerId
from fxtop.protocol.transporter import Route, TransporterHeartbeat

T = TypeVar("T")

PATHS: Final = ("/varz", "/routez", "/healthz")
_LAME: Final = b"ready for connections"
"""What /healthz complains of when the server takes no new clients; there is no field for it (nats-server 2.15)."""
_ANY: Final = ("", "0.0.0.0", "::")  # noqa: S104  # compared with, never bound to
_UNITS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)")


class _Cluster(msgspec.Struct):
    addr: str = ""
    cluster_port: int = 0
    urls: list[str] = []


class _Varz(msgspec.Struct):
    server_id: str
    server_name: str = ""
    version: str = ""
    host: str = ""
    port: int = 0
    start: str = ""
    now: str = ""
    connections: int = 0
    total_connections: int = 0
    subscriptions: int = 0
    in_msgs: int = 0
    out_msgs: int = 0
    in_bytes: int = 0
    out_bytes: int = 0
    slow_consumers: int = 0
    mem: int | None = None
    cpu: float | None = None
    tls_required: bool = False
    tls_cert_not_after: str | None = None
    config_load_time: str = ""
    cluster: _Cluster = msgspec.field(default_factory=_Cluster)
    jetstream: dict[str, Any] = {}


class _Route(msgspec.Struct):
    remote_id: str
    remote_name: str = ""
    rtt: str = ""


class _Routez(msgspec.Struct):
    routes: list[_Route] = []


class NatsMonitor:
    """Reads one server. ``url`` is where its monitoring listens: ``http://127.0.0.1:8222``."""

    kind: WatchedClass = "transporter"

    def __init__(self, url: str, *, interval: float = 5.0) -> None:
        self.interval = interval
        self._url = url
        self._own_names: frozenset[str] | None = None
        self._apart = Apart(f"the monitoring at {url}")

    async def read(self) -> TransporterHeartbeat:
        """The server now. Raises CollectError."""
        return await self._apart.run(self._read)

    def _read(self) -> TransporterHeartbeat:
        pages = fetch(self._url, PATHS)
        if self._own_names is None:
            self._own_names = own_names()
        return heartbeat(*pages, interval=self.interval, own_names=self._own_names)


def heartbeat(
    varz_page: Page,
    routez_page: Page,
    healthz_page: Page,
    *,
    interval: float,
    own_names: frozenset[str] | None,
    via: Literal["http", "sys"] = "http",
) -> TransporterHeartbeat:
    """What three pages of a server tell, by HTTP or by ``$SYS``, which answer the same.

    Args:
        varz_page: what it is and counts.
        routez_page: its routes.
        healthz_page: whether it is well.
        interval: seconds between two readings.
        own_names: the names and addresses of its host; None where they aren't known, so that nobody can tell which
            of the configured routes is its own address.
        via: how it was asked.

    Raises:
        CollectError: the pages are not those of a NATS server.
    """
    varz, routez = _decode(varz_page, _Varz), _decode(routez_page, _Routez)
    return TransporterHeartbeat(
        v=1,
        ts=0.0,
        boot="",
        seq=0,
        server=ServerId(varz.server_id),
        name=varz.server_name or varz.server_id,
        version=varz.version,
        host=_host(varz.host, beside=own_names is not None),
        port=varz.port,
        uptime=max(0.0, (moment(varz.now) or 0.0) - (moment(varz.start) or 0.0)),
        connections=varz.connections,
        total_connections=varz.total_connections,
        subscriptions=varz.subscriptions,
        routes=_routes(routez.routes),
        configured_routes=None if own_names is None else _configured(varz.cluster, own_names),
        in_msgs=varz.in_msgs,
        out_msgs=varz.out_msgs,
        in_bytes=varz.in_bytes,
        out_bytes=varz.out_bytes,
        slow_consumers=varz.slow_consumers,
        mem=varz.mem,
        cpu=None if varz.cpu is None else varz.cpu / 100,
        tls_required=varz.tls_required,
        cert_expires=moment(varz.tls_cert_not_after or ""),
        lame_duck=healthz_page.status >= 500 and _LAME in healthz_page.body,
        jetstream="config" in varz.jetstream,
        via=via,
        config_loaded=moment(varz.config_load_time),
        interval=interval,
    )


def _host(listens: str, *, beside: bool) -> str:
    """Where a server is that listens to ``listens``; empty where that is everywhere, on a host that isn't this one."""
    if listens not in _ANY:
        return listens
    return socket.gethostname() if beside else ""


def moment(stamp: str) -> float | None:
    """A time as NATS writes it, in Unix seconds; None where it is none."""
    try:
        return datetime.fromisoformat(stamp).timestamp()
    except ValueError:
        return None


def duration(text: str) -> float | None:
    """A duration as Go writes it (``1h2m3.5s``, ``367µs``), in seconds; None where it is none."""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _decode(page: Page, kind: type[T]) -> T:
    if page.status != HTTPStatus.OK:
        raise CollectError(f"The server's monitoring answered with status {page.status}.")
    try:
        return msgspec.json.decode(page.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CollectError(f"The server's monitoring said something that can't be read: {error}.") from error


def _routes(found: list[_Route]) -> list[Route]:
    """One route a peer: servers pool several connections (nats-server 2.10)."""
    peers: dict[str, Route] = {}
    for route in found:
        rtt = duration(route.rtt)
        known = peers.get(route.remote_id)
        if known is None or (rtt is not None and (known.rtt is None or rtt < known.rtt)):
            peers[route.remote_id] = Route(
                remote_id=ServerId(route.remote_id), remote_name=route.remote_name or route.remote_id, rtt=rtt
            )
    return list(peers.values())


def _configured(cluster: _Cluster, own_names: frozenset[str]) -> int | None:
    """How many other servers the configuration names; a server's own address in the list is harmless."""
    if not cluster.cluster_port:
        return None
    others = {url for url in cluster.urls if not _is_own(url, cluster, own_names)}
    return len(others)


def _is_own(url: str, cluster: _Cluster, own_names: frozenset[str]) -> bool:
    host, _, port = url.rpartition(":")
    return port == str(cluster.cluster_port) and (host == cluster.addr or host.strip("[]") in own_names)
