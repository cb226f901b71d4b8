"""Operator keys in files: one nkey seed, readable by its owner alone. No text of this module ever holds a seed."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from pathlib import Path

import nkeys

from fxtop.protocol.signing import NkeySigner, new_seed

MAX_FILE = 4096
"""Bytes; a key file has about 60."""


class KeyFileError(Exception):
    """A key file that can't be made or used; the text is a sentence for the operator."""


def create(path: Path) -> NkeySigner:
    """Make a new operator key in ``path`` with mode 0600; its folder is made with mode 0700 where there is none.

    Raises:
        KeyFileError: the file is there already (a key is never overwritten), or can't be written.
    """
    seed = new_seed()
    handle = _new_file(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(seed + b"\n")
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


def load(path: Path) -> NkeySigner:
    """The key in ``path``: its first line that isn't empty or a comment (``#``, ``-----``).

    Raises:
        KeyFileError: there is no such file, others may read it, or it holds no operator's seed.
    """
    return NkeySigner(_seed(path, _read_private(path)))


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


def _seed(path: Path, content: bytes) -> bytes:
    lines = (line.strip() for line in content.splitlines())
    seed = next((line for line in lines if line and not line.startswith((b"#", b"-----"))), b"")
    if seed.startswith(b"U"):
        raise KeyFileError(f"{path} holds a public key (U…), not the seed (SU…) that signs: name the private key file.")
    if not seed.startswith(b"SU"):
        raise KeyFileError(
            f"{path} holds no operator's key: one is a line that begins with SU. Make one with `fxtop keys new`."
        )
    if not _intact(seed):
        raise KeyFileError(
            f"The key in {path} is damaged (its checksum is wrong): restore the file, or make a new key."
        )
    return seed


def _intact(seed: bytes) -> bool:
    """Whether ``seed`` is base32 of two prefix bytes, 32 bytes and their CRC-16; the nkeys library doesn't check it."""
    try:
        raw = base64.b32decode(seed + b"=" * (-len(seed) % 8))
    except (binascii.Error, ValueError):
        return False
    return len(raw) == 36 and bool(nkeys.crc16(raw[:-2]) == int.from_bytes(raw[-2:], "little"))
