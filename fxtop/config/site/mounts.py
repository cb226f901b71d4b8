"""Which filesystem a path lies on, by a table of mounts: ``/proc/self/mounts``, or ``/etc/fstab`` of a copied tree."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final, NamedTuple

NETWORK: Final = ("nfs", "cifs", "smb", "afs", "ceph", "gpfs", "lustre", "beegfs", "glusterfs", "fuse.sshfs")
"""How the types of filesystems that several hosts share begin."""
_OCTAL: Final = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """A line of the table."""

    point: PurePosixPath
    fstype: str
    source: str

    @property
    def shared(self) -> bool:
        """Whether other hosts can see the same files."""
        return self.fstype.startswith(NETWORK)


def read_mounts(text: str) -> tuple[Mount, ...]:
    """The mounts of a table in the form of fstab(5). What has no place in the tree, as swap, is left out."""
    found = []
    for line in text.splitlines():
        fields = [_OCTAL.sub(lambda code: chr(int(code[1], 8)), field) for field in line.split()]
        if len(fields) >= 3 and fields[1].startswith("/") and not fields[0].startswith("#"):
            found.append(Mount(PurePosixPath(fields[1]), fields[2], fields[0]))
    return tuple(found)


def mount_of(path: PurePosixPath, mounts: Iterable[Mount]) -> Mount | None:
    """The mount that ``path`` lies on, the last one made where several lie on one point; None where none holds it."""
    points = {mount.point: mount for mount in mounts}
    return next((points[parent] for parent in (path, *path.parents) if parent in points), None)
