"""Events: one sentence for each thing that happened, and one for many that happened at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from fxtop.cluster.records import Liveness, Severity
from fxtop.cluster.tables import Tables
from fxtop.protocol.node import NodeHeartbeat

NAMED: Final = 3
"""Ids that a sentence names before it says how many more there are."""

_SILENCES: Final = (
    (Liveness.STALE, Severity.WARN, "silent for 3 intervals"),
    (Liveness.LOST, Severity.CRIT, "lost: silent for 6 intervals"),
)
"""Being late passes by itself more often than not, so only the row shows it."""


def naming(ids: Sequence[str]) -> str:
    """The ``ids`` in words: all of a few, the first of many."""
    if len(ids) <= NAMED + 1:
        return ", ".join(ids)
    return f"{', '.join(ids[:NAMED])} and {len(ids) - NAMED} more"


def fell_silent(tables: Tables, one: str, many: str, changed: Iterable[tuple[str, Liveness]]) -> None:
    """Tell which rows of a kind were found silent in one go."""
    changed = list(changed)
    for standing, severity, words in _SILENCES:
        ids = sorted(id_ for id_, liveness in changed if liveness is standing)
        if len(ids) == 1:
            tables.announce(severity, f"{one.capitalize()} {ids[0]} is {words}.")
        elif ids:
            tables.announce(severity, f"{len(ids)} {many} are {words} ({naming(ids)}).")


def came_back(tables: Tables, what: str, before: Liveness, silent: float) -> None:
    """Tell that something silent, or gone, is heard again."""
    if before is Liveness.LEFT:
        tables.announce(Severity.INFO, f"{what} is back after it had left.")
    elif before in (Liveness.STALE, Liveness.LOST):
        tables.announce(Severity.INFO, f"{what} is back after {silent:.0f} s of silence.")


def drain_changed(tables: Tables, node: str, beat: NodeHeartbeat) -> None:
    """Tell what became of a node's drain."""
    if beat.state == "active":
        tables.announce(Severity.INFO, f"Node {node} takes sessions again.")
    elif beat.state == "drained":
        tables.announce(Severity.INFO, f"Node {node} is drained: no session is left on it.")
    else:
        by = f" by {beat.drain.by}" if beat.drain else ""
        why = f": {beat.drain.reason}" if beat.drain and beat.drain.reason else ""
        tables.announce(Severity.INFO, f"Node {node} is being drained{by}{why}.")
