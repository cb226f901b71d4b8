"""Running ``rlmutil rlmstat``: no shell, a time limit, a limit of what it may say, and nothing of it left behind."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from io import FileIO
from pathlib import Path
from typing import Final, NamedTuple

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.rlm.command import RlmCommand

MAX_OUTPUT: Final = 2 * 1024 * 1024
LIMIT: Final = 10.0
DYING: Final = 1.0
"""Seconds that a killed process is waited for."""
_CHUNK: Final = 64 * 1024


class RlmStatError(Exception):
    """rlmutil couldn't be run to its end; the text is a sentence for the operator."""


class Answer(NamedTuple):
    """What it said, on either of its outputs, and how it ended: its exit code, or less than 0 for a signal."""

    text: str
    code: int


class RlmStat:
    """Asks one licence server.

    Args:
        command: how.
        limit: seconds it may take.
    """

    def __init__(self, command: RlmCommand, *, limit: float = LIMIT) -> None:
        self.command = command
        self.limit = limit
        self._apart = Apart(str(command.program))
        self._last: Process | None = None

    async def ask(self) -> Answer:
        """Run it once.

        Raises:
            RlmStatError: it isn't there, can't be executed, took too long or said too much.
        """
        if self._last is not None and self._last.returncode is None:
            raise RlmStatError(f"{self.command.program} was killed and still hangs, so it isn't started again.")
        found = False
        try:
            async with asyncio.timeout(self.limit):
                await self._apart.run(self._check)
                found = True
                return await self._run()
        except TimeoutError:
            raise RlmStatError(self._late() if found else f"Looking at {self.command.program} hangs.") from None
        except CollectError as error:
            raise RlmStatError(str(error)) from error

    def _late(self) -> str:
        return (
            f"{self.command.program} didn't answer within {self.limit:g} s and was ended: "
            f"{self.command.server} may be behind a firewall that drops what is sent to it."
        )

    def _check(self) -> None:
        """Blocks where the program lies on a dead network filesystem, which starting it would too."""
        program = self.command.program
        try:
            program.stat()
        except FileNotFoundError:
            raise RlmStatError(
                f"{program} isn't there: install RLM's rlmutil, or tell where it is in the agent's configuration."
            ) from None
        except OSError as error:
            raise RlmStatError(f"{program} can't be looked at: {error.strerror}.") from error
        if not program.is_file():
            raise RlmStatError(f"{program} is no file: tell the whole path of rlmutil.")
        if not os.access(program, os.X_OK):
            raise RlmStatError(f"{program} can't be executed by the agent's user: give it the mode 0755.")

    async def _run(self) -> Answer:
        async with _pipe() as (reader, sink):
            process = await self._started(sink)
            whole = False
            try:
                output = await self._read(reader)
                whole = True
                return Answer(output.decode(errors="backslashreplace"), await process.wait())
            finally:
                if not whole or process.returncode is None:
                    await _kill(process)

    async def _started(self, sink: FileIO) -> Process:
        """Start it, and wholly even if that is stopped: of a half started one, asyncio ends the first process only."""
        starting = asyncio.create_task(self._start(sink))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            with suppress(RlmStatError):
                await _kill(await starting)
            raise

    async def _start(self, sink: FileIO) -> Process:
        try:
            self._last = await asyncio.create_subprocess_exec(
                *self.command.arguments,
                executable=self.command.program,
                stdin=DEVNULL,
                stdout=sink,
                stderr=sink,
                cwd="/",
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise RlmStatError(_not_started(self.command.program, error)) from error
        finally:
            sink.close()
        return self._last

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        output = bytearray()
        while chunk := await reader.read(_CHUNK):
            output += chunk
            if len(output) > MAX_OUTPUT:
                raise RlmStatError(
                    f"{self.command.program} said more than {MAX_OUTPUT // 1024**2} MiB and was ended: is it rlmutil?"
                )
        return bytes(output)


@asynccontextmanager
async def _pipe() -> AsyncIterator[tuple[asyncio.StreamReader, FileIO]]:
    """A pipe of our own: where asyncio makes it, waiting for a process is waiting for all who inherited its output."""
    reading, writing = os.pipe()
    with FileIO(reading, "rb") as source, FileIO(writing, "wb") as sink:
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), source)
        try:
            yield reader, sink
        finally:
            transport.close()


async def _kill(process: Process) -> None:
    """End the process and all that it started; one that hangs in the kernel ends when it can."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(TimeoutError):
        async with asyncio.timeout(DYING):
            await process.wait()


def _environment() -> dict[str, str]:
    """Nothing that changes what is asked or in which language; the zone, so that its clock is the agent's."""
    zone = {"TZ": os.environ["TZ"]} if "TZ" in os.environ else {}
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", **zone}


def _not_started(program: Path, error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return (
            f"{program} is there, but not the loader it needs, which is often ld-lsb-x86-64.so.3 of the LSB packages: "
            f"'file {program}' names it."
        )
    if error.errno == errno.ENOEXEC:
        return f"{program} is no program for this kind of machine."
    return f"{program} couldn't be started: {error.strerror or error}."
