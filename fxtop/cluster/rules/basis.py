"""What rules are made from: see `fxtop.cluster.rules.rule.Basis`."""

from __future__ import annotations

from collections.abc import Hashable

from fxtop.cluster.store import Store


def hearing(store: Store) -> Hashable:
    """Whether there is a connection to the bus."""
    return store.hearing.deaf_since, store.hearing.why


def silent_nodes(store: Store) -> Hashable:
    """Which nodes are silent, or have left."""
    return store.census.nodes.rev


def services(store: Store) -> Hashable:
    """Which node runs what, which of them are heard, and which take sessions."""
    census = store.census
    return census.services.rev, census.nodes.rev, census.heard(), census.closed.rev, census.drains.rev


def marked_nodes(store: Store) -> Hashable:
    """Which nodes stand out by what they told of themselves."""
    census = store.census
    return (
        census.skewed.rev,
        census.network_temp.rev,
        census.local_dirs.rev,
        census.leftovers.rev,
        census.failed_units.rev,
        census.drains.rev,
        census.nodes.rev,
    )


def sameness(store: Store) -> Hashable:
    """Who has which files and versions."""
    return store.drift.rev, store.census.nodes.rev


def sessions(store: Store) -> Hashable:
    """Which sessions are left over, and which wait for long."""
    return store.census.sessions.rev, store.waits.rev


def transporters(store: Store) -> Hashable:
    """All that is known of the transporters."""
    return store.revisions.transporters


def licenses(store: Store) -> Hashable:
    """All that is known of the licence servers and their pools."""
    return store.revisions.licenses, store.revisions.pools


def shares(store: Store) -> Hashable:
    """All that is known of the shared data."""
    return store.revisions.shares


def refusals(store: Store) -> Hashable:
    """What was refused lately."""
    return store.refused.rev


def jobs(store: Store) -> Hashable:
    """All that is known of requests."""
    return store.revisions.jobs
