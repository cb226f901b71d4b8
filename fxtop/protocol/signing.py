"""Signing requests and checking signatures (protocol 4).

The signature is Ed25519 over the subject, the request id, the operator, the expiry and the payload's hash, so that a
request can't be moved to another subject, given to another person, kept for later, or changed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Mapping
from typing import Final, Protocol

import nkeys
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from fxtop.protocol.control import (
    HEADER_EXPIRES,
    HEADER_KEY,
    HEADER_OPERATOR,
    HEADER_REQUEST,
    HEADER_SIGNATURE,
)
from fxtop.protocol.ids import PublicKey, RequestId

MAX_AHEAD: Final = 300.0
"""Seconds that a request may expire in the future (protocol 4)."""

DOMAIN: Final = "fxtop1"
REQUIRED: Final = (HEADER_REQUEST, HEADER_OPERATOR, HEADER_KEY, HEADER_EXPIRES, HEADER_SIGNATURE)


class SignatureRefused(Exception):
    """A request whose headers prove nothing. ``code``: ``unsigned``, ``expired``, ``skew`` or ``signature``."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Signer(Protocol):
    """Whoever holds an operator's private key."""

    @property
    def public_key(self) -> PublicKey:
        """The key that others verify with."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The raw Ed25519 signature over ``data``."""
        ...


class NkeySigner:
    """A signer that holds a seed in memory. Its text never shows the seed."""

    def __init__(self, seed: bytes) -> None:
        self._pair = nkeys.from_seed(bytearray(seed))
        self._public = PublicKey(self._pair.public_key.decode())

    @property
    def public_key(self) -> PublicKey:
        """The public nkey, ``U…``."""
        return self._public

    def sign(self, data: bytes) -> bytes:
        """The raw signature over ``data``."""
        return bytes(self._pair.sign(data))

    def __repr__(self) -> str:
        return f"NkeySigner({self._public})"


def new_seed() -> bytes:
    """A fresh operator's seed, ``SU…``, from the system's randomness."""
    return bytes(nkeys.encode_seed(os.urandom(32), nkeys.PREFIX_BYTE_USER))


def key_bytes(key: str) -> bytes:
    """The 32 raw bytes of a public user nkey; ValueError with a sentence where ``key`` isn't one.

    An nkey is base32 of a prefix byte, the key and a CRC-16 (nats-io/nkeys).
    """
    try:
        raw = base64.b32decode(key + "=" * (-len(key) % 8))
    except (binascii.Error, ValueError):
        raw = b""
    well_formed = len(raw) == 35 and raw[0] == nkeys.PREFIX_BYTE_USER
    if not well_formed or nkeys.crc16(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
        raise ValueError("that is not an operator's public key: one begins with U and has 56 characters")
    return raw[1:-2]


def canonical(subject: str, request: str, operator: str, expires: str, payload: bytes) -> bytes:
    """The bytes that are signed, each part exactly as it is sent."""
    digest = hashlib.sha256(payload).hexdigest()
    return "\n".join((DOMAIN, subject, request, operator, expires, digest)).encode()


def sign(
    signer: Signer, *, subject: str, request: RequestId, operator: str, expires: float, payload: bytes
) -> dict[str, str]:
    """The headers of a signed request."""
    stamp = f"{expires:.3f}"
    signature = signer.sign(canonical(subject, request, operator, stamp, payload))
    return {
        HEADER_REQUEST: request,
        HEADER_OPERATOR: operator,
        HEADER_KEY: signer.public_key,
        HEADER_EXPIRES: stamp,
        HEADER_SIGNATURE: base64.b64encode(signature).decode(),
    }


def verify(subject: str, headers: Mapping[str, str], payload: bytes, now: float) -> PublicKey:
    """The key that signed a request; whether it is listed, and for what, is the receiver's to judge.

    ``now`` is the receiver's Unix time.

    Raises:
        SignatureRefused: what is missing, late, too far ahead, or doesn't fit.
    """
    missing = [name for name in REQUIRED if not headers.get(name)]
    if missing:
        raise SignatureRefused("unsigned", f"the request carries no {missing[0]} header")
    _check_expiry(headers[HEADER_EXPIRES], now)
    message = canonical(subject, headers[HEADER_REQUEST], headers[HEADER_OPERATOR], headers[HEADER_EXPIRES], payload)
    key = headers[HEADER_KEY]
    try:
        signature = base64.b64decode(headers[HEADER_SIGNATURE], validate=True)
        VerifyKey(key_bytes(key)).verify(message, signature)
    except (BadSignatureError, binascii.Error, ValueError):
        raise SignatureRefused("signature", "the signature doesn't fit the request and its key") from None
    return PublicKey(key)


def _check_expiry(stamp: str, now: float) -> None:
    try:
        expires = float(stamp)
    except ValueError:
        raise SignatureRefused("unsigned", "the expiry is not a number") from None
    if not expires > now:  # also refuses NaN
        raise SignatureRefused("expired", f"the request expired {now - expires:.0f} s ago by this host's clock")
    if expires > now + MAX_AHEAD:
        raise SignatureRefused(
            "skew", f"the request expires {expires - now:.0f} s ahead, at most {MAX_AHEAD:.0f} s are taken"
        )
