"""The session directories of one user, looked at so that nobody can point us elsewhere.

The agent is root and the directories are in users' hands. So nothing is taken on its name: what is opened is judged by
its owner after it was opened, links are not followed, and only what is plainly a session directory is looked at.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from fxtop.agent.providers.fastx.accounts import Account, Place

MOST: Final = 2000
"""Entries looked at of one user's SessionPath."""
NAME: Final = re.compile(r"FX[A-Za-z0-9]{0,8}-(?P<id>[A-Za-z0-9][A-Za-z0-9_.-]{0,95})")
"""``FX3-`` and 32 hexadecimal digits in FastX 3 and 4 (observed); what 5 puts before the dash isn't published."""
OPEN_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class SessionFolder:
    """A session directory: ``name``, and which one it is, should another one take its name."""

    name: str
    device: int
    inode: int
    modified: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What could be seen of a user's session directories; ``folders`` is None where nothing could."""

    folders: Mapping[str, SessionFolder] | None
    real: str | None = None
    """Where SessionPath leads once its links are followed."""
    note: str | None = None


class ForeignFolder(OSError):
    """A directory that should be a user's belongs to somebody else."""


def look(account: Account, place: Place) -> Sight:
    """The session directories of ``account`` in ``place``. May take long, or hang with the filesystem."""
    try:
        handle = open_place(account, place)
    except FileNotFoundError:
        return Sight({})
    except NotADirectoryError:
        return Sight(None, note=f"The SessionPath of {account.name} is a link, or no directory, and is not followed.")
    except OSError as error:
        return Sight(None, note=f"The session directories of {account.name} can't be seen: {error.strerror}.")
    try:
        entries = _entries(handle)
        found = {folder.name: folder for folder in _folders(entries, account.uid)}
        return Sight(found, real=os.readlink(f"/proc/self/fd/{handle}"), note=_too_many(account, len(entries)))
    except OSError as error:
        return Sight(None, note=f"The session directories of {account.name} can't be listed: {error.strerror}.")
    finally:
        os.close(handle)


def open_place(account: Account, place: Place) -> int:
    """A handle of ``place``, to be closed.

    Raises:
        OSError: it isn't there, is a link, or is not the user's own (`ForeignFolder`).
    """
    handle = os.open(place.path, OPEN_FOLDER)
    if os.fstat(handle).st_uid != account.uid:
        os.close(handle)
        raise ForeignFolder(1, f"{place.path} belongs to somebody else")
    return handle


def _entries(handle: int) -> list[os.DirEntry[str]]:
    with os.scandir(handle) as entries:
        return list(islice(entries, MOST))


def _folders(entries: Iterable[os.DirEntry[str]], uid: int) -> Iterator[SessionFolder]:
    for entry in entries:
        if not NAME.fullmatch(entry.name):
            continue
        try:
            what = entry.stat(follow_symlinks=False)
        except OSError:
            continue  # it went away meanwhile
        if stat.S_ISDIR(what.st_mode) and what.st_uid == uid:
            yield SessionFolder(entry.name, what.st_dev, what.st_ino, what.st_mtime)


def _too_many(account: Account, entries: int) -> str | None:
    return f"Only {MOST} entries of {account.name}'s SessionPath are looked at." if entries >= MOST else None
