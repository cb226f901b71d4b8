"""What can be wrong with sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fxtop.cluster.records import Finding, SessionKey, Severity
from fxtop.cluster.rules.crowd import SHOWN, rows, subject_of
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural, span


def waiting(store: Store) -> Iterator[Finding]:
    """Sessions that are pending for long, with what their schedulers give as the reason."""
    longest_first = sorted(store.waits.long, key=lambda key: (store.waits.long[key], key))
    if not longest_first:
        return
    longest = store.clock.monotonic() - store.waits.long[longest_first[0]]
    reasons = sorted({why for key in longest_first if (why := _why(store, key))})
    because = f" ({naming(reasons)})" if reasons else ""
    count = plural(len(longest_first), "session")
    yield Finding(
        severity=Severity.WARN,
        kind="pending-long",
        subject=subject_of(longest_first, "sessions"),
        text=f"{count} pending, the longest for {span(longest)}: {_named(sorted(longest_first))}{because}",
        remedy="see what the scheduler says of its job" if reasons else "see in the details what it waits for",
        consequence="who asked for it sees no desktop; a job that was cancelled elsewhere waits for ever",
        evidence=tuple(_waits(store, key) for key in longest_first[:SHOWN]),
        rows=rows("sessions", longest_first),
    )


def ghosts(store: Store) -> Iterator[Finding]:
    """Session directories without processes."""
    keys = sorted(store.census.sessions.those("ghost"))
    if keys:
        yield Finding(
            severity=Severity.INFO,
            kind="ghosts",
            subject=subject_of(keys, "sessions"),
            text=f"{plural(len(keys), 'session')} left as a directory without processes: {_named(keys)}",
            remedy="terminate them to clean up",
            consequence="FastX may still list them, and a seat may be held for nobody",
            rows=rows("sessions", keys),
        )


def orphans(store: Store) -> Iterator[Finding]:
    """Processes of sessions without a session directory."""
    keys = sorted(store.census.sessions.those("orphan"))
    if keys:
        yield Finding(
            severity=Severity.INFO,
            kind="orphans",
            subject=subject_of(keys, "sessions"),
            text=f"{plural(len(keys), 'session')} left as processes without a directory: {_named(keys)}",
            remedy="FastX doesn't know them any more; terminate those that nobody uses",
            consequence="they use memory and processor time, and nobody can connect to them",
            rows=rows("sessions", keys),
        )


def _why(store: Store, key: SessionKey) -> str | None:
    row = store.sessions.get(key)
    return row.body.pending.reason if row is not None and row.body.pending is not None else None


def _waits(store: Store, key: SessionKey) -> str:
    row = store.sessions.get(key)
    waited = span(store.clock.monotonic() - store.waits.long[key])
    told = row.body.pending if row is not None else None
    if told is None:
        return f"{key}: for {waited}, nothing is told of the reason"
    job = " ".join(filter(None, (told.scheduler, told.job)))
    return f"{key}: for {waited}, {job or 'no scheduler'}: {told.reason or 'no reason given'}"


def _named(keys: Sequence[SessionKey]) -> str:
    return naming([str(key) for key in keys])
