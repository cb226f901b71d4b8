"""Chains to do something to."""

from __future__ import annotations

from pathlib import Path

from fxtop.actions.chain.rotation import Retention
from fxtop.actions.journal import Entry, Journal, Kind

OLD_LINE = b'{"v":1,"at":1.0,"kind":"sent","cluster":"prod","verb":"drain","operator":"ann","targets":["viz07"]}\n'
"""A line as it was written before there were chains."""


def entry(at: float = 1.0, detail: str = "") -> Entry:
    return Entry(v=1, at=at, kind=Kind.SENT, cluster="prod", verb="drain", targets=("viz07",), detail=detail)


def journal_of(path: Path, count: int, *, size: int = 1 << 30, keep: int = 50) -> Journal:
    """A journal with ``count`` lines, each from a write of its own."""
    journal = Journal(path, Retention(size=size, keep=keep))
    for number in range(1, count + 1):
        journal.write(entry(float(number)))
    return journal


def full_files(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir() if each.name.startswith(f"{path.name}.0"))
