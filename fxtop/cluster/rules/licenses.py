"""What can be wrong with licence servers and their seats."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.pools import denied, ghost_seats, is_full
from fxtop.cluster.records import Finding, LicenseRow, Liveness, PoolRow, SeatState, Severity
from fxtop.cluster.rules.crowd import EXPIRY_WARNED, SHOWN, expiry, rows
from fxtop.cluster.store import Store
from fxtop.cluster.words import plural, pool_words, span

_NO_START = "sessions can't be started: no seat can be had"


def silent(store: Store) -> Iterator[Finding]:
    """Licence servers that nobody tells of."""
    for row in store.licenses.values():
        if row.liveness is Liveness.LOST or row.liveness is Liveness.STALE:
            yield Finding(
                severity=Severity.CRIT if row.liveness is Liveness.LOST else Severity.WARN,
                kind=f"license-{row.liveness}",
                subject=row.id,
                text=f"nothing was told of licence server {row.id} for {span(store.age(row))}",
                remedy="check the fxtop agent that watches it",
                consequence="its seats are shown as they were",
                rows=rows("licenses", [row.id]),
            )


def unreachable(store: Store) -> Iterator[Finding]:
    """Licence servers that don't answer, or whose daemons are down."""
    for row in store.licenses.values():
        if row.beat is None or row.liveness is Liveness.LEFT:
            continue
        if not row.beat.reachable:
            text = f"licence server {row.id} can't be reached" + (f": {row.beat.error}" if row.beat.error else "")
            yield _down(row, "license-unreachable", text, "check the rlm service and its port")
        elif row.beat.error:
            yield _doubtful(row, row.beat.error)
        for isv in row.beat.isvs:
            if not isv.running:
                text = f"the licence daemon {isv.name} at {row.id} is down"
                yield _down(row, "isv-down", text, "check the rlm log and the licence file")


def _doubtful(row: LicenseRow, why: str) -> Finding:
    """A server that answered, and not all of its answer was understood."""
    return Finding(
        severity=Severity.WARN,
        kind="license-doubt",
        subject=row.id,
        text=f"what licence server {row.id} tells isn't known in full: {why}",
        remedy="run rlmutil rlmstat -a by hand, and look for what is missing here",
        consequence="some pools or holders may be missing from what is shown",
        evidence=(why,),
        rows=rows("licenses", [row.id]),
    )


def _down(row: LicenseRow, kind: str, text: str, remedy: str) -> Finding:
    return Finding(
        severity=Severity.CRIT,
        kind=kind,
        subject=row.id,
        text=text,
        remedy=remedy,
        consequence=_NO_START,
        rows=rows("licenses", [row.id]),
    )


def seats(store: Store) -> Iterator[Finding]:
    """Pools that are full, that denied somebody a seat, or that lose seats to nobody."""
    for row in store.pools.values():
        name = pool_words(row.key)
        ghosts = ghost_seats(row)
        if is_full(row.pool):
            yield _full(row, name, ghosts)
            continue
        if row.denials:
            text = f"{denied(row.key, row.pool, row.denials)} denied since the console started"
            yield _about(row, Severity.WARN, "denials", text, "see in the history whether the seats run short")
        if ghosts:
            text = f"{plural(ghosts, 'seat')} of {name} held without a session"
            yield _about(row, Severity.INFO, "seats-ghost", text, "look at the holders without a session")


def _full(row: PoolRow, name: str, ghosts: int) -> Finding:
    text = f"{name} is full: {row.pool.inuse} of {row.pool.count} seats are in use"
    severity = Severity.CRIT if row.denials else Severity.WARN
    if row.denials:
        whose = f" of {row.key.isv}" if row.pool.denials_of == "isv" else ""
        text += f", {plural(row.denials, 'request')}{whose} denied"
    if ghosts:
        text += f", {plural(ghosts, 'seat')} held without a session"
        return _about(row, severity, "pool-full-ghosts", text, "free the seats that no session uses", _NO_START)
    return _about(row, severity, "pool-full", text, "end sessions that nobody needs, or get more seats", _NO_START)


def _about(row: PoolRow, severity: Severity, kind: str, text: str, remedy: str, consequence: str = "") -> Finding:
    """A finding about a pool, with who holds its seats without a session."""
    missing = [each.holder for each in row.holders if each.state is SeatState.MISSING]
    sessions = sorted({key for each in row.holders for key in each.sessions})
    return Finding(
        severity=severity,
        kind=kind,
        subject=pool_words(row.key),
        text=text,
        remedy=remedy,
        consequence=consequence,
        evidence=tuple(
            f"{held.user}@{held.host}: {plural(held.seats, 'seat')} without a session" for held in missing[:SHOWN]
        ),
        rows=(*rows("pools", [row.key]), *rows("sessions", sessions)),
    )


def expiring(store: Store) -> Iterator[Finding]:
    """Pools whose licence runs out."""
    now = store.clock.now()
    for row in store.pools.values():
        if row.pool.expires is not None and row.pool.expires - now < EXPIRY_WARNED:
            left = row.pool.expires - now
            severity = Severity.CRIT if left <= 0 else Severity.WARN
            text = f"{pool_words(row.key)} {expiry(left)}"
            yield _about(
                row, severity, "pool-expiry", text, "renew the licence", "then its seats can't be had any more"
            )
