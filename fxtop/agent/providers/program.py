"""Running a site's own programs: by a list of arguments, never through a shell, with limits on time and output."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fxtop.agent.providers.port import ProviderError
from fxtop.protocol.text import inert

_PLACEHOLDER: Final = re.compile(r"\{([a-z]+)\}")
_COMPLAINT_KEPT: Final = 4096
_STDIN: Final = 0
_STDERR: Final = 2
_DYING: Final = 2.0
"""Seconds that a killed program is waited for."""
_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


class ProgramError(ProviderError):
    """A program could not be run, failed, or said something unusable; the text is a sentence for the operator."""


class TemplateError(ValueError):
    """A command in the configuration that can't be used; the text is a sentence for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Whom a program runs as, where it isn't the agent's own user."""

    uid: int
    gid: int
    name: str
    home: str


@dataclass(frozen=True, slots=True)
class SiteCommand:
    """A command of the configuration, with placeholders such as ``{session}`` in its arguments.

    A placeholder is replaced by one value, once: values are neither split nor looked at for further placeholders.

    Args:
        argv: the program by its whole path, and its arguments.
        limit: seconds until it is killed with everything it started.
        output: bytes that it may say at most.
    """

    argv: tuple[str, ...]
    limit: float = 10.0
    output: int = 4 * 1024 * 1024

    def check(self, known: frozenset[str], what: str) -> None:
        """Whether it can be used, ``known`` being the names of its placeholders.

        Raises:
            TemplateError: it can't.
        """
        if not self.argv or not self.argv[0].startswith(("/", "{directory}/")):
            raise TemplateError(f"The {what} command has to begin with the whole path of a program.")
        for name in {name for part in self.argv for name in _PLACEHOLDER.findall(part)} - known:
            names = ", ".join(f"{{{one}}}" for one in sorted(known))
            raise TemplateError(f"The {what} command has no use for {{{name}}}: it may use {names}.")

    def fill(self, values: Mapping[str, str]) -> list[str]:
        """The arguments with ``values`` in them.

        A value that stands alone and could be taken for an option gets a space before it.
        """
        return [_filled(part, values) for part in self.argv]

    async def run(
        self,
        values: Mapping[str, str],
        stdin: bytes = b"",
        *,
        runner: Runner | None = None,
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        """What the program said on stdout.

        Raises:
            ProgramError: it could not be run, exited with an error, or passed a limit.
        """
        argv = self.fill(values)
        if runner is None:
            await asyncio.to_thread(require_safe, Path(argv[0]))
        transport, conversation = await _start(argv, runner, env or {}, self.output)
        try:
            async with asyncio.timeout(self.limit):
                conversation.tell(transport, stdin)
                await conversation.over.wait()
        except TimeoutError:
            raise ProgramError(f"{argv[0]} didn't end within {self.limit:g} s and was killed.") from None
        finally:
            code = transport.get_returncode()
            await _end(transport, conversation)
        if conversation.too_much:
            raise ProgramError(f"{argv[0]} said more than {self.output} bytes and was killed.")
        if code:
            raise ProgramError(_failure(argv[0], code, bytes(conversation.complaint)))
        return bytes(conversation.said)


def require_safe(program: Path) -> None:
    """Refuse a program that somebody else could have written: it would run with the agent's rights.

    Raises:
        ProgramError: it isn't there, or others can change it.
    """
    trusted = {0, os.geteuid()}
    try:
        real = program.resolve(strict=True)
        facts = [(path, path.stat()) for path in (real, *real.parents)]
    except OSError as error:
        raise ProgramError(f"{program} can't be run: {error.strerror}.") from None
    if not stat.S_ISREG(facts[0][1].st_mode):
        raise ProgramError(f"{program} can't be run: it is not a file.")
    for path, fact in facts:
        sticky = stat.S_ISDIR(fact.st_mode) and fact.st_mode & stat.S_ISVTX
        if fact.st_uid not in trusted or (fact.st_mode & 0o022 and not sticky):
            raise ProgramError(
                f"{program} isn't run because {path} can be changed by others: it has to belong to root and be "
                "writable by nobody else."
            )


def _filled(part: str, values: Mapping[str, str]) -> str:
    alone = _PLACEHOLDER.fullmatch(part)
    text = _PLACEHOLDER.sub(lambda match: values[match[1]], part)
    return f" {text}" if alone and text.startswith("-") else text


class _Conversation(asyncio.SubprocessProtocol):
    """What a program says, kept up to a limit.

    It is ``over`` when the program has ``ended`` and its output was heard to the end, or when it said too much.
    """

    def __init__(self, limit: int) -> None:
        self.said = bytearray()
        self.complaint = bytearray()
        self.too_much = False
        self.over = asyncio.Event()
        self.ended = asyncio.Event()
        self._limit = limit

    def tell(self, transport: asyncio.SubprocessTransport, stdin: bytes) -> None:
        """Say ``stdin`` to the program, which need not listen."""
        pipe = transport.get_pipe_transport(_STDIN)
        if isinstance(pipe, asyncio.WriteTransport):
            pipe.write(stdin)
            pipe.write_eof()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Of complaints the beginning is kept."""
        if fd == _STDERR:
            self.complaint += data[: _COMPLAINT_KEPT - len(self.complaint)]
        elif len(self.said) + len(data) > self._limit:
            self.too_much = True
            self.over.set()
        else:
            self.said += data

    def connection_lost(self, exc: Exception | None) -> None:
        """The program has ended, and nobody holds its output any more."""
        self.ended.set()
        self.over.set()


async def _start(
    argv: list[str], runner: Runner | None, env: Mapping[str, str], output: int
) -> tuple[asyncio.SubprocessTransport, _Conversation]:
    base = {"PATH": _PATH, "LANG": "C.UTF-8"}
    identity: dict[str, Any] = {}
    if runner is not None:
        base |= {"HOME": runner.home, "USER": runner.name, "LOGNAME": runner.name}
    if runner is not None and os.geteuid() == 0:
        identity = {"user": runner.uid, "group": runner.gid, "extra_groups": []}
    loop = asyncio.get_running_loop()
    try:
        return await loop.subprocess_exec(
            lambda: _Conversation(output), *argv, cwd="/", env={**base, **env}, start_new_session=True, **identity
        )
    except (OSError, ValueError) as error:  # ValueError: a zero byte in an argument
        raise ProgramError(f"{argv[0]} can't be run: {getattr(error, 'strerror', None) or error}.") from None


async def _end(transport: asyncio.SubprocessTransport, conversation: _Conversation) -> None:
    """Kill what still runs, with what it started: it leads a session of its own. What can't die isn't waited for."""
    if transport.get_returncode() is None:
        with suppress(ProcessLookupError):
            os.killpg(transport.get_pid(), signal.SIGKILL)
    transport.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(_DYING):
            await conversation.ended.wait()


def _failure(program: str, code: int, complaint: bytes) -> str:
    how = f"was ended by signal {-code}" if code < 0 else f"failed with status {code}"
    words = inert(complaint.decode(errors="replace").strip(), 200)
    return f"{program} {how}: {words}" if words else f"{program} {how}."
