"""Brokers of Moleculer for tests: invented ones in Python, which cost nothing, and real ones from npm."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from fxtop.bus.connection import NatsBus
from fxtop.bus.port import Asked
from tests.natskit import WITHIN, NatsServer

PACKAGES: Final = ("moleculer@0.14.36", "nats@2.29.3")
INSTALL_WITHIN: Final = 60.0
"""Seconds for npm, once: what it installs is kept in pytest's cache."""
SCRIPT: Final = Path(__file__).with_name("broker.js")


class FakeBroker:
    """Does what a broker does on the bus: tells who it is when asked, and beats when told to."""

    def __init__(self, bus: NatsBus, id_: str, prefix: str = "MOL", **info: Any) -> None:
        self.bus = bus
        self.id = id_
        self.prefix = prefix
        self.asked_by: list[str] = []
        self._info = {
            "services": [{"name": "launcher", "fullName": "launcher"}],
            "ipList": ["192.0.2.7"],
            "hostname": f"{id_}.example.edu",
            "instanceID": "i1",
            "client": {"type": "nodejs", "version": "0.14.36", "langVersion": "v20.20.2"},
            **info,
        }

    async def start(self) -> None:
        """Begin to answer."""
        for subject in (f"{self.prefix}.DISCOVER", f"{self.prefix}.DISCOVER.{self.id}"):
            await self.bus.listen(subject, self._answer)
        await in_force(self.bus)

    async def beat(self, cpu: float = 12.0) -> None:
        """Send a heartbeat."""
        await self._say("HEARTBEAT", cpu=cpu)

    async def leave(self) -> None:
        """Say goodbye."""
        await self._say("DISCONNECT")

    async def _answer(self, asked: Asked) -> None:
        sender = json.loads(asked.payload)["sender"]
        self.asked_by.append(sender)
        await self._say(f"INFO.{sender}", **self._info)

    async def _say(self, topic: str, **body: Any) -> None:
        payload = json.dumps({**body, "ver": "4", "sender": self.id}).encode()
        await self.bus.publish(f"{self.prefix}.{topic}", payload)


@dataclass
class Eavesdropper:
    """Everything that anybody said on a server."""

    messages: list[tuple[str, bytes]] = field(default_factory=list)

    async def handle(self, asked: Asked) -> None:
        """Keep a message."""
        self.messages.append((asked.subject, asked.payload))

    def under_mol(self) -> list[tuple[str, str]]:
        """Subject and sender of every packet of Moleculer's."""
        return [
            (subject, json.loads(payload)["sender"]) for subject, payload in self.messages if subject.startswith("MOL")
        ]

    def said_by_us(self) -> list[str]:
        """Subjects of the packets whose sender is an observer of ours."""
        return [subject for subject, sender in self.under_mol() if sender.startswith("fxtop-")]


class RealBroker:
    """A process of node that runs one broker."""

    def __init__(self, modules: Path, server: NatsServer, id_: str, **told: Any) -> None:
        self.id = id_
        self._modules = modules
        self._told = {
            "id": id_, "server": f"127.0.0.1:{server.spec.port}", "namespace": "", "interval": 1,
            "services": ["launcher"], "metadata": {}, "version": None, **told,
        }  # fmt: skip
        self._token = server.spec.token or ""
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it and return when it is part of the mesh."""
        self._process = await asyncio.create_subprocess_exec(
            "node",
            str(SCRIPT),
            json.dumps(self._told),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**os.environ, "NODE_PATH": str(self._modules), "BROKER_TOKEN": self._token},
        )
        assert await self._line() == "started"

    async def call(self, action: str) -> Any:
        """The answer to an action that this broker calls."""
        await self._tell(action)
        return await self._line()

    async def stop(self) -> None:
        """End it in good order."""
        await self._tell("stop")
        assert self._process is not None
        await self._process.wait()

    async def kill(self) -> None:
        """End it without a word, if it still runs."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _tell(self, line: str) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n".encode())
        await self._process.stdin.drain()

    async def _line(self) -> Any:
        assert self._process is not None
        assert self._process.stdout is not None
        async with asyncio.timeout(WITHIN):
            return json.loads(await self._process.stdout.readline())


class Brokers:
    """The real brokers of one test, killed at its end."""

    def __init__(self, modules: Path, server: NatsServer) -> None:
        self._modules = modules
        self._server = server
        self._all: list[RealBroker] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for broker in self._all:
            await broker.kill()

    def broker(self, id_: str, **told: Any) -> RealBroker:
        """One that is not started yet."""
        broker = RealBroker(self._modules, self._server, id_, **told)
        self._all.append(broker)
        return broker

    async def start(self, *brokers: RealBroker) -> Sequence[RealBroker]:
        """Start them together."""
        await asyncio.gather(*(broker.start() for broker in brokers))
        return brokers


async def in_force(bus: NatsBus) -> None:
    """Return when the server has taken all subscriptions that were made before."""
    came = asyncio.Event()
    subject = f"in-force.{secrets.token_hex(4)}"

    async def hear(_: Asked) -> None:
        came.set()

    await bus.listen(subject, hear)
    await bus.publish(subject, b"")
    async with asyncio.timeout(WITHIN):
        await came.wait()


class NotInstalled(Exception):
    """There are no real brokers here; the text says why."""


def install(folder: Path) -> Path:
    """The ``node_modules`` with Moleculer under ``folder``, installed there where they aren't yet."""
    done = folder / f"{'+'.join(PACKAGES)}"
    if done.is_dir():
        return done / "node_modules"
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise NotInstalled(f"there is no {tool} on this machine")
    fresh = folder / f"fresh-{os.getpid()}"
    line = [
        "npm",
        "install",
        "--fetch-retries=1",
        "--no-audit",
        "--no-fund",
        "--no-save",
        "--prefix",
        str(fresh),
        *PACKAGES,
    ]
    try:
        subprocess.run(line, check=True, capture_output=True, text=True, timeout=INSTALL_WITHIN)
        fresh.rename(done)
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(fresh, ignore_errors=True)
        raise NotInstalled(f"npm could not install {' '.join(PACKAGES)}: {type(error).__name__}") from error
    return done / "node_modules"
