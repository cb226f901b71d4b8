"""What can be wrong with transporters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from fxtop.cluster.records import Finding, Liveness, Severity
from fxtop.cluster.rules.crowd import EXPIRY_WARNED, expiry
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural, span


def silent(store: Store) -> Iterator[Finding]:
    """Transporters that are lost or stale."""
    for row in store.transporters.values():
        if row.liveness is Liveness.LOST or row.liveness is Liveness.STALE:
            severity = Severity.CRIT if row.liveness is Liveness.LOST else Severity.WARN
            text = f"nothing was heard of transporter {row.name} for {span(store.age(row))}"
            yield Finding(severity, f"transporter-{row.liveness}", row.name, text, "check its nats-server")


def islands(store: Store) -> Iterator[Finding]:
    """Transporters that don't see each other."""
    groups: defaultdict[int, list[str]] = defaultdict(list)
    for row in store.transporters.values():
        if row.island:
            groups[row.island].append(row.name)
    if len(groups) > 1:
        parts = "; ".join(naming(sorted(groups[number])) for number in sorted(groups))
        text = f"the transporters are {len(groups)} islands that don't see each other: {parts}"
        yield Finding(Severity.CRIT, "islands", "transporters", text, "check the routes between them (port 6222)")


def ailing(store: Store) -> Iterator[Finding]:
    """Transporters that are shutting down, cut clients off, or whose certificate runs out."""
    now = store.clock.now()
    for row in store.transporters.values():
        if row.liveness is Liveness.LEFT:
            continue
        if row.slow_since_start:
            text = f"transporter {row.name} cut off {plural(row.slow_since_start, 'slow consumer')}"
            remedy = "look for a client that reads too slowly: an overloaded host, or a thin line"
            yield Finding(Severity.WARN, "slow-consumers", row.name, text, remedy)
        if row.beat is not None and row.beat.lame_duck:
            text = f"transporter {row.name} is shutting down and sends its clients away"
            yield Finding(Severity.WARN, "lame-duck", row.name, text, "wait until it is back, or see who stopped it")
        left = row.beat.cert_expires - now if row.beat is not None and row.beat.cert_expires is not None else None
        if left is not None and left < EXPIRY_WARNED:
            severity = Severity.CRIT if left <= 0 else Severity.WARN
            text = f"the certificate of transporter {row.name} {expiry(left)}"
            yield Finding(severity, "certificate-expiry", row.name, text, "renew it, or clients will be refused")
