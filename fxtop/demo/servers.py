"""The demo's transporters: nats-server processes that form one cluster."""

from __future__ import annotations

import asyncio
import json
import logging
import urllib.request
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fxtop.demo.certificates import Authority
from fxtop.demo.errors import DemoError
from fxtop.demo.extra import nats_server
from fxtop.demo.folder import Folder, write_private
from fxtop.demo.lifeline import die_with_parent
from fxtop.demo.server_config import Secrets, ServerSpec, free_ports, render

NAMES: Final = ("manager1", "manager2", "manager3")
CLUSTER: Final = "fastx"

_READY: Final = "Server is ready"
_START_LIMIT: Final = 15.0
_STOP_LIMIT: Final = 5.0
_PORT_TRIES: Final = 3

log = logging.getLogger(__name__)


class _PortTaken(Exception):
    """Somebody took a port between the moment it was found free and the server's start."""


class Server:
    """One nats-server, which can be killed and started again at the same address."""

    def __init__(self, spec: ServerSpec, config: Path) -> None:
        self.spec = spec
        self._config = config
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._said: deque[str] = deque(maxlen=20)

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it and return when it takes clients; DemoError with its own words when it doesn't."""
        self._ready.clear()
        self._said.clear()
        self._process = await asyncio.create_subprocess_exec(
            nats_server(),
            "-c",
            self._config,
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            preexec_fn=die_with_parent(),
        )
        self._reader = asyncio.create_task(self._read(self._process), name=f"log of {self.spec.name}")
        await self._until_ready()

    async def kill(self) -> None:
        """End it without warning, as a power cut would."""
        if self._process is not None and self.running:
            self._process.kill()
        await self._ended()

    async def stop(self) -> None:
        """End it in good order."""
        if self._process is not None and self.running:
            self._process.terminate()
        try:
            await asyncio.wait_for(asyncio.shield(self._ended()), _STOP_LIMIT)
        except TimeoutError:
            await self.kill()

    async def _ended(self) -> None:
        if self._process is not None:
            await self._process.wait()
        if self._reader is not None:
            await self._reader

    async def _until_ready(self) -> None:
        assert self._reader is not None  # noqa: S101  # start() has just made it
        ready = asyncio.ensure_future(self._ready.wait())
        done, _ = await asyncio.wait((ready, self._reader), timeout=_START_LIMIT, return_when=asyncio.FIRST_COMPLETED)
        if ready in done:
            return
        ready.cancel()
        await self.kill()
        words = next((line for line in reversed(self._said) if "[FTL]" in line or "[ERR]" in line), "")
        if "address already in use" in words:
            raise _PortTaken
        raise DemoError(f"The demo's NATS server {self.spec.name} did not start: {words or 'it said nothing'}.")

    async def _read(self, process: Process) -> None:
        """Keep its log flowing and see in it when it is ready."""
        assert process.stderr is not None  # noqa: S101  # it was started with a pipe
        async for raw in process.stderr:
            line = raw.decode(errors="replace").rstrip()
            self._said.append(line)
            log.debug("%s: %s", self.spec.name, line)
            if _READY in line:
                self._ready.set()


class Servers:
    """The cluster of them."""

    def __init__(self, folder: Folder, secrets: Secrets) -> None:
        self._folder = folder
        self._secrets = secrets
        self._authority = Authority(folder.ca)
        self._servers: list[Server] = []

    @property
    def all(self) -> Sequence[Server]:
        """Every server, also one that was killed."""
        return self._servers

    @property
    def urls(self) -> tuple[str, ...]:
        """Where clients connect."""
        return tuple(server.spec.url for server in self._servers)

    async def start(self) -> None:
        """Start all and return when each sees all the others."""
        for attempt in range(_PORT_TRIES):
            self._servers = self._prepare(self._folder.root / f"servers-{attempt}")
            try:
                for server in self._servers:
                    await server.start()
            except _PortTaken:
                await self.stop()
                continue
            await asyncio.gather(*(self._until_routed(server) for server in self._servers))
            return
        raise DemoError("The demo found no free ports for its NATS servers; try again.")

    async def stop(self) -> None:
        """End all of them."""
        await asyncio.gather(*(server.stop() for server in self._servers))

    def _prepare(self, place: Path) -> list[Server]:
        place.mkdir(mode=0o700)
        specs = [
            ServerSpec(name, ports, self._authority.issue(name, place))
            for name, ports in zip(NAMES, free_ports(len(NAMES)), strict=True)
        ]
        return [self._configured(spec, [peer for peer in specs if peer is not spec], place) for spec in specs]

    def _configured(self, spec: ServerSpec, peers: Sequence[ServerSpec], place: Path) -> Server:
        config = place / f"{spec.name}.conf"
        write_private(config, render(spec, peers, self._secrets, self._authority.ca_file, CLUSTER))
        return Server(spec, config)

    async def _until_routed(self, server: Server) -> None:
        """Return when ``server`` has a route to each of the others. It tells nobody when, so it is asked."""
        try:
            async with asyncio.timeout(_START_LIMIT):
                while True:
                    if len(await asyncio.to_thread(_peers, server.spec)) >= len(self._servers) - 1:
                        return
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise DemoError(f"The demo's NATS server {server.spec.name} found no way to the others.") from None


def _peers(spec: ServerSpec) -> set[str]:
    """Names of the servers that ``spec`` has a route to."""
    with urllib.request.urlopen(f"{spec.monitoring_url}/routez", timeout=2) as answer:  # noqa: S310  # loopback http
        routes = json.load(answer)["routes"]
    return {route["remote_name"] for route in routes}
