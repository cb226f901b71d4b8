"""What a NATS server says of itself to whoever connects, before any login (``INFO``, nats-server 2.15).

No secret is ever sent. A server that expects TLS first (``handshake_first``) says nothing.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import Final

import msgspec

from fxtop.bus.port import BusError

WITHIN: Final = 2.0
_LONGEST: Final = 64 * 1024
"""Bytes of a greeting, which lists every server of the cluster."""
_WORD: Final = b"INFO "


class NoGreeting(BusError):
    """Nobody greeted there as a NATS server does; the text is a sentence."""


class Greeting(msgspec.Struct, frozen=True):
    """A server's own words."""

    server_id: str
    server_name: str = ""
    version: str = ""
    host: str = ""
    port: int = 0
    cluster: str = ""
    tls_required: bool = False
    jetstream: bool = False
    ldm: bool = False
    """Whether it is shutting down (lame duck mode)."""


async def greet(host: str, port: int, within: float = WITHIN) -> Greeting:
    """What the server at ``host`` and ``port`` says. NoGreeting where there is none."""
    try:
        async with asyncio.timeout(within):
            line = await _first_line(host, port)
    except TimeoutError:
        raise NoGreeting(f"No NATS server greeted on {host}:{port} within {within:g} s.") from None
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise NoGreeting(f"No NATS server can be reached on {host}:{port}: {why}.") from None
    return read_greeting(line, f"{host}:{port}")


def read_greeting(line: bytes, place: str) -> Greeting:
    """The greeting in ``line``, which came from ``place``. NoGreeting where it is none."""
    if not line.startswith(_WORD):
        raise NoGreeting(f"What greets on {place} is no NATS server.")
    try:
        return msgspec.json.decode(line[len(_WORD) :], type=Greeting)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise NoGreeting(f"The NATS server on {place} greets with something that can't be read.") from None


async def _first_line(host: str, port: int) -> bytes:
    reader, writer = await asyncio.open_connection(host, port, limit=_LONGEST)
    try:
        return await reader.readline()
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
