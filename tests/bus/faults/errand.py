"""A command line in a process of its own: what it says while it runs, and how it ends."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path
from typing import Self

from fxtop.actions.keys import create
from fxtop.protocol.ids import PublicKey
from tests.natskit import CLUSTER

_OURS = ("FXTOP_", "NATS_", "FX_")


class Shell:
    """A person's shell, of whom nothing else on this machine is known."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self.key: PublicKey = create(folder / "ann.nk").public_key
        self._program = program
        self._env = {name: text for name, text in os.environ.items() if not name.startswith(_OURS)} | {
            "XDG_STATE_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            "FX_CONFIG_DIR": str(folder / "none"),
            "FXTOP_KEY_FILE": str(folder / "ann.nk"),
            "FXTOP_OPERATOR": "ann",
            "FXTOP_CLUSTER": CLUSTER,
        }

    async def start(self, server: str, *line: str, token: Path | None = None) -> Errand:
        """Begin a command line about the cluster of ``server``."""
        env = self._env | {"FXTOP_SERVER": server} | ({"FXTOP_TOKEN_FILE": str(token)} if token else {})
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", self._program, *line, env=env, stdout=pipe, stderr=pipe
        )
        return Errand(process)


class Errand:
    """One command that runs."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said = ""
        self._news = asyncio.Condition()
        self._reading = [asyncio.create_task(self._read(stream)) for stream in (process.stdout, process.stderr)]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        await asyncio.gather(*self._reading)

    async def says(self, pattern: str, within: float) -> None:
        """Return when it has said something that fits; an AssertionError holds what it said instead."""
        try:
            async with asyncio.timeout(within), self._news:
                await self._news.wait_for(lambda: re.search(pattern, self.said) or self._ended)
        except TimeoutError:
            pass
        assert re.search(pattern, self.said), f"it doesn't say '{pattern}' but:\n{self.said}"

    async def ends(self, within: float) -> int:
        """Its exit code; an AssertionError holds what it said where it doesn't end."""
        try:
            async with asyncio.timeout(within):
                await asyncio.gather(*map(asyncio.shield, self._reading))
                return await self.process.wait()
        except TimeoutError:
            raise AssertionError(f"it doesn't end:\n{self.said}") from None

    @property
    def _ended(self) -> bool:
        return all(reading.done() for reading in self._reading)

    async def _read(self, stream: asyncio.StreamReader | None) -> None:
        assert stream is not None
        while line := await stream.readline():
            self.said += line.decode()
            async with self._news:
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()
