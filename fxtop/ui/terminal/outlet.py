"""Bytes on their way to the terminal, written as fast as it takes them and never faster, without anybody waiting."""

from __future__ import annotations

import asyncio
import os
import select
import termios
import time
from collections.abc import Callable
from typing import Final

MOST_WAITING: Final = 1 << 20
"""Bytes that wait for the terminal at most; what is written beyond them is dropped whole, and counted."""
AT_ONCE: Final = 1 << 16
CLOSING_SECONDS: Final = 1.0
"""For which the end waits for a terminal that takes nothing, before it drops what is left of the screen."""
RECOVERY: Final = b"\x18\x1b[?2026l\x1b[0m"
"""Ends whatever was cut off in the middle: a sequence (CAN), a synchronized update, a style."""


def reopened(fd: int) -> int:
    """The terminal ``fd`` once more, non-blocking; whoever shares ``fd`` with us (the shell) isn't affected by that.

    Raises:
        OSError: ``fd`` is no terminal, or one that can't be opened by its name.
    """
    flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(os.ttyname(fd), flags)
    except OSError:
        os.tcgetpgrp(fd)  # fails for another terminal than the controlling one, which alone /dev/tty stands for
        return os.open("/dev/tty", flags)


class Outlet:
    """Takes text at any time, and hands it to the terminal as that has room for it. Belongs to one event loop.

    ``drained`` is called whenever the last byte that had to wait is on its way.
    """

    def __init__(self, fd: int, encoding: str, drained: Callable[[], None]) -> None:
        self._fd = fd
        self._encoding = encoding
        self._drained = drained
        self._loop = asyncio.get_running_loop()
        self._unsent = bytearray()
        self._last_words: bytearray | None = None
        self._due = False
        self._watching = False
        self.offered = 0
        """Bytes that were to be written."""
        self.written = 0
        """Bytes that the terminal took."""
        self.dropped = 0
        """Texts for which there was no room."""
        self.gone = False
        """Whether the terminal is no more. Who is in its session is told by SIGHUP; whoever isn't finds out here."""

    @property
    def waiting(self) -> int:
        """Bytes that the terminal has had no room for yet."""
        return len(self._unsent)

    def write(self, text: str) -> None:
        """Have ``text`` written soon: at the latest when the loop comes round, at once with `send`."""
        data = text.encode(self._encoding, "backslashreplace")
        self.offered += len(data)
        if self._last_words is not None:
            self._last_words += data
        elif len(self._unsent) + len(data) > MOST_WAITING:
            self.dropped += 1
        else:
            self._unsent += data
            if not self._due:
                self._due = True
                self._loop.call_soon(self.send)

    def send(self) -> None:
        """Hand over as much as the terminal has room for now."""
        self._due = False
        self._hand_over()
        if bool(self._unsent) is self._watching:
            return
        self._watching = not self._watching
        if self._watching:
            self._loop.add_writer(self._fd, self.send)
        else:
            self._loop.remove_writer(self._fd)
            self._drained()

    def begin_last_words(self) -> None:
        """All that is written from now on has to reach the terminal, even if what stands before it can't."""
        if self._last_words is None:
            self._last_words = bytearray()

    def close(self) -> None:
        """Write what waits and the last words; a terminal that takes nothing is given the last words alone."""
        last_words = bytes(self._last_words or b"")
        if self._watching:
            self._loop.remove_writer(self._fd)
            self._watching = False
        self._unsent += last_words
        if not self._empty(CLOSING_SECONDS):
            # What lies in the kernel's buffer makes room for what restores the terminal once somebody reads again.
            termios.tcflush(self._fd, termios.TCOFLUSH)
            self._unsent = bytearray(RECOVERY + last_words)
            self._empty(CLOSING_SECONDS)
        self._unsent.clear()
        os.close(self._fd)

    def _empty(self, within: float) -> bool:
        """Whether all that waits is written within so many seconds."""
        until = time.monotonic() + within
        self._hand_over()
        while self._unsent and (left := until - time.monotonic()) > 0:
            select.select((), (self._fd,), (), left)
            self._hand_over()
        return not self._unsent

    def _hand_over(self) -> None:
        while self._unsent:
            try:
                taken = os.write(self._fd, self._unsent[:AT_ONCE])
            except BlockingIOError:
                return
            except OSError:
                self.gone = True
                self._unsent.clear()
                return
            self.written += taken
            del self._unsent[:taken]
