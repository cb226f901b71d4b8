"""What can be wrong with licence servers and their seats."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.pools import ghost_seats, is_full
from fxtop.cluster.records import Finding, Liveness, PoolRow, Severity
from fxtop.cluster.rules.crowd import EXPIRY_WARNED, expiry
from fxtop.cluster.store import Store
from fxtop.cluster.words import plural, pool_words, span


def silent(store: Store) -> Iterator[Finding]:
    """Licence servers that nobody tells of."""
    for row in store.licenses.values():
        if row.liveness is Liveness.LOST or row.liveness is Liveness.STALE:
            severity = Severity.CRIT if row.liveness is Liveness.LOST else Severity.WARN
            text = f"nothing was told of licence server {row.id} for {span(store.age(row))}"
            yield Finding(severity, f"license-{row.liveness}", row.id, text, "check the fxtop agent that watches it")


def unreachable(store: Store) -> Iterator[Finding]:
    """Licence servers that don't answer, or whose daemons are down."""
    for row in store.licenses.values():
        if row.beat is None or row.liveness is Liveness.LEFT:
            continue
        if not row.beat.reachable:
            text = f"licence server {row.id} can't be reached" + (f": {row.beat.error}" if row.beat.error else "")
            yield Finding(Severity.CRIT, "license-unreachable", row.id, text, "check the rlm service and its port")
        for isv in row.beat.isvs:
            if not isv.running:
                text = f"the licence daemon {isv.name} at {row.id} is down"
                yield Finding(Severity.CRIT, "isv-down", row.id, text, "check the rlm log and the licence file")


def seats(store: Store) -> Iterator[Finding]:
    """Pools that are full, that denied somebody a seat, or that lose seats to nobody."""
    for row in store.pools.values():
        name = pool_words(row.key)
        if is_full(row.pool):
            yield _full(row, name)
            continue
        if row.denials:
            text = f"{plural(row.denials, 'request')} for {name} denied since the console started"
            yield Finding(Severity.WARN, "denials", name, text, "see in the history whether the seats run short")
        ghosts = ghost_seats(row)
        if ghosts:
            text = f"{plural(ghosts, 'seat')} of {name} held without a session"
            yield Finding(Severity.INFO, "seats-ghost", name, text, "look at the holders without a session")


def _full(row: PoolRow, name: str) -> Finding:
    text = f"{name} is full: {row.pool.inuse} of {row.pool.count} seats are in use"
    severity = Severity.CRIT if row.denials else Severity.WARN
    if row.denials:
        text += f", {plural(row.denials, 'request')} denied"
    ghosts = ghost_seats(row)
    if ghosts:
        text += f", {plural(ghosts, 'seat')} held without a session"
        return Finding(severity, "pool-full-ghosts", name, text, "free the seats that no session uses")
    return Finding(severity, "pool-full", name, text, "end sessions that nobody needs, or get more seats")


def expiring(store: Store) -> Iterator[Finding]:
    """Pools whose licence runs out."""
    now = store.clock.now()
    for row in store.pools.values():
        if row.pool.expires is not None and row.pool.expires - now < EXPIRY_WARNED:
            left = row.pool.expires - now
            severity = Severity.CRIT if left <= 0 else Severity.WARN
            name = pool_words(row.key)
            yield Finding(severity, "pool-expiry", name, f"{name} {expiry(left)}", "renew the licence")
