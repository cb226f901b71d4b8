"""What a rule is: what it finds, and what that depends on.

The console asks for its findings at every tick. A rule is only looked at anew when something that it is made from
changed, and once in `BEAT` where time alone changes its answer, so that a tick costs next to nothing however large the
cluster is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Final

import msgspec

from fxtop.cluster.records import Finding
from fxtop.cluster.store import Store

BEAT: Final = 1.0
"""Seconds between two looks of a rule that tells of time."""

Find = Callable[[Store], Iterable[Finding]]
Basis = Callable[[Store], Hashable]
"""A value that differs whenever what a rule finds may differ. Asked at every tick, so it has to cost nothing."""


class Rule(msgspec.Struct, frozen=True):
    """A rule, as `fxtop.cluster.findings.RULES` lists it."""

    find: Find
    basis: Basis
    timed: bool = False
    """Whether the answer depends on the time too: it tells an age, or something runs out."""
    of_silence: bool = False
    """Whether it tells who isn't heard; it says nothing while we can't hear anybody."""

    def found(self, store: Store) -> tuple[Finding, ...]:
        """What it finds now, by subject."""
        made_from = self.basis(store), store.clock.monotonic() // BEAT if self.timed else None
        return store.found.get(self.find, made_from, lambda: self._look(store))

    def _look(self, store: Store) -> tuple[Finding, ...]:
        return tuple(sorted(self.find(store), key=lambda each: (each.subject, each.text)))
