"""What can be wrong with nodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fxtop.cluster.liveness import is_heard
from fxtop.cluster.nodes import FAILED, LEFTOVER
from fxtop.cluster.records import Finding, Liveness, NodeRow, Severity
from fxtop.cluster.rules import troubles
from fxtop.cluster.rules.crowd import ONE_BY_ONE, SHOWN, on_nodes, rows, subject_of
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural, span
from fxtop.protocol.ids import NodeId

_SILENCES: Final = ((Liveness.LOST, Severity.CRIT), (Liveness.STALE, Severity.WARN))


def silent(store: Store) -> Iterator[Finding]:
    """Nodes that are lost or stale, as long as they are few."""
    for standing, severity in _SILENCES:
        nodes = store.census.nodes.those(standing)
        if len(nodes) <= ONE_BY_ONE:
            yield from (_silent(store, store.nodes[node], severity) for node in sorted(nodes))


def silent_crowds(store: Store) -> Iterator[Finding]:
    """Nodes that are lost or stale, where they are many: their ages aren't told, so that time passing costs nothing."""
    for standing, severity in _SILENCES:
        nodes = sorted(store.census.nodes.those(standing))
        if len(nodes) > ONE_BY_ONE:
            yield Finding(
                severity=severity,
                kind=f"node-{standing}",
                subject="nodes",
                text=f"{len(nodes)} nodes are {standing}: {naming(nodes)}",
                remedy="look for what they have in common",
                rows=rows("nodes", nodes),
            )


def _silent(store: Store, row: NodeRow, severity: Severity) -> Finding:
    text = f"nothing was heard of {row.id} for {span(store.age(row))}"
    drained = row.beat is not None and row.beat.state == "drained"
    if drained:
        severity, text, remedy = Severity.INFO, f"{text}; it was drained before", ""
    else:
        if row.sessions:
            text += f"; what became of {plural(len(row.sessions), 'session')} on it is not known"
        if row.by_agent and _overheard(store, row):
            text += "; FastX's own bus still hears it, unofficially"
            remedy = "the host lives: check the fxtop agent on it"
        else:
            what = "the fxtop agent" if row.by_agent else "FastX's services"
            remedy = f"check the host, then {what} on it"
    return Finding(
        severity=severity,
        kind=f"node-{row.liveness}",
        subject=row.id,
        text=text,
        remedy=remedy,
        rows=(*rows("nodes", [row.id]), *rows("sessions", sorted(row.sessions))),
    )


def _overheard(store: Store, row: NodeRow) -> bool:
    """Whether FastX's own bus hears a node now, where it is listened to."""
    told = row.unofficial
    return told is not None and is_heard(told.latest.liveness(store.clock.monotonic()))


def twice(store: Store) -> Iterator[Finding]:
    """Nodes that two agents speak for, each with figures of its own: a copied machine, or an agent started twice."""
    for node in store.intake.sequence("hb.node").contested():
        yield Finding(
            severity=Severity.WARN,
            kind="node-twice",
            subject=node,
            text=f"two agents send heartbeats as {node}",
            remedy="find the second one (a copied machine?) and give it its own node id, or stop it",
            consequence="its figures are now those of one, now those of the other",
            rows=rows("nodes", [node]),
        )


def late_drains(store: Store) -> Iterator[Finding]:
    """Drains whose deadline has passed."""
    now = store.clock.now()
    for node in store.census.drains.those("draining"):
        row = store.nodes[node]
        beat = row.beat
        if beat is None or beat.drain is None or beat.drain.deadline is None or beat.drain.deadline >= now:
            continue
        left = plural(beat.sessions.total, "session")
        yield Finding(
            severity=Severity.WARN,
            kind="drain-late",
            subject=node,
            text=f"{node} should have been drained {span(now - beat.drain.deadline)} ago; {left} left",
            remedy="ask the users, or terminate what is left",
            rows=(*rows("nodes", [node]), *rows("sessions", sorted(row.sessions))),
        )


def failed_units(store: Store) -> Iterator[Finding]:
    """Nodes on which a service of FastX, its transporter or RLM has failed."""
    for node in store.census.failed_units:
        facts = store.nodes[node].facts
        if facts is None or store.nodes[node].liveness is Liveness.LEFT:
            continue
        units = sorted(unit.name for unit in facts.units if unit.active == FAILED)
        yield troubles.unit_failed(
            node,
            f"{naming(units)} {'has' if len(units) == 1 else 'have'} failed on {node}",
            f"see why with: journalctl -u {units[0]}",
            evidence=tuple(f"{node}: {unit.name}: {unit.active}" for unit in facts.units),
            rows=rows("nodes", [node]),
        )


def skewed_clocks(store: Store) -> Iterator[Finding]:
    """Nodes whose clock differs from ours."""
    nodes = sorted(store.census.skewed)
    evidence = tuple(f"{node}: {store.nodes[node].skew or 0.0:+.1f} s" for node in nodes[:SHOWN])
    if len(nodes) > ONE_BY_ONE:
        yield Finding(
            severity=Severity.WARN,
            kind="clock-skew",
            subject="nodes",
            text=f"the clocks of {len(nodes)} nodes differ from this host's: {naming(nodes)}",
            remedy="check this host's own clock first",
            consequence="a request expires by the clock of who gets it, so it may be refused",
            evidence=evidence,
            rows=rows("nodes", nodes),
        )
        return
    for node, seen in zip(nodes, evidence, strict=True):
        skew = store.nodes[node].skew or 0.0
        yield troubles.clock_skew(node, node, skew, "this host's", evidence=(seen,), rows=rows("nodes", [node]))


def leftovers(store: Store) -> Iterator[Finding]:
    """Settings of FastX 4 that are dead since an upgrade, as nodes tell."""
    nodes = sorted(store.census.leftovers)
    if nodes:
        told = [(node, about, note) for node in nodes for about, note in _leftovers(store, node)]
        yield troubles.leftovers(
            subject_of(nodes, "nodes"),
            sorted({about for _, about, _ in told}),
            on_nodes(nodes),
            evidence=tuple(f"{node}: {note}" for node, _, note in told[:SHOWN]),
            rows=rows("nodes", nodes),
        )


def _leftovers(store: Store, node: NodeId) -> Iterator[tuple[str, str]]:
    facts = store.nodes[node].facts
    for about, note in sorted(facts.notes.items()) if facts is not None else ():
        if about.startswith(LEFTOVER):
            yield about.removeprefix(LEFTOVER), note
