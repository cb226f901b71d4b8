"""A key that a passphrase protects, as text for a file: self-describing, so that its cost can be raised later.

One line of JSON: ``fxtop_key`` (1, the version), ``public`` (the public key, for whoever only wants to know whose it
is), ``kdf`` with its ``ops``, ``mem`` (bytes) and ``salt``, ``cipher``, and ``box``: the seed, in an authenticated box
(XSalsa20-Poly1305) under the key that Argon2id makes of the passphrase. Binary values are base64.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final, Literal

import msgspec
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id
from nacl.secret import SecretBox
from nacl.utils import random

from fxtop.protocol.ids import PublicKey
from fxtop.protocol.signing import NkeySigner

LEAST_PASSPHRASE: Final = 8
"""Bytes. Argon2id makes guessing slow; it can't make a bad passphrase good."""

Ask = Callable[[str], bytes]
"""Gives the passphrase for what the words name. Raises an error with a sentence where nobody can be asked."""


class SealError(ValueError):
    """A sealed key that can't be opened; the text ends a sentence about its file."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a guess costs: passes over so many bytes of memory."""

    ops: int = argon2id.OPSLIMIT_MODERATE
    mem: int = argon2id.MEMLIMIT_MODERATE


class _Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """The line. The limits keep a file from somewhere else from taking all of the memory or the day."""

    fxtop_key: Literal[1]
    public: PublicKey
    kdf: Literal["argon2id13"] = "argon2id13"
    ops: Annotated[int, msgspec.Meta(ge=1, le=16)]
    mem: Annotated[int, msgspec.Meta(ge=8192, le=1 << 30)]
    salt: Annotated[bytes, msgspec.Meta(min_length=argon2id.SALTBYTES, max_length=argon2id.SALTBYTES)]
    cipher: Literal["xsalsa20poly1305"] = "xsalsa20poly1305"
    box: Annotated[bytes, msgspec.Meta(max_length=512)]


def is_sealed(line: bytes) -> bool:
    """Whether ``line`` of a key file is a sealed key, and not a seed as it is."""
    return line.startswith(b"{")


def seal(seed: bytes, passphrase: bytes, cost: Cost | None = None) -> bytes:
    """The line for ``seed``. ValueError for a ``passphrase`` that is too short."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise ValueError(f"The passphrase is too short: take {LEAST_PASSPHRASE} characters at least.")
    spent, salt = cost or Cost(), random(argon2id.SALTBYTES)
    box = SecretBox(_stretched(passphrase, salt, spent)).encrypt(seed)
    public = NkeySigner(seed).public_key
    return msgspec.json.encode(
        _Sealed(fxtop_key=1, public=public, ops=spent.ops, mem=spent.mem, salt=salt, box=bytes(box))
    )


def public_part(line: bytes) -> PublicKey:
    """The public key that a sealed one is said to have; only opening it proves that. Raises SealError."""
    return _read(line).public


def unseal(line: bytes, passphrase: bytes) -> bytes:
    """The seed in ``line``.

    Raises:
        SealError: the passphrase is another one, or the line isn't what was written.
    """
    sealed = _read(line)
    try:
        seed = SecretBox(_stretched(passphrase, sealed.salt, Cost(sealed.ops, sealed.mem))).decrypt(sealed.box)
    except (CryptoError, ValueError):
        raise SealError("can't be opened: the passphrase is another one, or the file is damaged") from None
    return bytes(seed)


def _read(line: bytes) -> _Sealed:
    try:
        return msgspec.json.decode(line, type=_Sealed)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise SealError("is sealed in a way that this version of fxtop doesn't know, or is damaged") from None


def _stretched(passphrase: bytes, salt: bytes, cost: Cost) -> bytes:
    return argon2id.kdf(SecretBox.KEY_SIZE, passphrase, salt, opslimit=cost.ops, memlimit=cost.mem)
