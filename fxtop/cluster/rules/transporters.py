"""What can be wrong with transporters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from fxtop.cluster.records import Finding, Liveness, RowRef, Severity, TransporterRow
from fxtop.cluster.rules import troubles
from fxtop.cluster.rules.crowd import EXPIRY_WARNED, rows
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural, span
from fxtop.protocol.transporter import TransporterHeartbeat

AT_ONCE: Final = 1.0
"""Seconds that a file may be younger than its being read: the two stamps are of different precision."""


def silent(store: Store) -> Iterator[Finding]:
    """Transporters that are lost or stale."""
    for row in store.transporters.values():
        if row.liveness is Liveness.LOST or row.liveness is Liveness.STALE:
            severity = Severity.CRIT if row.liveness is Liveness.LOST else Severity.WARN
            text = f"nothing was heard of transporter {row.name} for {span(store.age(row))}"
            remedy = "check its nats-server"
            yield Finding(severity, f"transporter-{row.liveness}", row.name, text, remedy, rows=_rows(row))


def islands(store: Store) -> Iterator[Finding]:
    """Transporters that don't see each other."""
    groups = _groups(store)
    if len(groups) > 1:
        named = [naming(sorted(row.name for row in groups[number])) for number in sorted(groups)]
        text = f"the transporters are {len(groups)} islands that don't see each other: {'; '.join(named)}"
        yield Finding(
            Severity.CRIT,
            "islands",
            "transporters",
            text,
            "check the routes between them (port 6222)",
            consequence="what is said on one isn't heard on the others, and every node looks connected",
            rows=tuple(ref for group in groups.values() for row in group for ref in _rows(row)),
        )


def ailing(store: Store) -> Iterator[Finding]:
    """Transporters that are shutting down, cut clients off, lack routes, or go by an old file or certificate."""
    now = store.clock.now()
    split = len(_groups(store)) > 1
    for row in store.transporters.values():
        if row.liveness is Liveness.LEFT:
            continue
        if row.slow_since_start:
            text = f"transporter {row.name} cut off {plural(row.slow_since_start, 'slow consumer')}"
            remedy = "look for a client that reads too slowly: an overloaded host, or a thin line"
            yield Finding(Severity.WARN, "slow-consumers", row.name, text, remedy, rows=_rows(row))
        if row.beat is not None:
            yield from _leaving(row, row.beat)
            yield from _certificate(row, row.beat, now)
            yield from _unloaded(row, row.beat)
            yield from () if split else _unrouted(row, row.beat)


def _leaving(row: TransporterRow, beat: TransporterHeartbeat) -> Iterator[Finding]:
    if beat.lame_duck:
        text = f"transporter {row.name} is shutting down and sends its clients away"
        remedy = "wait until it is back, or see who stopped it"
        yield Finding(Severity.WARN, "lame-duck", row.name, text, remedy, rows=_rows(row))


def _certificate(row: TransporterRow, beat: TransporterHeartbeat, now: float) -> Iterator[Finding]:
    left = None if beat.cert_expires is None else beat.cert_expires - now
    if left is not None and left < EXPIRY_WARNED:
        yield troubles.certificate_expiry(
            row.name, f"of transporter {row.name}", left, "clients that verify it are refused", rows=_rows(row)
        )


def _unloaded(row: TransporterRow, beat: TransporterHeartbeat) -> Iterator[Finding]:
    """A file that is younger than what the server has read, which may be because it found a fault in the file."""
    if beat.config_changed is None or beat.config_loaded is None:
        return
    late = beat.config_changed - beat.config_loaded
    if late > AT_ONCE:
        yield Finding(
            Severity.WARN,
            "config-unloaded",
            row.name,
            f"transporter {row.name} hasn't read its configuration since that was changed",
            "check the file (nats-server -t -c FILE), then have it read: nats-server --signal reload",
            "it still works with what the file said before",
            (f"{row.name}: the file was changed {span(late)} after it was read",),
            _rows(row),
        )


def _unrouted(row: TransporterRow, beat: TransporterHeartbeat) -> Iterator[Finding]:
    reached = len({route.remote_id for route in beat.routes})
    if not beat.knows("routes") or beat.configured_routes is None or reached >= beat.configured_routes:
        return
    yield Finding(
        Severity.WARN,
        "routes-missing",
        row.name,
        f"transporter {row.name} reaches {reached} of the {plural(beat.configured_routes, 'server')} in its routes",
        "check that the others run, and that port 6222 lets them through",
        "when one more fails, nodes may lose each other",
        tuple(f"{row.name}: routed to {route.remote_name}" for route in beat.routes),
        _rows(row),
    )


def _groups(store: Store) -> dict[int, list[TransporterRow]]:
    """The islands by their numbers."""
    groups: defaultdict[int, list[TransporterRow]] = defaultdict(list)
    for row in store.transporters.values():
        if row.island:
            groups[row.island].append(row)
    return groups


def _rows(row: TransporterRow) -> tuple[RowRef, ...]:
    return rows("transporters", [row.id])
