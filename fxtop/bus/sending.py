"""Putting a message on the wire now, or saying in a sentence why not."""

from __future__ import annotations

from collections.abc import Mapping

import nats.errors

from fxtop.bus.port import BusDown, BusError, TooLarge
from fxtop.bus.private import Client
from fxtop.protocol.text import inert


async def send(
    client: Client, subject: str, payload: bytes, headers: Mapping[str, str] | None = None, reply: str = ""
) -> None:
    """Publish on ``client``'s connection.

    Raises:
        BusDown: it is gone; the message was not sent and never will be.
        TooLarge: the server would cut us off for it.
        BusError: the subject or a header can't stand on the wire.
    """
    size = len(payload) + _header_size(headers)
    if size > client.max_payload:
        raise TooLarge(
            f"A message of {size} bytes for {inert(subject, 200)} is over the server's limit of "
            f"{client.max_payload} bytes (max_payload): it was not sent."
        )
    try:
        await client.publish(subject, payload, reply=reply, headers=dict(headers) if headers else None)
    except (nats.errors.BadSubjectError, nats.errors.BadHeaderError, UnicodeEncodeError):
        raise BusError(f"'{inert(subject, 200)}' or one of its headers can't be sent over NATS.") from None
    except (nats.errors.Error, OSError) as error:
        raise BusDown(
            f"The connection was lost before {inert(subject, 200)} was sent ({type(error).__name__})."
        ) from None


def _header_size(headers: Mapping[str, str] | None) -> int:
    """What the headers add; the server counts them, nats-py doesn't (nats-server 2.15)."""
    if not headers:
        return 0
    lines = sum(len(f"{name}: {value}\r\n".encode("utf-8", "replace")) for name, value in headers.items())
    return len(b"NATS/1.0\r\n\r\n") + lines
