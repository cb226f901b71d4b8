"""One message in, the bytes that go on the bus out (protocol 1)."""

from __future__ import annotations

from typing import Final

import msgspec

from fxtop.protocol.decode import MAX_PAYLOAD
from fxtop.protocol.wire import Wire

_ENCODER: Final = msgspec.json.Encoder()


class TooLarge(ValueError):
    """A message that every receiver would reject unread."""


def encode(message: Wire) -> bytes:
    """``message`` as a payload.

    JSON has no word for a number that isn't finite: one becomes null here, and receivers reject it.

    Raises:
        TooLarge: a payload over `MAX_PAYLOAD`; a snapshot has to be cut into more parts.
        UnicodeEncodeError: text with a lone surrogate, as undecodable file names have them.
    """
    payload = _ENCODER.encode(message)
    if len(payload) > MAX_PAYLOAD:
        raise TooLarge(f"{type(message).__name__} of {len(payload)} bytes: at most {MAX_PAYLOAD} may be sent")
    return payload
