"""The anchor: a small file beside a chain that says where the chain ends, and the lock for whoever appends to it.

A chain alone can't tell that its last lines were cut off. The anchor is written after the lines are on disk and never
before, so that after a crash it may lag behind, but lines that it knows of and that aren't there were taken away.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fxtop.actions.chain import disk
from fxtop.actions.chain.link import Head

PATIENCE: Final = 5.0
"""Seconds to wait for another process that appends; one that was stopped in the middle would hold us up for ever."""
LOOK: Final = 0.005
"""Seconds between two tries to get the lock; the kernel has no lock with a limit."""

_FORM: Final = re.compile(rb"fxtop chain 1 (\d{15}) ([0-9a-f]{64}) (\d{15})\n")


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a chain ended when it was last written to."""

    head: Head
    size: int
    """Bytes of the file up to there; 0 right after a rotation."""


class AnchorFile:
    """The open anchor of one chain, locked."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def read(self) -> Anchor | None:
        """What it says; None where it is new, or damaged."""
        return _parse(os.pread(self._handle, 1024, 0))

    def write(self, anchor: Anchor, *, sync: bool = False) -> None:
        """Say ``anchor`` from now on. It is short and always as long, so that no crash leaves half of it. OSError."""
        text = b"fxtop chain 1 %015d %s %015d\n" % (anchor.head.n, anchor.head.sum.encode(), anchor.size)
        if os.fstat(self._handle).st_size not in (0, len(text)):
            os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, text, 0)
        if sync:
            os.fsync(self._handle)


def anchor_path(path: Path) -> Path:
    """Where the anchor of the chain in ``path`` is."""
    return path.parent / f"{path.name}.head"


@contextmanager
def held(path: Path) -> Iterator[AnchorFile]:
    """The anchor of the chain in ``path``, for whoever appends: one at a time. OSError."""
    handle = _locked(anchor_path(path))
    try:
        yield AnchorFile(handle)
    finally:
        os.close(handle)


@contextmanager
def quiet(path: Path) -> Iterator[Anchor | None]:
    """A moment in which nobody appends to the chain in ``path``, with what its anchor says. OSError."""
    try:
        handle = disk.open_to_read(anchor_path(path))
    except FileNotFoundError:
        yield None
        return
    try:
        _lock(handle, fcntl.LOCK_SH)
        yield AnchorFile(handle).read()
    finally:
        os.close(handle)


def _parse(text: bytes) -> Anchor | None:
    found = _FORM.fullmatch(text)
    return Anchor(Head(int(found[1]), found[2].decode()), int(found[3])) if found else None


def _locked(path: Path) -> int:
    """A handle of the file that has the name ``path`` once we hold its lock."""
    while True:
        handle, _ = disk.open_private(path, os.O_RDWR)
        try:
            _lock(handle, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(handle), os.stat(path, follow_symlinks=False)):
                return handle
        except FileNotFoundError:
            pass  # it was taken away meanwhile: make it anew
        except OSError:
            os.close(handle)
            raise
        os.close(handle)


def _lock(handle: int, kind: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                raise OSError(
                    errno.EBUSY, f"another process has held it for {PATIENCE:g} s; see what fuser says"
                ) from None
            time.sleep(LOOK)
        else:
            return
