"""What a NATS server's configuration says of its clients, its routes and its monitoring (nats-server 2.15)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from fxtop.config.site.nats_tree import Block, Entry
from fxtop.config.site.place import Place

CLIENT_PORT: Final = 4222
ROUTE_PORT: Final = 6222
_BCRYPT: Final = ("$2a$", "$2b$", "$2x$", "$2y$")


def is_bcrypt(text: str) -> bool:
    """Whether the server would take ``text`` for the bcrypt hash of a secret."""
    return text.startswith(_BCRYPT)


@dataclass(frozen=True, slots=True)
class Login:
    """What the server asks a client or a route for. None is what it doesn't ask for, or what can't be known."""

    at: Place
    token: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    users: bool = False
    """Whether there is a list of users."""

    @property
    def asks(self) -> bool:
        """Whether anything is asked for."""
        return self.users or self.token is not None or self.user is not None or self.password is not None


@dataclass(frozen=True, slots=True)
class Tls:
    """A ``tls`` block."""

    at: Place
    cert_file: str | None
    key_file: str | None
    ca_file: str | None
    verify: bool


class Route(NamedTuple):
    """Another server, as ``routes`` names it."""

    at: Place
    host: str
    port: int
    user: str | None
    password: str | None

    @property
    def name(self) -> str:
        """``host:port``, without the login."""
        return f"{self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"Route({self.at}, {self.name})"


@dataclass(frozen=True, slots=True)
class Cluster:
    """The ``cluster`` block."""

    at: Place
    name: str | None
    port: int
    """Where routes come in; 0 where the server listens for none."""
    login: Login | None
    tls: Tls | None
    routes: tuple[Route, ...]
    unread: tuple[Place, ...]
    """Routes that are no URLs, or that a variable hides."""


@dataclass(frozen=True, slots=True)
class Monitoring:
    """The HTTP port that shows the server's state to whoever asks."""

    at: Place
    host: str
    """Empty for all interfaces."""

    @property
    def local(self) -> bool:
        """Whether only this host reaches it."""
        return self.host in ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class NatsServer:
    """One server's configuration, as far as it concerns a cluster."""

    name: str | None
    port: int
    logins: tuple[Login, ...]
    """All ``authorization`` blocks of the file in their order. The last one counts."""
    tls: Tls | None
    monitoring: Monitoring | None
    cluster: Cluster | None
    accounts: bool

    @property
    def login(self) -> Login | None:
        """What clients are asked for."""
        return self.logins[-1] if self.logins else None


def nats_server(conf: Block) -> NatsServer:
    """What ``conf`` says."""
    authorization = conf.entry("authorization")
    cluster = conf.entry("cluster")
    return NatsServer(
        name=conf.text("server_name"),
        port=_listening(conf, CLIENT_PORT)[1],
        logins=tuple(_logins(authorization)),
        tls=_tls(conf.entry("tls")),
        monitoring=_monitoring(conf),
        cluster=_cluster(cluster, cluster.value) if cluster and isinstance(cluster.value, Block) else None,
        accounts=conf.entry("accounts") is not None,
    )


def _logins(authorization: Entry | None) -> Iterator[Login]:
    entries = () if authorization is None else (*authorization.replaced, authorization)
    yield from (_login(entry, entry.value) for entry in entries if isinstance(entry.value, Block))


def _login(entry: Entry, block: Block) -> Login:
    return Login(
        at=entry.at,
        token=block.text("token"),
        user=block.text("user", "username"),
        password=block.text("pass", "password"),
        users=block.entry("users") is not None,
    )


def _tls(entry: Entry | None) -> Tls | None:
    if entry is None or not isinstance(entry.value, Block):
        return None
    verify = entry.value.entry("verify", "verify_and_map")
    return Tls(
        at=entry.at,
        cert_file=entry.value.text("cert_file"),
        key_file=entry.value.text("key_file"),
        ca_file=entry.value.text("ca_file"),
        verify=verify is not None and verify.value is True,
    )


def _monitoring(conf: Block) -> Monitoring | None:
    entry = conf.entry("http", "http_port", "monitor_port", "https", "https_port")
    if entry is None:
        return None
    host, port = _address(str(entry.value), 0)
    return Monitoring(entry.at, host or conf.text("host", "net") or "") if port else None


def _cluster(entry: Entry, block: Block) -> Cluster:
    login = next(iter(_logins(block.entry("authorization"))), None)
    routes, unread = _routes(block.entry("routes"))
    return Cluster(
        at=entry.at,
        name=block.text("name"),
        port=_listening(block, 0)[1],
        login=login,
        tls=_tls(block.entry("tls")),
        routes=routes,
        unread=unread,
    )


def _routes(entry: Entry | None) -> tuple[tuple[Route, ...], tuple[Place, ...]]:
    if entry is None:
        return (), ()
    items = [(item.value, item.at) for item in entry.value] if isinstance(entry.value, tuple) else []
    read = [(at, _route(value, at) if isinstance(value, str) else None) for value, at in items]
    whole = () if isinstance(entry.value, tuple) else (entry.at,)
    return tuple(route for _, route in read if route), (*whole, *(at for at, route in read if route is None))


def _route(url: str, at: Place) -> Route | None:
    try:
        parts = urlsplit(url if "://" in url else f"nats://{url}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    user = None if parts.username is None else unquote(parts.username)
    password = None if parts.password is None else unquote(parts.password)
    return Route(at, host, port or ROUTE_PORT, user, password)


def _listening(block: Block, port: int) -> tuple[str, int]:
    """Where a block says to listen: ``listen`` or ``host`` and ``port``."""
    listen = block.text("listen")
    if listen is not None:
        return _address(listen, port)
    return block.text("host", "net") or "", _number(block.text("port"), port)


def _address(text: str, port: int) -> tuple[str, int]:
    host, _, number = text.rpartition(":")
    return host.strip("[]"), _number(number, port)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else otherwise
