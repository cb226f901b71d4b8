"""What is wrong now, worst first.

Rules about nodes and sessions read what `fxtop.cluster.census` keeps of exceptions, so that a healthy cluster costs
next to nothing whatever its size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from fxtop.cluster.records import Finding
from fxtop.cluster.rules import bus, drift, licenses, nodes, sessions, shares, transporters
from fxtop.cluster.store import Store

Rule = Callable[[Store], Iterable[Finding]]

SILENCES: Final = (transporters.silent, nodes.silent, licenses.silent, shares.silent)
"""Rules about who isn't heard; they tell nothing while we can't hear."""

RULES: Final[tuple[Rule, ...]] = (
    bus.deaf,
    transporters.islands,
    transporters.silent,
    nodes.silent,
    licenses.silent,
    licenses.unreachable,
    licenses.seats,
    sessions.waiting,
    licenses.expiring,
    transporters.ailing,
    shares.silent,
    shares.unshared,
    nodes.twice,
    nodes.late_drains,
    nodes.skewed_clocks,
    nodes.network_temp,
    drift.config,
    drift.versions,
    sessions.ghosts,
    sessions.orphans,
)
"""In the order in which findings of the same severity are told."""


def findings(store: Store) -> list[Finding]:
    """All that is wrong now, worst first; then in the order of the rules, and by subject within one."""
    rules = RULES if store.hearing.silence_counts() else [rule for rule in RULES if rule not in SILENCES]
    found = [each for rule in rules for each in sorted(rule(store), key=lambda each: (each.subject, each.text))]
    return sorted(found, key=lambda each: each.severity.rank)
