"""Removing a session directory that was left behind.

The agent is root and the directory is its user's, who could swap anything in it for a link at any moment. So every
step goes through the handle of an open directory, no link is followed, no other filesystem is entered, and nothing is
removed but from a directory that belongs to the user: which that user could have removed as well.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import Final

from fxtop.agent.providers.fastx.accounts import Account, Place
from fxtop.agent.providers.fastx.folders import OPEN_FOLDER, SessionFolder, open_place

MOST: Final = 100_000
"""Entries in one session directory; it holds a few files and logs."""
_DEEP: Final = 40


class NotRemoved(Exception):
    """Something in the directory isn't as it should be; the text says what. Some of it may be gone already."""


def remove(account: Account, place: Place, folder: SessionFolder) -> None:
    """Remove ``folder`` of ``account``. May take long.

    Raises:
        NotRemoved: it isn't the directory that was seen, or it holds something that is left alone.
        OSError: it can't be removed.
    """
    parent = open_place(account, place)
    try:
        _Removal(account.uid, folder.device).take(parent, folder.name, folder.inode)
    finally:
        os.close(parent)


class _Removal:
    def __init__(self, uid: int, device: int) -> None:
        self._uid = uid
        self._device = device
        self._left = MOST

    def take(self, parent: int, name: str, inode: int | None = None, depth: int = 0) -> None:
        """Remove the directory ``name`` in ``parent``; ``inode`` tells which one it has to be."""
        handle = os.open(name, OPEN_FOLDER, dir_fd=parent)
        try:
            self._check(name, os.fstat(handle), inode, depth)
            for entry in self._entries(handle):
                if stat.S_ISDIR(os.stat(entry, dir_fd=handle, follow_symlinks=False).st_mode):
                    self.take(handle, entry, depth=depth + 1)
                else:
                    with suppress(FileNotFoundError):
                        os.unlink(entry, dir_fd=handle)
        finally:
            os.close(handle)
        os.rmdir(name, dir_fd=parent)

    def _check(self, name: str, fact: os.stat_result, inode: int | None, depth: int) -> None:
        if fact.st_uid != self._uid:
            raise NotRemoved(f"{name} in it belongs to somebody else.")
        if fact.st_dev != self._device:
            raise NotRemoved(f"{name} in it lies on another filesystem.")
        if inode is not None and fact.st_ino != inode:
            raise NotRemoved("Another directory has taken its name.")
        if depth > _DEEP:
            raise NotRemoved(f"It is more than {_DEEP} directories deep.")

    def _entries(self, handle: int) -> list[str]:
        names = []
        with os.scandir(handle) as entries:
            for entry in entries:
                self._left -= 1
                if self._left < 0:
                    raise NotRemoved(f"It holds more than {MOST} entries.")
                names.append(entry.name)
        return names
