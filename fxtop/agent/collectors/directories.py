"""FastX's four directories: where each lies, on what filesystem, and how much room there is (vendor's CFG4)."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

from fxtop.agent.collectors.facts import Fragment
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.site import MOUNTS, read_site, text_of, under
from fxtop.config.site.layout import DEFAULTS, TEMP_DIR
from fxtop.config.site.mounts import Mount, mount_of, read_mounts
from fxtop.protocol.node import Directory


class FxDirectory:
    """One of the four. Each is a source by itself: a dead mount under one hides nothing of the others.

    The path and the table of mounts are read first, since neither touches the directory: what hangs is still named.
    """

    def __init__(self, variable: str, root: Path, *, every: float = 60.0, limit: float = 4.0) -> None:
        self.name = f"directories/{variable}"
        self.every = every
        self.limit = limit
        self._variable = variable
        self._root = root
        self._path = PurePosixPath(DEFAULTS[variable])
        self._mount: Mount | None = None

    def read(self) -> Fragment:
        """Look at it. Raises CollectError."""
        self._path = read_site(self._root).layout.path(self._variable)
        mounts = read_mounts(text_of(under(self._root, str(MOUNTS))) or "")
        self._mount = mount_of(self._path, mounts)
        try:
            real = under(self._root, self._path).resolve(strict=True)
            room = os.statvfs(real)
            mode = real.stat().st_mode
        except OSError as error:
            raise CollectError(f"{self._path} can't be looked at: {error.strerror or error}.") from error
        self._mount = mount_of(self._inside(real), mounts) or self._mount
        return Fragment(dirs=(self._directory(room, _note(self._variable, mode)),))

    def _inside(self, real: Path) -> PurePosixPath:
        """The machine's own path for ``real``."""
        root = self._root.resolve()
        return PurePosixPath("/", real.relative_to(root)) if real.is_relative_to(root) else PurePosixPath(real)

    def unread(self, why: str) -> Fragment:
        """What is known of it without touching it."""
        return Fragment(dirs=(self._directory(None, why),))

    def _directory(self, room: os.statvfs_result | None, note: str | None) -> Directory:
        return Directory(
            name=self._variable,
            path=str(self._path),
            fstype=self._mount.fstype if self._mount else None,
            total=room.f_blocks * room.f_frsize if room else None,
            free=room.f_bavail * room.f_frsize if room else None,
            inodes=(room.f_files or None) if room else None,
            inodes_free=room.f_favail if room and room.f_files else None,
            network=self._mount.shared if self._mount else None,
            note=note,
        )


def _note(variable: str, mode: int) -> str | None:
    """What is wrong with a directory of that ``mode``."""
    if not stat.S_ISDIR(mode):
        return "This is not a directory."
    if variable == TEMP_DIR and mode & 0o007 != 0o007:
        return f"Not every user may write here (mode {stat.S_IMODE(mode):04o})."
    return None
