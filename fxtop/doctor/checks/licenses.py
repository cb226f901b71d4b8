"""Licence files: where they lie, in version 4 elsewhere than in version 5, and which ports they name."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.records import Severity
from fxtop.config.site.layout import license_folders
from fxtop.doctor.facts import Facts
from fxtop.doctor.finding import Finding, NotChecked, Outcome


def place(facts: Facts) -> Iterator[Outcome]:
    """Licence files where the installed version doesn't look (version 4: FX_VAR_DIR; version 5: FX_CONFIG_DIR)."""
    what = "the place of the licence files"
    if facts.version is None:
        yield NotChecked(what, "nothing says which version of FastX is installed (/usr/lib/fastx)")
        return
    five, four = license_folders(facts.layout)
    right = five if facts.version >= 5 else four
    astray = [path for path in facts.licenses if path.parent != right]
    if not facts.licenses:
        yield NotChecked(what, f"there is none in {five} or {four}")
    elif len(astray) == len(facts.licenses):
        yield Finding(
            severity=Severity.WARN,
            kind="license-place",
            subject=str(right),
            text=f"all licence files lie where FastX {facts.version} doesn't look for them",
            evidence=tuple(map(str, astray)),
            consequence="sessions don't start: «no free licenses» or no licence at all",
            remedy=f"copy them to {right} and restart FastX and rlm",
        )


def ports(facts: Facts) -> Iterator[Outcome]:
    """Vendor daemons that take another port at each start."""
    if facts.floating:
        yield Finding(
            severity=Severity.INFO,
            kind="isv-port",
            subject=str(facts.floating[0].file),
            text="a licence file gives a vendor's daemon no port",
            evidence=tuple(f"{place}  without port=" for place in facts.floating),
            consequence="the daemon takes another port at each start, and no firewall can let it through for good",
            remedy="add port= with a free number to that line on the licence server, and open it beside that of rlm",
        )
