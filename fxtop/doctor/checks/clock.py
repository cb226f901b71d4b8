"""Whether the machine's clock is kept right. How far off it is can only be told against another one."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.records import Severity
from fxtop.doctor.facts import Facts
from fxtop.doctor.finding import Finding, Missing, NotChecked, Outcome


def kept(facts: Facts) -> Iterator[Outcome]:
    """A clock that nothing keeps right."""
    if isinstance(facts.clock_kept, Missing):
        yield NotChecked("whether this machine's clock is kept right", facts.clock_kept.why)
    elif not facts.clock_kept:
        yield Finding(
            severity=Severity.WARN,
            kind="clock-unkept",
            subject="this machine",
            text="nothing keeps its clock right",
            evidence=("timedatectl: NTPSynchronized=no",),
            consequence="it drifts away from the others': requests are refused as expired, and certificates with them",
            remedy="start chronyd or systemd-timesyncd, and see with chronyc tracking whether it reaches a server",
        )
