"""Telling systemd how the service is (sd_notify(3)): datagrams to the socket that it names."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Mapping
from typing import Final

log = logging.getLogger(__name__)

SOCKET: Final = "NOTIFY_SOCKET"
WATCHDOG: Final = "WATCHDOG_USEC"
WATCHDOG_PID: Final = "WATCHDOG_PID"


class Notify:
    """Says nothing where nobody listens. A word that can't be sent is logged, and never fatal."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._address = _address(env.get(SOCKET, ""))
        self.watchdog = _watchdog(env)
        """Seconds within which systemd wants to hear from us again; None where it doesn't watch."""

    def ready(self, status: str) -> None:
        """The service is up, or has read its settings anew."""
        self._send(f"READY=1\nSTATUS={status}")

    def reloading(self) -> None:
        """The settings are read anew; `ready` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """The service is about to end."""
        self._send("STOPPING=1")

    async def keep_alive(self) -> None:
        """Tell for ever that the event loop goes on, twice as often as systemd wants to hear it."""
        if self.watchdog is None or self._address is None:
            return
        while True:
            self._send("WATCHDOG=1")
            await asyncio.sleep(self.watchdog / 2)

    def _send(self, words: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as line:
                line.connect(self._address)
                line.sendall(words.encode())
        except OSError as error:
            log.warning("systemd could not be told %s: %s", words.partition("\n")[0], error.strerror or error)


def _address(name: str) -> str | None:
    """The socket's address; one that begins with ``@`` is abstract."""
    if name.startswith("@"):
        return "\0" + name[1:]
    return name if name.startswith("/") else None


def _watchdog(env: Mapping[str, str]) -> float | None:
    span, pid = env.get(WATCHDOG, ""), env.get(WATCHDOG_PID, "")
    if not span.isdecimal() or not int(span) or (pid and pid != str(os.getpid())):
        return None
    return int(span) / 1e6
