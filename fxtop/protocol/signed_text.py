"""What a signature is over (protocol 4). It takes no cryptography, so whoever only reads messages loads none."""

from __future__ import annotations

import hashlib
from typing import Final

DOMAIN: Final = "fxtop1"


def canonical(subject: str, request: str, operator: str, expires: str, payload: bytes) -> bytes:
    """The bytes that are signed, each part exactly as it is sent.

    ValueError for a part that holds a line break, which could pass for the end of it, or that UTF-8 can't hold.
    """
    parts = (DOMAIN, subject, request, operator, expires, hashlib.sha256(payload).hexdigest())
    if any("\n" in part or "\r" in part for part in parts):
        raise ValueError("a line break in what is to be signed")
    return "\n".join(parts).encode()
