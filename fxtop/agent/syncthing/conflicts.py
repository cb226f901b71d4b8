"""Copies that syncthing keeps of files that were changed on two hosts at once, found in the tree itself.

Its API doesn't tell of them: once made, such a copy is a file like any other.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Final, NamedTuple

PATTERN: Final = "*.sync-conflict-*"
MOST: Final = 200_000
"""Names that a search looks at."""
SHOWN: Final = 3
_VERSIONS: Final = ".stversions"
"""Where syncthing keeps what was deleted or replaced: conflicts in there are settled."""


class Conflicts(NamedTuple):
    """What a search found."""

    copies: int
    examples: tuple[str, ...]
    """Names relative to the folder."""
    note: str | None
    """What was not looked at."""


def find_conflicts(folder: Path, most: int = MOST) -> Conflicts:
    """The conflict copies under ``folder``; links are not followed. OSError where it can't be looked at at all."""
    os.scandir(folder).close()  # says why it can't be read, which the walk doesn't
    copies, seen, closed = 0, 0, 0
    examples: list[str] = []
    for entry in _walk(folder):
        if isinstance(entry, OSError):
            closed += 1
            continue
        seen += 1
        if seen > most:
            return Conflicts(copies, tuple(examples), f"Only the first {most} names in {folder} were looked at.")
        if fnmatch(entry.name, PATTERN):
            copies += 1
            if copies <= SHOWN:
                examples.append(_shown(os.path.relpath(entry.path, folder)))
    note = f"{closed} of the folders in {folder} can't be read by the agent." if closed else None
    return Conflicts(copies, tuple(examples), note)


def _shown(name: str) -> str:
    """A name as text: on Linux it may be any bytes."""
    return os.fsencode(name).decode(errors="replace")


def _walk(top: Path) -> Iterator[os.DirEntry[str] | OSError]:
    """All entries under ``top``, and an error for each folder that can't be read."""
    waiting = [str(top)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield error
            continue
        for entry in found:
            yield entry
            if entry.name != _VERSIONS and entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
