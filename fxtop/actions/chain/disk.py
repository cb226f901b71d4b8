"""Opening the files of a chain: regular, not through a link, and for their owner alone."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

SAFE: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Without O_NONBLOCK a fifo would hold us up."""


def open_private(path: Path, flags: int) -> tuple[int, bool]:
    """A handle of ``path`` for writing, and whether the file is new; its mode is 0600 from now on. OSError."""
    try:
        handle, new = os.open(path, flags | SAFE), False
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, new = os.open(path, flags | SAFE | os.O_CREAT, 0o600), True
    try:
        if stat.S_IMODE(_regular(handle)) & 0o077:
            os.fchmod(handle, 0o600)
    except OSError:
        os.close(handle)
        raise
    return handle, new


def open_to_read(path: Path) -> int:
    """A handle of the file ``path`` for reading. OSError."""
    handle = os.open(path, os.O_RDONLY | SAFE)
    try:
        _regular(handle)
    except OSError:
        os.close(handle)
        raise
    return handle


def sync_folder(folder: Path) -> None:
    """Put the names in ``folder`` on disk. OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _regular(handle: int) -> int:
    """The mode of a file that is one. OSError where it is something else."""
    mode = os.fstat(handle).st_mode
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "it is not a file")
    return mode
