"""Reading a file whose place somebody else may control: a fifo, a device or a link in its place does no harm."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # a fifo without a writer must not hang us
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def read_regular(path: str | Path, most: int, *, within: int | None = None, follow: bool = True) -> tuple[bytes, int]:
    """The first ``most`` bytes of a file, and its mode. What was opened is judged, so it can't be swapped in between.

    Args:
        path: the file.
        most: bytes.
        within: handle of the directory that a relative ``path`` is in.
        follow: whether the last part of ``path`` may be a link.

    Raises:
        OSError: it can't be read, is a link that isn't followed (``ELOOP``), or isn't a file.
    """
    handle = os.open(path, _FLAGS | (0 if follow else os.O_NOFOLLOW), dir_fd=within)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is not a file", str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is not a file", str(path))
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(most), mode
    finally:
        os.close(handle)


def read_guarded(path: Path, most: int) -> bytes:
    """As `read_regular`, but a link is followed only where nobody but root and we could have put it.

    So whoever owns a directory can't have us read what they may not read themselves.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return read_regular(path.name, most, within=folder, follow=_is_ours(os.fstat(folder)))[0]
    finally:
        os.close(folder)


def _is_ours(folder: os.stat_result) -> bool:
    return folder.st_uid in (0, os.geteuid()) and not folder.st_mode & _OTHERS_WRITE
