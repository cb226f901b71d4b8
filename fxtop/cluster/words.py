"""Ids, counts and durations as they stand in the sentences of this room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fxtop.cluster.records import PoolKey

NAMED: Final = 3
"""Ids that a sentence names before it says how many more there are."""

_UNITS: Final = ((86_400.0, "d"), (3_600.0, "h"), (60.0, "min"))


def naming(ids: Sequence[str]) -> str:
    """The ``ids`` in words: all of a few, the first of many."""
    if len(ids) <= NAMED + 1:
        return ", ".join(ids)
    return f"{', '.join(ids[:NAMED])} and {len(ids) - NAMED} more"


def plural(count: int, one: str) -> str:
    """``count`` things in words."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def sentence(words: str) -> str:
    """``words`` as a sentence; ids keep their own case."""
    return f"{words[:1].upper()}{words[1:]}."


def span(seconds: float) -> str:
    """A duration in its largest whole unit."""
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def pool_words(key: PoolKey) -> str:
    """A pool in words."""
    return f"{key.product} {key.version} (pool {key.pool}) at {key.server}"
