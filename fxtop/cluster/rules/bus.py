"""What can be wrong with our own connection."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.records import Finding
from fxtop.cluster.rules import troubles
from fxtop.cluster.store import Store
from fxtop.cluster.words import span


def deaf(store: Store) -> Iterator[Finding]:
    """No connection to the bus."""
    since = store.hearing.deaf_since
    if since is not None:
        away = span(store.clock.monotonic() - since)
        text = f"there is no connection to the bus for {away}: nothing is known of the cluster since then"
        yield troubles.bus_down(text, (store.hearing.why,) if store.hearing.why else (), store.hearing.why)
