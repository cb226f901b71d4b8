"""What can be wrong with sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fxtop.cluster.records import Finding, SessionKey, Severity
from fxtop.cluster.rules.crowd import subject_of
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural, span


def waiting(store: Store) -> Iterator[Finding]:
    """Sessions that are pending for long."""
    keys = sorted(store.waits.long)
    if keys:
        longest = store.clock.monotonic() - min(store.waits.long.values())
        text = f"{plural(len(keys), 'session')} pending, the longest for {span(longest)}: {_named(keys)}"
        remedy = "see in the details why it waits" if len(keys) == 1 else "see in their details why they wait"
        yield Finding(Severity.WARN, "pending-long", subject_of(keys, "sessions"), text, remedy)


def ghosts(store: Store) -> Iterator[Finding]:
    """Session directories without processes."""
    keys = sorted(store.census.sessions.those("ghost"))
    if keys:
        text = f"{plural(len(keys), 'session')} left as a directory without processes: {_named(keys)}"
        yield Finding(Severity.INFO, "ghosts", subject_of(keys, "sessions"), text, "terminate them to clean up")


def orphans(store: Store) -> Iterator[Finding]:
    """Processes of sessions without a session directory."""
    keys = sorted(store.census.sessions.those("orphan"))
    if keys:
        text = f"{plural(len(keys), 'session')} left as processes without a directory: {_named(keys)}"
        remedy = "FastX doesn't know them any more; terminate those that nobody uses"
        yield Finding(Severity.INFO, "orphans", subject_of(keys, "sessions"), text, remedy)


def _named(keys: Sequence[SessionKey]) -> str:
    return naming([str(key) for key in keys])
