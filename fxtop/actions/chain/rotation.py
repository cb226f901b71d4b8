"""Putting a full file aside without a gap in the chain, and deleting the oldest where the policy says so."""

from __future__ import annotations

import gzip
import logging
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fxtop.actions.chain import disk
from fxtop.actions.chain.anchor import Anchor, AnchorFile
from fxtop.actions.chain.link import Head
from fxtop.actions.chain.parts import GZIP, Part, full_name, full_parts

log = logging.getLogger(__name__)

MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of a chain is kept."""

    size: int = 4 * MIB
    """Bytes at which a file is full."""
    keep: int = 50
    """Full files that are kept; 0 keeps them all."""

    @classmethod
    def of_mib(cls, mib: float, keep: int) -> Retention:
        """Files of ``mib`` MiB, of which ``keep`` full ones are kept."""
        return cls(int(mib * MIB), keep)

    def surplus(self, parts: Sequence[Part]) -> Sequence[Part]:
        """Those of the full files ``parts`` that are to be deleted."""
        return parts[: -self.keep] if self.keep else ()


def put_aside(path: Path, head: Head, anchor: AnchorFile) -> bool:
    """Give the file ``path``, which ends with ``head``, its name as a full one; False where that isn't possible.

    To write on in a file that is too large is better than not to write, so this fails without a fault. The anchor is
    first, so that no crash makes it speak of the size of a file that is gone.
    """
    full = full_name(path, head.n)
    try:
        if os.path.lexists(full) or os.path.lexists(_compressed(full)):
            raise FileExistsError(f"{full} is there already")
        anchor.write(Anchor(head, 0), sync=True)
        path.rename(full)
        disk.sync_folder(path.parent)
    except OSError as error:
        log.warning("The full file %s can't be put aside: %s.", path, error.strerror or error)
        return False
    _compress(full)
    return True


def delete(parts: Sequence[Part]) -> None:
    """Delete files whose end is on record; one that can't be is tried again at the next rotation."""
    for part in parts:
        with suppress(OSError):
            part.path.unlink()


def surplus(path: Path, retention: Retention) -> Sequence[Part]:
    """The full files of the chain in ``path`` that are to be deleted. OSError."""
    return retention.surplus(full_parts(path))


def _compress(full: Path) -> None:
    """Make ``full`` smaller; where there is no room for that it stays as it is."""
    packed = _compressed(full)
    new = packed.with_name(f"{packed.name}.new")
    try:
        with full.open("rb") as source, os.fdopen(_made(new), "wb") as target:
            with gzip.GzipFile(fileobj=target, mode="wb", compresslevel=6, filename="") as writer:
                shutil.copyfileobj(source, writer)
            target.flush()
            os.fsync(target.fileno())
            written = os.fstat(source.fileno())
        os.utime(new, ns=(written.st_atime_ns, written.st_mtime_ns))
        new.rename(packed)
        disk.sync_folder(full.parent)
        full.unlink()
    except OSError as error:
        log.warning("The full file %s stays uncompressed: %s.", full, error.strerror or error)
        with suppress(OSError):
            new.unlink()


def _made(path: Path) -> int:
    with suppress(FileNotFoundError):
        path.unlink()
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | disk.SAFE, 0o600)


def _compressed(full: Path) -> Path:
    return full.with_name(f"{full.name}{GZIP}")
