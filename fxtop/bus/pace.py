"""When a busy connection's socket is read: in beats. A wake-up for each message costs ten times what the message does.

While a socket isn't read the kernel keeps what arrives, and behind it the server does. Each beat reads what has
gathered, so that however much arrives, it is taken as fast as it comes; the few messages that come meanwhile are left
for the next.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, Protocol

BEAT: Final = 0.25
"""Seconds between two reads of a busy connection: what is shown twice a second may arrive so much later."""
BRISK: Final = 0.05
"""Seconds between them while an answer is waited for, which may take some seconds to come, or never come."""
LOOK: Final = 1.0
"""Seconds between two looks at how busy a connection is."""
BUSY: Final = 200
"""Messages a second from which on a connection is read in beats; below, each is read as it comes."""
LEFT: Final = 32 * 1024
"""Bytes that aren't worth another read in the same beat."""
PASSES: Final = 256
"""Reads in one beat at most (asyncio takes 256 KiB with each), lest a reader that is stuck is waited for for ever."""


class Socket(Protocol):
    """The reading side of a connection."""

    def pause(self) -> None:
        """Leave what arrives to the kernel."""
        ...

    def resume(self) -> None:
        """Read what is there, and what comes."""
        ...

    def unread(self) -> int:
        """Bytes that the kernel holds; 0 at the end of the stream or of the connection."""
        ...


class Pace:
    """Reads one connection in beats while it is busy."""

    def __init__(self, socket: Socket, heard: Callable[[], int]) -> None:
        """``heard`` tells how many messages have come in so far."""
        self._socket = socket
        self._heard = heard
        self._awake = 0
        """How many have everything read at once."""
        self._resting = False
        """Whether what arrives is for the kernel to keep, unless somebody is awake."""
        self._asked = 0
        self._question = asyncio.Event()
        """Set while an answer is waited for."""

    async def keep(self) -> None:
        """Watch how busy the connection is, and read it accordingly, until cancelled."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                before = self._heard()
                await asyncio.sleep(LOOK)
                while self._heard() - before >= BUSY * LOOK:
                    before, until = self._heard(), loop.time() + LOOK
                    while loop.time() < until:
                        await self.beat()
        finally:
            self._resume()

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Read everything at once meanwhile: somebody measures how long an answer takes, or waits for very many."""
        self._awake += 1
        self._socket.resume()
        try:
            yield
        finally:
            self._awake -= 1
            if self._resting:
                self._rest()  # else each message would be a wake-up until the beat is over

    @contextmanager
    def brisk(self) -> Iterator[None]:
        """Read in short beats meanwhile: somebody waits for answers."""
        self._asked += 1
        self._question.set()
        try:
            yield
        finally:
            self._asked -= 1
            if not self._asked:
                self._question.clear()

    async def beat(self) -> None:
        """Rest, then read what has gathered."""
        self._rest()
        await asyncio.sleep(0)  # asyncio's stream, once what it holds is taken, reads on by itself
        self._rest()
        await self._wait()
        self._resume()
        await asyncio.sleep(0)  # the loop looks at its sockets before it goes on here
        for _ in range(PASSES):
            if self._socket.unread() < LEFT:
                return
            await asyncio.sleep(0)

    def _resume(self) -> None:
        self._resting = False
        self._socket.resume()

    def _rest(self) -> None:
        self._resting = True
        if not self._awake:
            self._socket.pause()

    async def _wait(self) -> None:
        """Let a beat pass; the first question ends a long one."""
        if self._asked:
            await asyncio.sleep(BRISK)
        else:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._question.wait(), BEAT)
