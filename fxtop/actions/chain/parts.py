"""The files that one chain is in: the one that is written to, and the older ones that were full.

A full ``journal.jsonl`` is renamed to ``journal.jsonl.000000000873`` by the number of its last line, and compressed.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fxtop.actions.chain import disk
from fxtop.actions.chain.anchor import Anchor, quiet

GZIP: Final = ".gz"
MOST_LINE: Final = 16 * 1024 * 1024
"""Bytes; what is longer comes in pieces, and none of them is a line."""

BROKEN: Final = (OSError, EOFError, zlib.error)
"""What reading a compressed file that is damaged raises."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a chain, not open."""

    path: Path
    last: int | None = None
    """Number of its last line by its name; None for the file that is written to."""

    @contextmanager
    def lines(self) -> Iterator[Iterator[bytes]]:
        """Its lines, each with its line end, if it has one. `BROKEN`, also while they are read."""
        with os.fdopen(disk.open_to_read(self.path), "rb") as raw:
            yield _lines(gzip.GzipFile(fileobj=raw) if self.path.suffix == GZIP else raw)


@dataclass(frozen=True, slots=True)
class LastPart(Part):
    """The file that was written to at a moment, open: it may be full and have another name by now."""

    handle: int = -1
    size: int = 0
    """Its bytes at that moment."""

    @contextmanager
    def lines(self) -> Iterator[Iterator[bytes]]:
        """As of any part, and up to that moment."""
        with os.fdopen(os.dup(self.handle), "rb") as file:
            file.seek(0)
            yield _lines(file, self.size)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A chain at one moment: its files, oldest first, and its anchor."""

    parts: tuple[Part, ...]
    anchor: Anchor | None


@contextmanager
def snapshot(path: Path) -> Iterator[Snapshot]:
    """The chain in ``path`` as it is now; others may go on appending. OSError."""
    with quiet(path) as anchor:
        older = full_parts(path)
        try:
            handle = disk.open_to_read(path)
        except FileNotFoundError:
            handle = -1
        size = os.fstat(handle).st_size if handle >= 0 else 0
    if handle < 0:
        yield Snapshot(older, anchor)
        return
    try:
        yield Snapshot((*older, LastPart(path, handle=handle, size=size)), anchor)
    finally:
        os.close(handle)


def full_parts(path: Path) -> tuple[Part, ...]:
    """The older files of the chain in ``path``, oldest first. OSError."""
    form = re.compile(rf"{re.escape(path.name)}\.(\d{{12,15}})(\{GZIP})?")
    found: dict[int, Part] = {}
    for name in sorted(os.listdir(path.parent) if path.parent.is_dir() else ()):
        if match := form.fullmatch(name):
            found[int(match[1])] = Part(path.with_name(name), int(match[1]))  # the compressed one, where both are there
    return tuple(found[last] for last in sorted(found))


def full_name(path: Path, last: int) -> Path:
    """The name of the file ``path`` once it is full and ends with the line ``last``."""
    return path.with_name(f"{path.name}.{last:012d}")


def _lines(file: io.BufferedIOBase, left: int | None = None) -> Iterator[bytes]:
    while line := file.readline(MOST_LINE if left is None else min(left, MOST_LINE)):
        if left is not None:
            left -= len(line)
        yield line
