"""Signing requests and checking signatures (protocol 4).

The signature is Ed25519 over the subject, the request id, the operator, the expiry and the payload's hash, so that a
request can't be moved to another subject, given to another person, kept for later, or changed.
"""

from __future__ import annotations

import base64
import math
import os
import re
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
from fxtop.protocol.signed_text import canonical

MAX_AHEAD: Final = 300.0
"""Seconds that a request may expire in the future (protocol 4)."""

_SIGNATURE_TEXT = re.compile(r"[A-Za-z0-9+/]{86}==")
_KEY_TEXT = re.compile(r"U[A-Z2-7]{55}")

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
    raw = base64.b32decode(key) if _KEY_TEXT.fullmatch(key) else b""
    if not raw or raw[0] != nkeys.PREFIX_BYTE_USER or nkeys.crc16(raw[:-2]) != int.from_bytes(raw[-2:], "little"):
        raise ValueError("that is not an operator's public key: one begins with U and has 56 characters")
    return raw[1:-2]


def sign(
    signer: Signer, *, subject: str, request: RequestId, operator: str, expires: float, payload: bytes
) -> dict[str, str]:
    """The headers of a signed request.

    ValueError for an ``operator`` or ``request`` that a header can't carry as it is: with a line break, or with space
    around it, which NATS clients cut off.
    """
    if operator != operator.strip() or request != request.strip():
        raise ValueError("space around what is to be signed")
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
    _require_headers(headers)
    _check_expiry(headers[HEADER_EXPIRES], now)
    return signed_by(subject, headers, payload)


def signed_by(subject: str, headers: Mapping[str, str], payload: bytes) -> PublicKey:
    """The key that signed a request, however long ago that was; for a request to act on there is `verify`.

    Raises:
        SignatureRefused: with the code ``unsigned`` or ``signature``.
    """
    _require_headers(headers)
    key = headers[HEADER_KEY]
    try:
        message = canonical(
            subject, headers[HEADER_REQUEST], headers[HEADER_OPERATOR], headers[HEADER_EXPIRES], payload
        )
        VerifyKey(key_bytes(key)).verify(message, _signature_bytes(headers[HEADER_SIGNATURE]))
    except (BadSignatureError, ValueError):
        raise SignatureRefused("signature", "the signature doesn't fit the request and its key") from None
    return PublicKey(key)


def _require_headers(headers: Mapping[str, str]) -> None:
    missing = [name for name in REQUIRED if not headers.get(name)]
    if missing:
        raise SignatureRefused("unsigned", f"the request carries no {missing[0]} header")


def _signature_bytes(encoded: str) -> bytes:
    """Only the one right spelling of a signature: base64 leaves room for others of the same bytes."""
    raw = base64.b64decode(encoded) if _SIGNATURE_TEXT.fullmatch(encoded) else b""
    if not raw or base64.b64encode(raw).decode() != encoded:
        raise ValueError("that is not a signature: one has 88 characters of base64")
    return raw


def _check_expiry(stamp: str, now: float) -> None:
    try:
        expires = float(stamp)
    except ValueError:
        expires = math.nan
    if not math.isfinite(expires):
        raise SignatureRefused("unsigned", "the expiry is not a number")
    if expires <= now:
        raise SignatureRefused("expired", f"the request expired {now - expires:.6g} s ago by this host's clock")
    if expires > now + MAX_AHEAD:
        raise SignatureRefused(
            "skew", f"the request expires {expires - now:.6g} s ahead, at most {MAX_AHEAD:.0f} s are taken"
        )
