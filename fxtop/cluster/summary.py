"""The whole cluster in a few numbers, as JSON and the summary line show it."""

from __future__ import annotations

import msgspec

from fxtop.cluster.pools import ghost_seats
from fxtop.cluster.records import JobState, Liveness
from fxtop.cluster.store import Store


class NodeCounts(msgspec.Struct, frozen=True):
    """Nodes by liveness, and by what they enforce, as they said last."""

    total: int
    live: int
    late: int
    stale: int
    lost: int
    left: int
    draining: int
    drained: int


class SessionCounts(msgspec.Struct, frozen=True):
    """Sessions by state."""

    total: int
    by_state: dict[str, int]
    """States that some session is in."""
    long_pending: int
    """Pending for longer than is worth a word (`fxtop.cluster.waits`)."""


class TransporterCounts(msgspec.Struct, frozen=True):
    """Transporters by liveness, and how many islands they form."""

    total: int
    live: int
    late: int
    stale: int
    lost: int
    left: int
    islands: int


class SeatCounts(msgspec.Struct, frozen=True):
    """Seats of all counted pools, and what the join with sessions tells."""

    used: int
    total: int
    denials: int
    """Since the console started."""
    ghosts: int
    """Seats held without a session."""


class JobCounts(msgspec.Struct, frozen=True):
    """Jobs that nobody dismissed."""

    unfinished: int
    done: int
    failed: int
    """Failed, refused, unsupported, done in part, or nobody knows."""


class Summary(msgspec.Struct, frozen=True):
    """The cluster in numbers."""

    nodes: NodeCounts
    sessions: SessionCounts
    transporters: TransporterCounts
    seats: SeatCounts
    jobs: JobCounts


def summarize(store: Store) -> Summary:
    """Count. What is many is counted as it changes, so that its number doesn't matter here."""
    return Summary(
        nodes=_nodes(store),
        sessions=_sessions(store),
        transporters=_transporters(store),
        seats=store.seated.get(None, store.revisions.pools, lambda: _seats(store)),
        jobs=_jobs(store),
    )


def _nodes(store: Store) -> NodeCounts:
    counts, drains = store.census.nodes.counts, store.census.drains.counts
    return NodeCounts(
        total=len(store.nodes),
        live=counts[Liveness.LIVE],
        late=counts[Liveness.LATE],
        stale=counts[Liveness.STALE],
        lost=counts[Liveness.LOST],
        left=counts[Liveness.LEFT],
        draining=drains["draining"],
        drained=drains["drained"],
    )


def _sessions(store: Store) -> SessionCounts:
    by_state = {state: count for state, count in sorted(store.census.sessions.counts.items()) if count}
    return SessionCounts(total=len(store.sessions), by_state=by_state, long_pending=len(store.waits.long))


def _transporters(store: Store) -> TransporterCounts:
    rows = store.transporters.values()
    standing = [row.liveness for row in rows]
    return TransporterCounts(
        total=len(rows),
        live=standing.count(Liveness.LIVE),
        late=standing.count(Liveness.LATE),
        stale=standing.count(Liveness.STALE),
        lost=standing.count(Liveness.LOST),
        left=standing.count(Liveness.LEFT),
        islands=max((row.island for row in rows), default=0),
    )


def _seats(store: Store) -> SeatCounts:
    counted = [row for row in store.pools.values() if row.pool.kind == "counted" and row.pool.count is not None]
    return SeatCounts(
        used=sum(row.pool.inuse for row in counted),
        total=sum(row.pool.count or 0 for row in counted),
        denials=sum(row.denials for row in store.pools.values()),
        ghosts=sum(ghost_seats(row) for row in counted),
    )


def _jobs(store: Store) -> JobCounts:
    states = [job.state for job in store.jobs.values() if not job.dismissed]
    return JobCounts(
        unfinished=sum(not state.ended for state in states),
        done=states.count(JobState.DONE),
        failed=sum(state.bad for state in states),
    )
