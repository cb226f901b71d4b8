"""A program in the place of rlmutil."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fxtop.agent.rlm.command import RlmCommand
from fxtop.agent.rlm.rlmstat import RlmStat
from fxtop.protocol.ids import LicenseId

SERVER = LicenseId("5053@lic1")


class FakeRlmutil:
    """A shell script called ``rlmutil`` that does what a test tells it to."""

    def __init__(self, folder: Path) -> None:
        self.program = folder / "rlmutil"
        self._answer = folder / "answer.txt"

    def does(self, *lines: str) -> FakeRlmutil:
        """Run these lines of shell."""
        self.program.write_text("#!/bin/sh\n" + "\n".join(lines) + "\n")
        self.program.chmod(0o755)
        return self

    def says(self, answer: str | bytes, code: int = 0) -> FakeRlmutil:
        """Answer, if it is asked for the status and for nothing else."""
        self._answer.write_bytes(answer.encode() if isinstance(answer, str) else answer)
        return self.does('[ "$1" = rlmstat ] || exit 99', f"cat {shlex.quote(str(self._answer))}", f"exit {code}")

    def stat(self, *, limit: float = 20.0, options: tuple[str, ...] = ("-a",)) -> RlmStat:
        """What asks it."""
        return RlmStat(RlmCommand(self.program, SERVER, options), limit=limit)


@asynccontextmanager
async def pulse(path: Path) -> AsyncIterator[asyncio.StreamReader]:
    """A pipe at ``path`` that ends when the last process that has it open for writing has ended."""
    os.mkfifo(path)
    reader = asyncio.StreamReader()
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb", buffering=0)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), file
    )
    try:
        yield reader
    finally:
        transport.close()
