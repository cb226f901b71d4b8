"""What comes of a plan, for the person who must decide: whom it concerns, what is left, and who else is at it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from fxtop.actions.model import Consequences, Intent
from fxtop.actions.outlook import Outlook, launcher_remains, outlook
from fxtop.actions.seats import Freed, freed_by
from fxtop.actions.targets import has_screen
from fxtop.actions.words import listed, unique
from fxtop.cluster.capacity import is_launcher
from fxtop.cluster.records import JobRow, Liveness, NodeRow, SessionKey, SessionRow
from fxtop.cluster.seats import ALIVE
from fxtop.protocol.control import RebalancePlan
from fxtop.protocol.session import SessionState
from fxtop.views.format import plural, spoken_duration

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

CONFLICTS_TOLD: Final = 5
"""Jobs on the same targets that are told one by one."""

ODD: Final[dict[SessionState, str]] = {
    "pending": "never started, and will be taken out of the queue",
    "ending": "began to end already",
    "ghost": "left only files behind, which will be removed",
    "orphan": "without a session directory",
}
"""What must be known of sessions in states that people don't expect."""


def of_drain(nodes: Sequence[NodeRow], intent: Intent, store: Store) -> Consequences:
    """What comes of draining ``nodes``; sessions end with it only where the intent says so."""
    sessions = _sessions_on(nodes, store)
    ending = sessions if intent.then == "terminate" else []
    after = outlook(store, without={row.id for row in nodes}, ended=_keys(ending))
    notes = (
        *_conflicts(nodes, ending, store),
        *(_ending(ending) if ending else _staying(sessions)),
        *_silence(nodes, store),
    )
    return _told(sessions, after, freed_by(_keys(ending), store), notes)


def of_resume(nodes: Sequence[NodeRow], store: Store) -> Consequences:
    """What comes of resuming ``nodes``."""
    after = outlook(store, resumed={row.id for row in nodes})
    drains = (row.beat.drain for row in nodes if row.beat and row.beat.drain)
    ended = dict.fromkeys(f"This ends a drain by {drain.by}: {drain.reason or 'no reason given'}." for drain in drains)
    return _told((), after, Freed(0), (*_conflicts(nodes, (), store), *ended, *_silence(nodes, store)))


def of_terminate(sessions: Sequence[SessionRow], store: Store) -> Consequences:
    """What comes of ending ``sessions``."""
    keys = _keys(sessions)
    nodes = _nodes_of(sessions, store)
    notes = (*_conflicts((), sessions, store), *_ending(sessions), *_silence(nodes, store))
    return _told(sessions, outlook(store, ended=keys), freed_by(keys, store), notes)


def of_message(nodes: Sequence[NodeRow], sessions: Sequence[SessionRow], store: Store) -> Consequences:
    """Whom a message reaches: the sessions that were named, and those that are on ``nodes`` as far as is known."""
    reached = {row.key: row for row in (*_sessions_on(nodes, store), *sessions) if has_screen(row)}
    silence = _silence((*nodes, *_nodes_of(sessions, store)), store)
    return _told(list(reached.values()), outlook(store), Freed(0), silence)


def of_rebalance(balance: RebalancePlan, store: Store) -> Consequences:
    """What comes of a manager's plan, beside its own notes: pending sessions go elsewhere, and new ones too."""
    moved = (SessionKey(move.from_, move.session) for move in balance.moves)
    rows = [store.sessions[key] for key in moved if key in store.sessions]
    notes = ["Running sessions stay where they are: this changes where new and pending ones go."]
    if balance.eta is not None:
        eta = spoken_duration(balance.eta)
        notes.append(f"At the present rate of starts the balance is reached in {eta}.")
    strangers = sorted(node for node in balance.weights if node not in store.nodes)
    if strangers:
        notes.append(f"The plan names {listed(strangers)}, of which nothing was heard here.")
    return _told(rows, outlook(store), Freed(0), notes)


