"""Configuration of FastX 4 that FastX 5 doesn't look at (vendor's migration sheet)."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.records import Severity
from fxtop.cluster.words import naming
from fxtop.config.site.layout import CONFIG_DIR
from fxtop.doctor.facts import Facts
from fxtop.doctor.finding import Finding, NotChecked, Outcome


def ignored(facts: Facts) -> Iterator[Outcome]:
    """Settings that are silently dead since the upgrade."""
    if not facts.leftovers:
        return
    if facts.version is None:
        yield NotChecked("settings of version 4", "nothing says which version of FastX is installed (/usr/lib/fastx)")
    elif facts.version >= 5:
        what = sorted({leftover.what for leftover in facts.leftovers})
        yield Finding(
            severity=Severity.WARN,
            kind="v4-leftovers",
            subject=str(facts.layout.path(CONFIG_DIR)),
            text=f"FastX 5 ignores what FastX 4 left: {naming(what)}",
            evidence=tuple(f"{leftover.at}  {leftover.what}" for leftover in facts.leftovers),
            consequence="load balancing and job scheduling don't do what these lines say",
            remedy="move what is still wanted into a scheduler's folder under schedule/, and delete the rest",
        )
