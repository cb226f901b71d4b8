"""Operator keys in files that their owner alone can read: one nkey seed, as it is or sealed with a passphrase.

No text of this module ever holds a seed or a passphrase.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from pathlib import Path

import nkeys

from fxtop.actions import sealed_key
from fxtop.actions.errors import KeyFileError as KeyFileError  # noqa: PLC0414  # whoever reads here finds it here
from fxtop.actions.sealed_key import Ask, Cost, SealError
from fxtop.protocol.ids import PublicKey
from fxtop.protocol.signing import NkeySigner, new_seed

MAX_FILE = 4096
"""Bytes; a key file has about 60."""


def create(path: Path, passphrase: bytes | None = None, cost: Cost | None = None) -> NkeySigner:
    """Make a new operator key in ``path`` with mode 0600; its folder is made with mode 0700 where there is none.

    With a ``passphrase`` it is sealed at ``cost`` (`fxtop.actions.sealed_key`).

    Raises:
        KeyFileError: the file is there already (a key is never overwritten), or can't be written; or the passphrase is
            too short.
    """
    seed = new_seed()
    try:
        line = seed if passphrase is None else sealed_key.seal(seed, passphrase, cost)
    except ValueError as error:
        raise KeyFileError(str(error)) from None
    handle = _new_file(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(handle)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise KeyFileError(f"The key file {path} can't be written: {error.strerror}.") from None
    return NkeySigner(seed)


def _new_file(path: Path) -> int:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KeyFileError(f"The folder {path.parent} for the key can't be made: {error.strerror}.") from None
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise KeyFileError(
            f"{path} is there already and is never overwritten: name another file, or move it away first."
        ) from None
    except OSError as error:
        raise KeyFileError(f"The key file {path} can't be made: {error.strerror}.") from None


def load(path: Path, ask: Ask | None = None) -> NkeySigner:
    """The key in ``path``: its first line that isn't empty or a comment (``#``, ``-----``).

    ``ask`` gives the passphrase where it is sealed; whatever it raises goes through.

    Raises:
        KeyFileError: there is no such file, others may read it, it holds no operator's seed, or it can't be opened.
    """
    line = _line(_read_private(path))
    if sealed_key.is_sealed(line):
        return _opened(path, line, ask)
    return NkeySigner(_seed(str(path), line))


def read(text: bytes, source: str) -> NkeySigner:
    """The key in ``text`` that ``source`` gave. KeyFileError where there is none in it."""
    return NkeySigner(_seed(source, _line(text)))


def public_key(path: Path) -> PublicKey:
    """The public part of the key in ``path``; a sealed one needs no passphrase for that. KeyFileError as in `load`."""
    line = _line(_read_private(path))
    if not sealed_key.is_sealed(line):
        return load(path).public_key
    try:
        return sealed_key.public_part(line)
    except SealError as error:
        raise KeyFileError(f"The key file {path} {error}.") from None


def is_sealed(path: Path) -> bool:
    """Whether the key in ``path`` needs a passphrase. KeyFileError where it can't be read."""
    return sealed_key.is_sealed(_line(_read_private(path)))


def _opened(path: Path, line: bytes, ask: Ask | None) -> NkeySigner:
    if ask is None:
        raise KeyFileError(f"The key in {path} is sealed with a passphrase, and there is nobody here to ask for it.")
    try:
        public = sealed_key.public_part(line)
        signer = NkeySigner(_seed(str(path), sealed_key.unseal(line, ask(str(path)))))
    except SealError as error:
        raise KeyFileError(f"The key file {path} {error}.") from None
    if signer.public_key != public:
        raise KeyFileError(f"The key file {path} names another public key than the one in it: restore the file.")
    return signer


def _line(content: bytes) -> bytes:
    lines = (line.strip() for line in content.splitlines())
    return next((line for line in lines if line and not line.startswith((b"#", b"-----"))), b"")


def _read_private(path: Path) -> bytes:
    """The content of ``path``, which only its owner may read. The open file is judged, so that it can't be swapped."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a fifo must not hang us
    except FileNotFoundError:
        raise KeyFileError(f"There is no key file {path}: make one with `fxtop keys new`.") from None
    except OSError as error:
        raise KeyFileError(f"The key file {path} can't be read: {error.strerror}.") from None
    try:
        _require_private(path, os.fstat(handle))
        return os.read(handle, MAX_FILE)
    except OSError as error:
        raise KeyFileError(f"The key file {path} can't be read: {error.strerror}.") from None
    finally:
        os.close(handle)


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileError(f"{path} is not a file, so it can't hold a key.")
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        raise KeyFileError(
            f"The key file {path} can be used by others (mode {mode:04o}): run `chmod 600 {path}`, "
            "and make a new key if somebody may have read it."
        )


def _seed(source: str, seed: bytes) -> bytes:
    if seed.startswith(b"U"):
        raise KeyFileError(f"{source} holds a public key (U…), not the seed (SU…) that signs: name the private key.")
    if not seed.startswith(b"SU"):
        raise KeyFileError(
            f"{source} holds no operator's key: one is a line that begins with SU. Make one with `fxtop keys new`."
        )
    if not _intact(seed):
        raise KeyFileError(f"The key in {source} is damaged (its checksum is wrong): restore it, or make a new key.")
    return seed


def _intact(seed: bytes) -> bool:
    """Whether ``seed`` is base32 of two prefix bytes, 32 bytes and their CRC-16; the nkeys library doesn't check it."""
    try:
        raw = base64.b32decode(seed + b"=" * (-len(seed) % 8))
    except (binascii.Error, ValueError):
        return False
    return len(raw) == 36 and bool(nkeys.crc16(raw[:-2]) == int.from_bytes(raw[-2:], "little"))
