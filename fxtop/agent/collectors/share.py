"""The data that cluster managers share, as far as the filesystem tells (facts: FX_VAR_DIR on a mount, or syncthing)."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import Literal

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.collectors.port import CollectError, WatchedClass
from fxtop.agent.collectors.site import MOUNTS, text_of
from fxtop.config.site.mounts import Mount, mount_of, read_mounts
from fxtop.protocol.ids import ManagerId
from fxtop.protocol.share import StoreHeartbeat


class MountReader:
    """Reads the filesystem under ``path``; one that no other host can see is shared by nothing: kind ``none``."""

    kind: WatchedClass = "store"

    def __init__(self, manager: ManagerId, path: Path, *, interval: float = 30.0) -> None:
        self.interval = interval
        self._manager = manager
        self._path = path
        self._apart = Apart(str(path))

    async def read(self) -> StoreHeartbeat:
        """Size and type of the filesystem now. Raises CollectError where it hangs."""
        return await self._apart.run(lambda: on_disk(self._manager, self._path, interval=self.interval))


def on_disk(manager: ManagerId, path: Path, *, interval: float) -> StoreHeartbeat:
    """What the filesystem under ``path`` tells; a path that can't be looked at is told with a note."""
    mount, total, free, note = None, None, None, None
    try:
        mount = _mount(path)
        usage = shutil.disk_usage(path)
        total, free = usage.total, usage.free
    except OSError as error:
        note = f"{path} can't be read: {error.strerror or error}."
    except CollectError as error:
        note = str(error)
    kind: Literal["mount", "none"] = "mount" if mount is not None and mount.shared else "none"
    return StoreHeartbeat(
        v=1,
        ts=0.0,
        boot="",
        seq=0,
        manager=manager,
        path=str(path),
        kind=kind,
        fstype=mount.fstype if mount else None,
        total=total,
        free=free,
        peers=[],
        need_bytes=None,
        errors=None,
        note=note,
        interval=interval,
    )


def _mount(path: Path) -> Mount | None:
    return mount_of(PurePosixPath(path.resolve()), read_mounts(text_of(MOUNTS) or ""))
