"""Where a chain ends on disk, found before something is appended to it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from fxtop.actions.chain.anchor import Anchor
from fxtop.actions.chain.link import NEWLINE, START, Head, link_of, unended
from fxtop.actions.chain.parts import BROKEN, MOST_LINE, full_parts


class Loose:
    """Bytes that are in the file and not in the chain: of a line that a crash cut short, or of an earlier version."""

    def __init__(self) -> None:
        self.size = 0
        self._digest = hashlib.sha256()

    def add(self, data: bytes) -> None:
        """More of them."""
        self.size += len(data)
        self._digest.update(data)

    @property
    def sum(self) -> str:
        """Their SHA-256, in hex."""
        return self._digest.hexdigest()


@dataclass(slots=True)
class Tail:
    """What a writer has to know."""

    head: Head = START
    size: int = 0
    """Bytes of the file."""
    cut: bool = False
    """Whether the file ends within a line."""
    loose: Loose = field(default_factory=Loose)
    """What stands after the last line of the chain."""
    lost_anchor: bool = False
    """Whether there is a chain whose anchor isn't there, or can't be read."""


def find_tail(path: Path, handle: int, anchor: Anchor | None) -> Tail:
    """The end of the chain whose file ``path`` is open with ``handle``.

    Right after a write the anchor knows it all. It knows less after a crash, and then only what was added since is
    read. What is no longer there is not made good: the chain goes on from where it was, and the gap can be seen.
    OSError.
    """
    size = os.fstat(handle).st_size
    if anchor is not None and size == anchor.size:
        return Tail(anchor.head, size)
    tail = Tail(size=size, cut=size > 0 and os.pread(handle, 1, size - 1) != NEWLINE)
    if anchor is None or anchor.size < size:
        _read_on(tail, handle, anchor)
    if anchor is None:
        if tail.head == START:
            tail.head = _last_of_full(path)
        tail.lost_anchor = tail.head != START
    elif tail.head.n < anchor.head.n:
        tail.head = anchor.head
    return tail


def _read_on(tail: Tail, handle: int, anchor: Anchor | None) -> None:
    """Follow the chain from where the anchor knows it to the end of the file."""
    start = 0 if anchor is None else anchor.size
    if anchor is not None and start:
        tail.head = anchor.head
    with os.fdopen(os.dup(handle), "rb") as file:
        file.seek(start)
        _follow(tail, iter(lambda: file.readline(MOST_LINE), b""))


def _follow(tail: Tail, lines: Iterable[bytes]) -> None:
    for line in lines:
        link = link_of(line) or unended(line)
        if link is not None and link.whole and link.head.n > tail.head.n:
            tail.head, tail.loose = link.head, Loose()
        else:
            tail.loose.add(line)


def _last_of_full(path: Path) -> Head:
    """The end of the last full file; that of nothing where there is none, or it can't be read."""
    tail = Tail()
    for part in full_parts(path)[-1:]:
        try:
            with part.lines() as lines:
                _follow(tail, lines)
        except BROKEN:
            return Head(part.last or 0, START.sum)
    return tail.head
