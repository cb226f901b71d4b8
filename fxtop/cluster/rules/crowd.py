"""How one trouble of many rows is told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from fxtop.cluster.records import PoolKey, RowKind, RowRef, SessionKey
from fxtop.cluster.words import naming, plural, span

ONE_BY_ONE: Final = 20
"""Rows with the same trouble that get a finding each; more are told in one."""

EXPIRY_WARNED: Final = 14 * 86_400.0
"""Seconds ahead of an expiry at which it is worth a word."""

SHOWN: Final = 50
"""Lines of evidence; the rows that a finding names are all of them."""


def subject_of(ids: Sequence[object], many: str) -> str:
    """What a finding about ``ids`` is about: the only one, or ``many``."""
    return str(ids[0]) if len(ids) == 1 else many


def expiry(left: float) -> str:
    """What is said of something that expires in ``left`` seconds."""
    return f"expires in {span(left)}" if left > 0 else f"expired {span(-left)} ago"


def rows(kind: RowKind, ids: Iterable[str | SessionKey | PoolKey]) -> tuple[RowRef, ...]:
    """The rows with these ids as those that a finding rests on."""
    return tuple(RowRef(kind, id_) for id_ in ids)


def on_nodes(nodes: Sequence[str]) -> str:
    """`` on viz01``, or on how many and which."""
    return f" on {nodes[0]}" if len(nodes) == 1 else f" on {plural(len(nodes), 'node')}: {naming(nodes)}"
