"""A relay between a NATS client and its server that can lose, double, hold back and reorder single messages.

It speaks as much of the protocol as it takes to see where a message begins and ends, and what its subject is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from tests.natskit import NatsServer, Rack, free_port

_WITH_PAYLOAD: Final = (b"PUB", b"HPUB", b"MSG", b"HMSG")


@dataclass(frozen=True)
class Frame:
    """One line of the protocol, with the message that belongs to it."""

    to_server: bool
    raw: bytes
    subject: str = ""
    """Empty for all that is no message."""
    payload: bytes = b""
    """Headers and body."""


Copy = asyncio.Event | None
"""When a copy of a frame is passed on: at once, or when the event is set."""
Rule = Callable[[Frame], tuple[Copy, ...]]
"""The copies of a message that are passed on; none means that it is lost."""

PASS: Final[tuple[Copy, ...]] = (None,)
LOSE: Final[tuple[Copy, ...]] = ()
DOUBLE: Final[tuple[Copy, ...]] = (None, None)


def faithful(_: Frame) -> tuple[Copy, ...]:
    """Passes on everything."""
    return PASS


class Relay:
    """Listens on ``url`` and connects each client to ``server``; ``rule`` may be changed at any time."""

    def __init__(self, server: NatsServer, rule: Rule = faithful) -> None:
        self.rule = rule
        self.url = ""
        self._target = server.spec.port
        self._listening: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"nats://127.0.0.1:{self._listening.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._listening is not None
        self._listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._start(self._pump(reader, their_writer, to_server=True))
        self._start(self._pump(their_reader, writer, to_server=False))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, to_server: bool) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                frame = await _whole(line, reader, to_server)
                for copy in self.rule(frame) if frame.subject else PASS:
                    if copy is None:
                        writer.write(frame.raw)
                    else:
                        self._start(_later(copy, frame, writer))
                await writer.drain()
        writer.close()


async def _whole(line: bytes, reader: asyncio.StreamReader, to_server: bool) -> Frame:
    words = line.split()
    if not words or words[0] not in _WITH_PAYLOAD:
        return Frame(to_server, line)
    rest = await reader.readexactly(int(words[-1]) + 2)
    return Frame(to_server, line + rest, words[1].decode(), rest[:-2])


async def _later(event: asyncio.Event, frame: Frame, writer: asyncio.StreamWriter) -> None:
    await event.wait()
    writer.write(frame.raw)
    with suppress(OSError):
        await writer.drain()


class Cable:
    """Carries bytes between two servers, until it is cut and after it was mended."""

    def __init__(self, port: int, target: int) -> None:
        self._port = port
        self._target = target
        self._listening: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        """Let connections through."""
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", self._port)

    async def cut(self) -> None:
        """End what is connected and let nothing new through."""
        assert self._listening is not None
        self._listening.close()
        for writer in tuple(self._writers):
            writer.transport.abort()
        await self._listening.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            their_reader, their_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, their_writer}
        await asyncio.gather(self._carry(reader, their_writer), self._carry(their_reader, writer))

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
        self._writers.discard(writer)


async def cabled(rack: Rack) -> tuple[NatsServer, NatsServer, Cable]:
    """Two servers of one cluster, and the cable between them."""
    routes, ours = free_port(), free_port()
    block = 'cluster {{ name: fx, listen: "127.0.0.1:{}", no_advertise: true, pool_size: -1{} }}'
    first = await rack.server("n1", cluster=block.format(routes, ""))
    cable = Cable(ours, routes)
    await cable.mend()
    towards = f', routes: ["nats-route://127.0.0.1:{ours}"]'
    return first, await rack.server("n2", cluster=block.format(free_port(), towards)), cable
