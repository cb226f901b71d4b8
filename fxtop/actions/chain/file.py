"""Appending to a chain: one process at a time, on disk before it returns, or not at all."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from fxtop.actions.chain import disk
from fxtop.actions.chain.anchor import Anchor, AnchorFile, held
from fxtop.actions.chain.link import NEWLINE, START, linked
from fxtop.actions.chain.parts import Part
from fxtop.actions.chain.rotation import Retention, delete, put_aside, surplus
from fxtop.actions.chain.tail import Tail, find_tail

SEALED: Final = "sealed"
"""In a mark: ``bytes`` and ``sum`` of what stands right before it and isn't in the chain."""
ANCHOR_LOST: Final = "anchor_lost"
"""In a mark: the anchor was not there, so that lines may have been cut off before it."""
DELETED: Final = "deleted"
"""In a mark: ``upto``, the last line of the files that are deleted now by the policy, and ``keep``, that policy."""

Mark = Callable[[Mapping[str, Any]], bytes]
"""Makes the body of a line that tells of the chain itself."""


class ChainFile:
    """The chain in the file ``path``."""

    def __init__(self, path: Path, mark: Mark, retention: Retention) -> None:
        self._path = path
        self._mark = mark
        self._retention = retention

    def append(self, bodies: Sequence[bytes]) -> None:
        """Append JSON objects, and return when they are on disk. OSError: they are not there."""
        with held(self._path) as anchor:
            handle, tail, deleted = self._ready(anchor)
            try:
                self._write(handle, tail, [*self._marks(tail, deleted), *bodies], anchor)
            finally:
                os.close(handle)
            delete(deleted)

    def _ready(self, anchor: AnchorFile) -> tuple[int, Tail, Sequence[Part]]:
        """The file to write to, where it ends, and which full files have to go."""
        handle, tail = self._open(anchor)
        if tail.size < self._retention.size or tail.loose.size or tail.head.n == 0:
            return handle, tail, ()
        if not put_aside(self._path, tail.head, anchor):
            return handle, tail, ()
        os.close(handle)
        deleted = surplus(self._path, self._retention)
        return *self._open(anchor), deleted

    def _open(self, anchor: AnchorFile) -> tuple[int, Tail]:
        handle, new = disk.open_private(self._path, os.O_RDWR | os.O_APPEND)
        try:
            if new:
                disk.sync_folder(self._path.parent)
            return handle, find_tail(self._path, handle, anchor.read())
        except OSError:
            os.close(handle)
            raise

    def _marks(self, tail: Tail, deleted: Sequence[Part]) -> list[bytes]:
        told: dict[str, Any] = {}
        if tail.loose.size:
            if tail.cut:
                tail.loose.add(NEWLINE)
            told[SEALED] = {"bytes": tail.loose.size, "sum": tail.loose.sum}
        if tail.lost_anchor:
            told[ANCHOR_LOST] = True
        if deleted:
            told[DELETED] = {"upto": deleted[-1].last, "keep": self._retention.keep}
        return [self._mark(told)] if told else []

    def _write(self, handle: int, tail: Tail, bodies: Sequence[bytes], anchor: AnchorFile) -> None:
        """One write, and nothing is left of one that failed: we hold the lock, so what was added is ours."""
        lines, head = linked(bodies, tail.head)
        data = NEWLINE + lines if tail.cut else lines
        if tail.head == START:  # so that no crash leaves a chain without an anchor
            anchor.write(Anchor(START, 0), sync=True)
        try:
            if os.write(handle, data) < len(data):
                raise OSError(errno.ENOSPC, "the disk took only a part of it; it may be full")
            os.fsync(handle)
        except OSError:
            with suppress(OSError):
                os.ftruncate(handle, tail.size)
            raise
        with suppress(OSError):  # the lines are there, which is what counts; the next writer finds them without it
            anchor.write(Anchor(head, tail.size + len(data)))
