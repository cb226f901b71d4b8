"""Clusters that cannot work as they are laid out, or what is left of them.

FastX's guide knows a homogeneous pattern (every node runs all), gateways before compute nodes, and three tiers with
managers of their own. So a node without a launcher is nothing wrong in itself. Where a node that is heard doesn't tell
what it runs, it may be just the one that is missing, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from heapq import nsmallest
from typing import Final

from fxtop.cluster.capacity import LAUNCHER
from fxtop.cluster.records import Finding, Liveness, Severity
from fxtop.cluster.rules.crowd import SHOWN, rows, subject_of
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural
from fxtop.protocol.ids import NodeId

WEBSERVER: Final = "webserver"
MANAGER: Final = "manager"

PEERS: Final = 3
"""Nodes that run the same before another one can be called odd."""
ODD: Final = 10
"""So many times as many must there be, where several are odd in the same way; else that is a pattern."""
COMPARED: Final = 8
"""The largest groups of nodes that others are compared with."""


def no_launcher(store: Store) -> Iterator[Finding]:
    """Web servers that take logins while no node is there that starts sessions."""
    census = store.census
    doors = _heard(store, census.running(WEBSERVER))
    launchers = census.running(LAUNCHER)
    gone = launchers & census.nodes.those(Liveness.LOST, Liveness.LEFT)
    if not doors or gone != launchers or _untold(store):
        return
    lost = bool(launchers & census.nodes.those(Liveness.LOST))
    front = f"{naming(sorted(doors))} {'takes' if len(doors) == 1 else 'take'} logins, and no node"
    if launchers:
        text = f"{front} that starts sessions is heard any more: {_gone(store, gone)}"
        remedy = f"bring back {naming(sorted(gone))}"
    else:
        text = f"{front} tells that it starts sessions"
        remedy = "run the service launcher on some node; where one does, run the fxtop agent there too"
    yield Finding(
        severity=Severity.CRIT if lost else Severity.WARN,
        kind="no-launcher",
        subject=subject_of(sorted(doors), "gateways"),
        text=text,
        remedy=remedy,
        consequence="users can log in, and no session starts",
        evidence=_told(store, [*sorted(doors), *sorted(gone)]),
        rows=rows("nodes", [*sorted(doors), *sorted(gone)]),
    )


def manager_lost(store: Store) -> Iterator[Finding]:
    """Cluster managers that are lost while nodes live; where every node is one, only when none is left."""
    nodes = store.census.nodes
    managers = store.census.running(MANAGER)
    lost = sorted(managers & nodes.those(Liveness.LOST))
    left = managers - nodes.those(Liveness.LOST, Liveness.LEFT)
    if not lost or not store.census.heard():
        return
    told = sum(map(len, store.census.services.members.values()))
    if not left:
        text = f"no cluster manager is heard any more: {_gone(store, managers)}"
        severity = Severity.WARN if _untold(store) else Severity.CRIT
        consequence = "what managers keep of users can't be read, though sessions that run go on"
    elif 2 * len(managers) <= told:
        count = f"{plural(len(lost), 'cluster manager')} of {len(managers)}"
        text = f"{count} {'is' if len(lost) == 1 else 'are'} lost: {naming(lost)}"
        severity = Severity.WARN
        consequence = f"{naming(sorted(left))} {'stands' if len(left) == 1 else 'stand'} in alone"
    else:
        return
    yield Finding(
        severity=severity,
        kind="manager-lost",
        subject=subject_of(lost, "managers"),
        text=text,
        remedy=f"bring back {naming(lost)}",
        consequence=consequence,
        evidence=_told(store, lost),
        rows=rows("nodes", lost),
    )


def no_place(store: Store) -> Iterator[Finding]:
    """Nodes that start sessions are heard, and not one of them takes any."""
    census = store.census
    if not len(census.closed):
        return
    launchers = _heard(store, census.running(LAUNCHER))
    if not launchers or any(node not in census.closed for node in launchers) or _untold(store):
        return
    draining = launchers & census.drains.those("draining", "drained")
    full = len(launchers) - len(draining)
    why = [f"{len(draining)} drained or being drained"] * bool(draining) + [f"{full} full or without weight"] * bool(
        full
    )
    nodes = sorted(launchers)
    yield Finding(
        severity=Severity.CRIT if full else Severity.WARN,
        kind="no-place",
        subject=subject_of(nodes, "nodes"),
        text=f"no node takes new sessions: {', '.join(why)}",
        remedy="resume a node, or raise what nodes may carry"
        if draining
        else "raise what nodes may carry, or add some",
        consequence="new sessions are refused, or wait",
        evidence=_stand(store, nodes),
        rows=rows("nodes", nodes),
    )


def lacking(store: Store) -> Iterator[Finding]:
    """Nodes that run all that their peers do but for one service."""
    away = store.census.nodes.those(Liveness.LEFT)
    groups = [(services, nodes - away) for services, nodes in store.census.services.members.items()]
    several = [group for group in groups if len(group[1]) >= PEERS]
    peers = nsmallest(COMPARED, several, key=lambda group: (-len(group[1]), sorted(group[0])))
    for services, nodes in groups if peers else ():
        closest = next((each for each in peers if services < each[0] and len(each[0] - services) == 1), None)
        if closest is not None:
            missing = next(iter(closest[0] - services))
            odd = [] if _is_pattern(services, missing) else sorted(nodes - _drained(store, missing))
            if odd and _is_odd(len(odd), len(closest[1])):
                yield _lacking(store, odd, missing, len(closest[1]))


def _is_odd(odd: int, peers: int) -> bool:
    return odd == 1 or odd * ODD <= peers


def _is_pattern(services: frozenset[str], missing: str) -> bool:
    """Whether such nodes are a tier of their own: gateways run one service, dedicated managers start no sessions."""
    return len(services) < 2 or (missing == LAUNCHER and MANAGER in services)


def _drained(store: Store, missing: str) -> AbstractSet[NodeId]:
    """Nodes that have no launcher because somebody drains them: taking it away is how FastX itself does that."""
    return store.census.drains.those("draining", "drained") if missing == LAUNCHER else frozenset()


def _lacking(store: Store, odd: Sequence[NodeId], missing: str, peers: int) -> Finding:
    verb = "doesn't" if len(odd) == 1 else "don't"
    return Finding(
        severity=Severity.WARN,
        kind="service-missing",
        subject=subject_of(odd, "nodes"),
        text=f"{naming(odd)} {verb} run the service {missing}, which {peers} nodes that run the same else do",
        remedy="add it to SERVICES there and restart FastX, if that isn't meant",
        consequence=_CONSEQUENCES.get(missing, "what it does is done on other nodes alone"),
        evidence=_told(store, odd),
        rows=rows("nodes", odd),
    )


_CONSEQUENCES: Final = {
    LAUNCHER: "no session starts there",
    WEBSERVER: "nobody can log in there",
    "user": "who logs in there can't be authenticated there",
}


def _heard(store: Store, nodes: AbstractSet[NodeId]) -> set[NodeId]:
    return set(nodes - store.census.nodes.those(Liveness.STALE, Liveness.LOST, Liveness.LEFT))


def _untold(store: Store) -> bool:
    """Whether some node is heard that doesn't tell what it runs."""
    telling = sum(len(_heard(store, nodes)) for nodes in store.census.services.members.values())
    return telling < store.census.heard()


def _gone(store: Store, nodes: AbstractSet[NodeId]) -> str:
    parts = []
    for standing, words in ((Liveness.LOST, "lost"), (Liveness.LEFT, "stopped")):
        those = sorted(nodes & store.census.nodes.those(standing))
        if those:
            parts.append(f"{naming(those)} {'is' if len(those) == 1 else 'are'} {words}")
    return "; ".join(parts)


def _told(store: Store, nodes: Sequence[NodeId]) -> tuple[str, ...]:
    return tuple(
        f"{row.id} ({row.liveness}): {', '.join(row.facts.services) if row.facts else 'services unknown'}"
        for row in (store.nodes[node] for node in nodes[:SHOWN])
    )


def _stand(store: Store, nodes: Sequence[NodeId]) -> tuple[str, ...]:
    beats = ((node, store.nodes[node].beat) for node in nodes[:SHOWN])
    return tuple(
        f"{node}: {beat.state}, {beat.sessions.total} of {'any number of' if beat.capacity is None else beat.capacity}"
        f" sessions, weight {beat.weight:g}"
        for node, beat in beats
        if beat is not None
    )