def takes_the_last(nodes: Iterable[NodeRow], store: Store) -> bool:
    """Whether draining ``nodes``, some of which may start sessions, leaves none that says that it does."""
    ids = {row.id for row in nodes if is_launcher(row)}
    return bool(ids) and not launcher_remains(store, ids)


def _told(sessions: Sequence[SessionRow], after: Outlook, freed: Freed, notes: Iterable[str]) -> Consequences:
    return Consequences(
        sessions=_keys(sessions),
        users=unique(row.body.user for row in sessions),
        seats_freed=freed.seats,
        capacity_left=after.capacity,
        launchers_left=after.launchers,
        notes=(*notes, *((freed.note,) if freed.note else ()), *after.notes),
    )


def _ending(sessions: Sequence[SessionRow]) -> list[str]:
    """That sessions end, and what of them must be known before."""
    notes = [f"{plural(len(sessions), 'session')} of {listed(unique(row.body.user for row in sessions))} will end."]
    connected = sum(1 for row in sessions if row.body.clients)
    if connected:
        notes.append(f"{connected} of them {'has' if connected == 1 else 'have'} a client connected now.")
    unseen = sum(1 for row in sessions if row.body.clients is None and row.body.state in ALIVE)
    if unseen:
        notes.append(f"It is not known whether anybody is connected to {unseen} of them.")
    states = Counter(row.body.state for row in sessions)
    notes.extend(f"{states[state]} {state}: {meaning}." for state, meaning in ODD.items() if states[state])
    return notes


def _staying(sessions: Sequence[SessionRow]) -> list[str]:
    """That sessions go on after their node begins to drain."""
    if not sessions:
        return []
    users = listed(unique(row.body.user for row in sessions))
    notes = [f"{plural(len(sessions), 'session')} of {users} will go on until their users end them."]
    pending = sum(1 for row in sessions if row.body.state == "pending")
    if pending:
        notes.append(
            f"{pending} of them {'is' if pending == 1 else 'are'} pending: a rebalance can send them elsewhere."
        )
    return notes


def _conflicts(nodes: Iterable[NodeRow], sessions: Iterable[SessionRow], store: Store) -> list[str]:
    """What else is being done to the same nodes and sessions; each job is told once."""
    jobs: dict[str, JobRow] = {}
    for node in nodes:
        jobs.update((job.id, job) for job in store.book.touching(node.id))
    for session in sessions:
        jobs.update((job.id, job) for job in store.book.touching(session.key))
        jobs.update((job.id, job) for job in store.book.touching(session.key.node) if not job.sessions)
    told = [_doing(job) for job in list(jobs.values())[:CONFLICTS_TOLD]]
    more = len(jobs) - len(told)
    return [*told, f"Not finished either: {plural(more, 'other job')} on these targets."] if more else told


def _doing(job: JobRow) -> str:
    who = "Your own" if job.mine else f"{job.operator or 'Somebody'}'s"
    why = f": {job.reason}" if job.reason else ""
    return f"{who} {job.verb} of {job.target} is not finished ({job.state}){why}."


def _silence(nodes: Iterable[NodeRow], store: Store) -> list[str]:
    """Which nodes may not answer, and of which too little is known."""
    notes = []
    for row in nodes:
        if row.liveness is Liveness.STALE:
            heard = spoken_duration(store.age(row))
            notes.append(f"{row.id} was last heard {heard} ago: what is shown of it may be old, and it may not answer.")
        elif row.beat is None:
            notes.append(f"No heartbeat of {row.id} was heard yet: what it does now is not known.")
    return notes


def _sessions_on(nodes: Iterable[NodeRow], store: Store) -> list[SessionRow]:
    keys = sorted(key for row in nodes for key in row.sessions)
    return [store.sessions[key] for key in keys if key in store.sessions]


def _nodes_of(sessions: Iterable[SessionRow], store: Store) -> list[NodeRow]:
    ids = dict.fromkeys(row.key.node for row in sessions)
    return [store.nodes[node] for node in ids if node in store.nodes]


def _keys(sessions: Iterable[SessionRow]) -> tuple[SessionKey, ...]:
    return tuple(row.key for row in sessions)
