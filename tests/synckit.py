"""Real syncthing instances for tests: two that share a folder over loopback, cut off, brought back, gone at the end.

They talk to nobody else: no discovery, no relays, no reports. Waiting is for syncthing's own events.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self
from urllib.request import Request, urlopen

from tests.natskit import free_port

PROGRAM: Final = shutil.which("syncthing")
WITHIN: Final = 20.0
"""Seconds after which a wait counts as failed."""
FOLDER: Final = "fastx-var"

_CONFIG: Final = """\
<configuration version="36">
  {devices}
  <folder id="{folder}" label="FastX" path="{path}" type="sendreceive" rescanIntervalS="3600" fsWatcherEnabled="false">
    <maxConflicts>10</maxConflicts>
    {members}
  </folder>
  <gui enabled="true" tls="{tls}"><address>127.0.0.1:{gui}</address><apikey>{key}</apikey></gui>
  <options>
    <listenAddress>tcp://127.0.0.1:{port}</listenAddress>
    <globalAnnounceEnabled>false</globalAnnounceEnabled><localAnnounceEnabled>false</localAnnounceEnabled>
    <relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled><stunServer></stunServer>
    <reconnectionIntervalS>1</reconnectionIntervalS><crashReportingEnabled>false</crashReportingEnabled>
    <urAccepted>-1</urAccepted><autoUpgradeIntervalH>0</autoUpgradeIntervalH><startBrowser>false</startBrowser>
  </options>
</configuration>
"""
_ALONE: Final = {"STMONITORED": "yes"}
"""Makes it one process: by itself it starts a second one, which outlives it when it is killed."""
_UNVERIFIED: Final = ssl._create_unverified_context()
"""Whom the kit itself asks, it has started."""
_ID: Final = re.compile(r"[A-Z2-7]{7}(?:-[A-Z2-7]{7}){7}")


@dataclass
class Syncthing:
    """One instance with its home, and the folder that it shares."""

    name: str
    home: Path
    path: Path
    gui: int = field(default_factory=free_port)
    port: int = field(default_factory=free_port)
    key: str = "a-key-of-a-test-and-of-nothing-else"
    tls: bool = False
    id: str = ""
    _process: asyncio.subprocess.Process | None = None
    _drain: asyncio.Task[None] | None = None

    @property
    def config(self) -> Path:
        """Its config.xml."""
        return self.home / "config.xml"

    async def generate(self) -> None:
        """Make its certificate, which is its identity."""
        self.path.mkdir(parents=True)
        made = await asyncio.create_subprocess_exec(
            str(PROGRAM), "generate", "--home", str(self.home), "--no-default-folder",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await made.communicate()
        found = _ID.search(said.decode())
        assert found is not None, said
        self.id = found[0]

    def configure(self, *all_of_them: Syncthing) -> None:
        """Write its configuration: a folder shared by ``all_of_them``."""
        (self.path / ".stfolder").mkdir(exist_ok=True)
        self.config.write_text(
            _CONFIG.format(
                devices="\n  ".join(
                    f'<device id="{each.id}" name="{each.name}"><address>tcp://127.0.0.1:{each.port}</address></device>'
                    for each in all_of_them
                ),
                members="\n    ".join(f'<device id="{each.id}"></device>' for each in all_of_them),
                folder=FOLDER,
                path=self.path,
                tls=str(self.tls).lower(),
                gui=self.gui,
                key=self.key,
                port=self.port,
            )
        )

    async def start(self) -> None:
        """Start it, and return when its API answers and its folder was scanned."""
        self._process = await asyncio.create_subprocess_exec(
            str(PROGRAM), "serve", "--home", str(self.home), "--no-browser", "--no-restart", "--no-upgrade",
            env=os.environ | _ALONE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert self._process.stdout is not None
        async with asyncio.timeout(WITHIN):
            async for line in self._process.stdout:
                if b"Completed initial scan" in line:
                    break
            else:
                raise RuntimeError(f"syncthing of {self.name} ended at its start")
        self._drain = asyncio.create_task(self._swallow(self._process.stdout))

    async def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            await self._process.wait()

    def ask(self, path: str, method: str = "GET") -> Any:
        """What its API answers, by a plain client of ours."""
        url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.gui}{path}"
        request = Request(url, headers={"X-API-Key": self.key}, method=method)
        with urlopen(request, timeout=WITHIN, context=_UNVERIFIED) as answer:
            body = answer.read()
        return json.loads(body) if body.strip() else None

    async def scan(self) -> None:
        """Have it look at its folder now. HTTPError where the folder is ill."""
        await asyncio.to_thread(self.ask, f"/rest/db/scan?folder={FOLDER}", "POST")

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return when ``condition`` holds, which is looked at after each of its events."""
        since = 0
        async with asyncio.timeout(WITHIN):
            while not await asyncio.to_thread(condition):
                events = await asyncio.to_thread(self.ask, f"/rest/events?since={since}&timeout=1")
                since = events[-1]["id"] if events else since

    async def kill(self) -> None:
        """End it without a word."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._drain is not None:
            await self._drain

    async def _swallow(self, stream: asyncio.StreamReader) -> None:
        async for _ in stream:
            continue


class Pair:
    """Two managers whose FX_VAR_DIR syncthing keeps the same."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self.one, self.two = (
            Syncthing(name, folder / name / "home", folder / name / "var", tls=tls) for name in ("mgr1", "mgr2")
        )

    async def __aenter__(self) -> Self:
        both = (self.one, self.two)
        for each in both:
            await each.generate()
        for each in both:
            each.configure(*both)
        try:
            for each in both:
                await each.start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._end()

    async def _end(self) -> None:
        for each in (self.one, self.two):
            await each.kill()

    def connected(self) -> bool:
        """Whether the first one sees the second."""
        return bool(self.one.ask("/rest/system/connections")["connections"][self.two.id]["connected"])

    def in_sync(self) -> bool:
        """Whether the second has all that the first has, and there is something."""
        found = self.one.ask(f"/rest/db/completion?folder={FOLDER}&device={self.two.id}")
        return bool(found["globalItems"] and found["completion"] == 100)
