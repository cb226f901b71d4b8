"""What is wrong now, worst first.

To add a rule: write a function of the store that yields findings into `fxtop.cluster.rules`, and list it here with what
it is made from (`fxtop.cluster.rules.basis`). Rules about nodes and sessions read what `fxtop.cluster.census` keeps of
exceptions, so that a healthy cluster costs next to nothing whatever its size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fxtop.cluster.records import Finding
from fxtop.cluster.rules import (
    basis,
    bus,
    directories,
    drift,
    licenses,
    nodes,
    patterns,
    refusals,
    sessions,
    shares,
    transporters,
)
from fxtop.cluster.rules.rule import Rule
from fxtop.cluster.store import Store

RULES: Final[tuple[Rule, ...]] = (
    Rule(bus.deaf, basis.hearing, timed=True),
    Rule(transporters.islands, basis.transporters),
    Rule(transporters.silent, basis.transporters, timed=True, of_silence=True),
    Rule(patterns.no_launcher, basis.services, of_silence=True),
    Rule(patterns.manager_lost, basis.services, of_silence=True),
    Rule(patterns.no_place, basis.services, of_silence=True),
    Rule(nodes.silent, basis.silent_nodes, timed=True, of_silence=True),
    Rule(nodes.silent_crowds, basis.silent_nodes, of_silence=True),
    Rule(refusals.refused, basis.refusals, timed=True),
    Rule(licenses.silent, basis.licenses, timed=True, of_silence=True),
    Rule(licenses.unreachable, basis.licenses),
    Rule(licenses.seats, basis.licenses),
    Rule(nodes.failed_units, basis.marked_nodes),
    Rule(sessions.waiting, basis.sessions, timed=True),
    Rule(licenses.expiring, basis.licenses, timed=True),
    Rule(transporters.ailing, basis.transporters, timed=True),
    Rule(shares.silent, basis.shares, timed=True, of_silence=True),
    Rule(shares.unshared, basis.shares),
    Rule(nodes.twice, basis.silent_nodes, timed=True),
    Rule(nodes.late_drains, basis.marked_nodes, timed=True),
    Rule(patterns.lacking, basis.services),
    Rule(nodes.skewed_clocks, basis.marked_nodes, timed=True),
    Rule(directories.network_temp, basis.marked_nodes),
    Rule(directories.shared_local, basis.marked_nodes),
    Rule(drift.config, basis.sameness),
    Rule(drift.versions, basis.sameness),
    Rule(nodes.leftovers, basis.marked_nodes),
    Rule(sessions.ghosts, basis.sessions),
    Rule(sessions.orphans, basis.sessions),
)
"""In the order in which findings of the same severity are told."""


def findings(store: Store, rules: Sequence[Rule] = RULES) -> list[Finding]:
    """All that is wrong now, worst first; then in the order of the rules, and by subject within one."""
    hearing = store.hearing.silence_counts()
    found = [each for rule in rules if hearing or not rule.of_silence for each in rule.found(store)]
    return sorted(found, key=lambda each: each.severity.rank)
