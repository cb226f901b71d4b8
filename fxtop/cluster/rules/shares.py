"""What can be wrong with the data that cluster managers share."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.records import Finding, Liveness, Severity
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural, span


def silent(store: Store) -> Iterator[Finding]:
    """Managers whose shared data nobody tells of."""
    for row in store.shares.values():
        if row.liveness is Liveness.LOST or row.liveness is Liveness.STALE:
            text = f"nothing was told of the shared data of {row.id} for {span(store.age(row))}"
            yield Finding(Severity.WARN, f"share-{row.liveness}", row.id, text, "check the fxtop agent on it")


def unshared(store: Store) -> Iterator[Finding]:
    """Managers whose copy has errors, or that lost their peers."""
    for row in store.shares.values():
        if row.beat is None or row.liveness is Liveness.LEFT:
            continue
        if row.beat.errors:
            text = f"the shared data of {row.id} has {plural(row.beat.errors, 'error')}"
            yield Finding(Severity.WARN, "share-errors", row.id, text, "see the log of what syncs it")
        away = sorted(peer.name for peer in row.beat.peers if not peer.connected)
        if away:
            text = f"{row.id} doesn't see the managers that it shares data with: {naming(away)}"
            yield Finding(Severity.WARN, "share-peers", row.id, text, "check the hosts and the line between them")
