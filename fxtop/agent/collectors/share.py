"""The data that cluster managers share, as far as the filesystem tells (facts: FX_VAR_DIR on a mount, or syncthing)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final, Literal

import psutil

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.collectors.port import CollectError, WatchedClass
from fxtop.protocol.ids import ManagerId
from fxtop.protocol.share import StoreHeartbeat

NETWORK: Final = ("nfs", "cifs", "smb", "afs", "ceph", "gpfs", "lustre", "beegfs", "glusterfs", "fuse.sshfs")
"""How the types of filesystems that several hosts share begin."""


class MountReader:
    """Reads the filesystem under ``path``; one that no other host can see is shared by nothing: kind ``none``."""

    kind: WatchedClass = "store"

    def __init__(self, manager: ManagerId, path: Path, *, interval: float = 30.0) -> None:
        self.interval = interval
        self._manager = manager
        self._path = path
        self._apart = Apart(str(path))

    async def read(self) -> StoreHeartbeat:
        """Size and type of the filesystem now. Raises CollectError."""
        return await self._apart.run(self._read)

    def _read(self) -> StoreHeartbeat:
        try:
            usage = shutil.disk_usage(self._path)
            fstype = filesystem(self._path.resolve())
        except OSError as error:
            raise CollectError(f"{self._path} can't be read: {error.strerror or error}.") from error
        kind: Literal["mount", "none"] = "mount" if fstype is not None and fstype.startswith(NETWORK) else "none"
        return StoreHeartbeat(
            v=1,
            ts=0.0,
            boot="",
            seq=0,
            manager=self._manager,
            path=str(self._path),
            kind=kind,
            fstype=fstype,
            total=usage.total,
            free=usage.free,
            peers=[],
            need_bytes=None,
            errors=None,
            interval=self.interval,
        )


def filesystem(path: Path) -> str | None:
    """The type of the filesystem that ``path`` lies on; None where the mount table doesn't say."""
    mounts = {Path(mount.mountpoint): mount.fstype for mount in psutil.disk_partitions(all=True)}
    return next((mounts[parent] for parent in (path, *path.parents) if parent in mounts), None)
