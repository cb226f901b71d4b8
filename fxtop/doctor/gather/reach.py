"""Trying ports: whether somebody answers there, and if not, why. No secret is ever sent."""

from __future__ import annotations

import asyncio
import errno
import json
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from fxtop.doctor.facts import Reached
from fxtop.protocol.text import inert

WITHIN: Final = 3.0
"""Seconds after which a port counts as filtered."""
AT_ONCE: Final = 16
_NOWHERE: Final = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN)
_WRONG_NAME: Final = (62, 64)
_WRONG_TIME: Final = (9, 10)
"""Of X509_V_ERR_… in OpenSSL: names of host and address; begin and end."""


class Port(NamedTuple):
    """Where to try."""

    what: str
    host: str
    port: int
    tls: bool = False
    """Whether TLS is asked for even where the server doesn't offer it."""


async def try_ports(ports: Iterable[Port], ca: Path | None = None) -> tuple[Reached, ...]:
    """What became of each of ``ports``, in their order. ``ca`` is whom to trust; None is the system's list."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(port: Port) -> Reached:
        async with room:
            return await _try(port, ca)

    return tuple(await asyncio.gather(*map(one, ports)))


async def _try(port: Port, ca: Path | None) -> Reached:
    try:
        async with asyncio.timeout(WITHIN):
            reader, writer = await asyncio.open_connection(port.host, port.port)
    except socket.gaierror as error:
        return _problem(port, "unresolved", error.strerror or "")
    except TimeoutError:
        return _problem(port, "filtered", f"no answer in {WITHIN:.0f} s")
    except ConnectionRefusedError:
        return _problem(port, "refused", "connection refused")
    except (OSError, ValueError) as error:  # ValueError: a host that no name can be
        code = getattr(error, "errno", None)
        return _problem(port, "unreachable" if code in _NOWHERE else "filtered", str(error))
    try:
        return await _greeted(port, ca, reader, writer) if port.what == "transporter" else _problem(port, "")
    finally:
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


async def _greeted(port: Port, ca: Path | None, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Reached:
    """Whether a NATS server greets us, and whether we could trust it (nats-server greets before TLS)."""
    try:
        async with asyncio.timeout(WITHIN):
            greeting = await reader.readline()
    except (TimeoutError, OSError, ValueError):
        greeting = b""
    info = _info(greeting)
    if info is None:
        return _problem(port, "protocol", "no NATS greeting")
    if not port.tls and not info.get("tls_required"):
        return _problem(port, "")
    if not info.get("tls_required") and not info.get("tls_available"):
        return _problem(port, "protocol", "TLS is asked for, and the server offers none")
    return await _secured(port, ca, writer)


async def _secured(port: Port, ca: Path | None, writer: asyncio.StreamWriter) -> Reached:
    try:
        context = ssl.create_default_context(cafile=None if ca is None else str(ca))
        async with asyncio.timeout(WITHIN):
            await writer.start_tls(context, server_hostname=port.host)
    except ssl.SSLCertVerificationError as error:
        return _problem(port, _verdict(error.verify_code), error.verify_message)
    except (TimeoutError, OSError) as error:
        return _problem(port, "protocol", f"no TLS: {error}")
    return _problem(port, "")


def _verdict(code: int) -> str:
    if code in _WRONG_NAME:
        return "name"
    return "expired" if code in _WRONG_TIME else "untrusted"


def _info(greeting: bytes) -> dict[str, object] | None:
    if not greeting.startswith(b"INFO "):
        return None
    try:
        info = json.loads(greeting[5:])
    except (ValueError, RecursionError):
        return None
    return info if isinstance(info, dict) else None


def _problem(port: Port, problem: str, detail: str = "") -> Reached:
    return Reached(port.what, port.host, port.port, problem, inert(detail, 200))
