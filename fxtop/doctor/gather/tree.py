"""The files of a machine: this one's, or those of a copied tree that stand under some folder."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Final

from fxtop.config.regular_file import read_regular

LARGEST: Final = 1024 * 1024
"""Bytes of a configuration file that are read."""
MOST: Final = 50_000
"""Files that a search looks at."""


class Tree:
    """Files by the paths that they have on their machine."""

    def __init__(self, root: Path | None = None) -> None:
        """``root`` is where the copied tree begins; None is this machine."""
        self._root = Path("/") if root is None else root.resolve()
        self.copied = root is not None

    def real(self, path: PurePosixPath) -> Path:
        """Where ``path`` is here. OSError where it can't be a path, or a link leads out of the tree."""
        if "\0" in str(path):
            raise OSError(errno.EINVAL, "it can't be a file's name", str(path))
        real = self._root / str(path).lstrip("/")
        if self.copied and not real.resolve().is_relative_to(self._root):
            raise OSError(errno.EXDEV, "it leads out of the copied tree", str(path))
        return real

    def text(self, path: PurePosixPath) -> str:
        """What stands in a file; what isn't UTF-8 is replaced. OSError where it can't be read."""
        content, _ = read_regular(self.real(path), LARGEST + 1)
        if len(content) > LARGEST:
            raise OSError(errno.EFBIG, f"it has more than {LARGEST} bytes", str(path))
        return content.decode("utf-8-sig", errors="replace")

    def stat(self, path: PurePosixPath) -> os.stat_result:
        """Owner, mode and times. OSError where it isn't there."""
        return self.real(path).stat()

    def resolved(self, path: PurePosixPath) -> PurePosixPath:
        """``path`` with its links followed, where they stay within the tree."""
        try:
            return PurePosixPath("/") / self.real(path).resolve().relative_to(self._root)
        except (OSError, ValueError):
            return path

    def has(self, path: PurePosixPath) -> bool:
        """Whether something is there that this user can see."""
        try:
            return self.real(path).exists()
        except OSError:
            return False

    def names(self, folder: PurePosixPath) -> tuple[str, ...]:
        """What a folder holds, sorted; nothing where it can't be read."""
        try:
            return tuple(sorted(os.listdir(self.real(folder))))
        except OSError:
            return ()

    def files(self, folder: PurePosixPath, pattern: str = "*") -> Iterator[PurePosixPath]:
        """The files under ``folder`` whose names match. OSError where it can't be read, or holds more than `MOST`."""
        top = self.real(folder)
        os.listdir(top)  # says why it can't be read, which a walk doesn't
        seen = 0
        for at, folders, names in os.walk(top):
            folders.sort()
            for name in sorted(names):
                seen += 1
                if seen > MOST:
                    raise OSError(errno.EFBIG, f"it holds more than {MOST} files", str(folder))
                if fnmatch(name, pattern):
                    yield folder / PurePosixPath(at).relative_to(top) / name
