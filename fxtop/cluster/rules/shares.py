"""What can be wrong with the data that cluster managers share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fxtop.cluster.records import Finding, Liveness, RowRef, Severity, ShareRow
from fxtop.cluster.rules import troubles
from fxtop.cluster.rules.crowd import rows
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural, span
from fxtop.protocol.share import Peer, StoreHeartbeat

STUCK_AFTER: Final = 600.0
"""Seconds for which what a manager lacks may stand still: a large file counts only when it is there whole."""
STOPPED: Final = "error"
PAUSED: Final = "paused"
"""States of a folder in syncthing's own words."""

_APART: Final = "what users change on one manager doesn't reach the others"


def silent(store: Store) -> Iterator[Finding]:
    """Managers whose shared data nobody tells of."""
    for row in store.shares.values():
        if row.liveness is Liveness.LOST or row.liveness is Liveness.STALE:
            text = f"nothing was told of the shared data of {row.id} for {span(store.age(row))}"
            remedy = "check the fxtop agent on it"
            yield Finding(Severity.WARN, f"share-{row.liveness}", row.id, text, remedy, rows=_rows(row))


def unshared(store: Store) -> Iterator[Finding]:
    """Managers whose copy isn't kept the same as the others', or of which that isn't known."""
    for row in store.shares.values():
        if row.beat is not None and row.liveness is not Liveness.LEFT:
            yield from _halted(row, row.beat)
            yield from _errors(row, row.beat)
            yield from _behind(row, row.beat)
            yield from _conflicts(row, row.beat)
            yield from _peers(row, row.beat)


def _halted(row: ShareRow, beat: StoreHeartbeat) -> Iterator[Finding]:
    """Sharing that is stopped or paused, and what can't be read of it."""
    evidence = (beat.note,) if beat.note else ()
    states = (beat.state or "").split(", ")
    if STOPPED in states:
        text = f"the data of {row.id} isn't shared any more: {beat.kind} has stopped"
        remedy = "see the evidence; a folder that misses its marker may lie on a disk that isn't mounted"
        yield Finding(Severity.CRIT, "share-stopped", row.id, text, remedy, _APART, evidence, _rows(row))
    elif beat.note:
        text = f"not all can be read of the shared data of {row.id}"
        remedy = "see the evidence, and try there: fxtop agent once --only store"
        yield Finding(Severity.WARN, "share-unread", row.id, text, remedy, "", evidence, _rows(row))
    if PAUSED in states:
        text = f"sharing the data of {row.id} is paused"
        yield Finding(
            Severity.WARN, "share-paused", row.id, text, "let it go on, or see who paused it", _APART, (), _rows(row)
        )


def _errors(row: ShareRow, beat: StoreHeartbeat) -> Iterator[Finding]:
    if beat.errors:
        text = f"the shared data of {row.id} has {plural(beat.errors, 'error')}"
        evidence = tuple(beat.examples)
        remedy = "see the log of what syncs it"
        yield Finding(Severity.WARN, "share-errors", row.id, text, remedy, _APART, evidence, _rows(row))


def _behind(row: ShareRow, beat: StoreHeartbeat) -> Iterator[Finding]:
    stuck = 0.0 if row.behind_since is None else row.heard - row.behind_since
    if stuck >= STUCK_AFTER and beat.need_bytes:
        text = f"{row.id} lacks {plural(beat.need_bytes, 'byte')} of the shared data, and no fewer for {span(stuck)}"
        remedy = "see whether another manager that has them is connected, and the log of what syncs it"
        consequence = "what is asked of this manager may be out of date"
        yield Finding(Severity.WARN, "share-behind", row.id, text, remedy, consequence, (), _rows(row))


def _conflicts(row: ShareRow, beat: StoreHeartbeat) -> Iterator[Finding]:
    if beat.conflicts:
        evidence = tuple(f"{beat.path}/{name}" for name in beat.examples if "sync-conflict" in name)
        yield troubles.sync_conflicts(row.id, beat.conflicts, evidence=evidence, rows=_rows(row))


def _peers(row: ShareRow, beat: StoreHeartbeat) -> Iterator[Finding]:
    away = sorted((peer for peer in beat.peers if not peer.connected), key=lambda peer: peer.name)
    if away:
        text = f"{row.id} doesn't see the managers that it shares data with: {naming([peer.name for peer in away])}"
        remedy = "check the hosts and the line between them"
        evidence = tuple(_absence(peer, beat) for peer in away)
        yield Finding(Severity.WARN, "share-peers", row.id, text, remedy, _APART, evidence, _rows(row))


def _absence(peer: Peer, beat: StoreHeartbeat) -> str:
    seen = "never seen" if peer.last_seen is None else f"last seen {span(max(0.0, beat.ts - peer.last_seen))} before"
    has = "" if peer.completion is None else f", has {peer.completion:.0%} of the data"
    return f"{peer.name}: {seen}{has}"


def _rows(row: ShareRow) -> tuple[RowRef, ...]:
    return rows("shares", [row.id])
