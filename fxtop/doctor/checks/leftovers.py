"""Configuration of FastX 4 that FastX 5 doesn't look at (vendor's migration sheet)."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.rules import troubles
from fxtop.config.site.layout import CONFIG_DIR
from fxtop.config.site.leftovers import SINCE
from fxtop.doctor.facts import Facts
from fxtop.doctor.finding import NotChecked, Outcome


def ignored(facts: Facts) -> Iterator[Outcome]:
    """Settings that are silently dead since the upgrade."""
    if not facts.leftovers:
        return
    if facts.version is None:
        yield NotChecked("settings of version 4", "nothing says which version of FastX is installed (/usr/lib/fastx)")
    elif facts.version >= SINCE:
        what = sorted({leftover.what for leftover in facts.leftovers})
        seen = tuple(f"{leftover.at}  {leftover.what}" for leftover in facts.leftovers)
        yield troubles.leftovers(str(facts.layout.path(CONFIG_DIR)), what, evidence=seen)
