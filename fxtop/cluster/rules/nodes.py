"""What can be wrong with nodes."""

from __future__ import annotations

from collections.abc import Iterator

from fxtop.cluster.liveness import is_heard
from fxtop.cluster.records import Finding, Liveness, NodeRow, Severity
from fxtop.cluster.rules.crowd import ONE_BY_ONE, subject_of
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural, span


def silent(store: Store) -> Iterator[Finding]:
    """Nodes that are lost or stale."""
    for standing, severity in ((Liveness.LOST, Severity.CRIT), (Liveness.STALE, Severity.WARN)):
        nodes = sorted(store.census.nodes.those(standing))
        if len(nodes) <= ONE_BY_ONE:
            yield from (_silent(store, store.nodes[node], severity) for node in nodes)
        else:
            text = f"{len(nodes)} nodes are {standing}: {naming(nodes)}"
            yield Finding(severity, f"node-{standing}", "nodes", text, "look for what they have in common")


def _silent(store: Store, row: NodeRow, severity: Severity) -> Finding:
    kind = f"node-{row.liveness}"
    text = f"nothing was heard of {row.id} for {span(store.age(row))}"
    if row.beat is not None and row.beat.state == "drained":
        return Finding(Severity.INFO, kind, row.id, f"{text}; it was drained before")
    if row.sessions:
        text += f"; what became of {plural(len(row.sessions), 'session')} on it is not known"
    if row.by_agent and _overheard(store, row):
        text += "; FastX's own bus still hears it, unofficially"
        return Finding(severity, kind, row.id, text, "the host lives: check the fxtop agent on it")
    what = "the fxtop agent" if row.by_agent else "FastX's services"
    return Finding(severity, kind, row.id, text, f"check the host, then {what} on it")


def _overheard(store: Store, row: NodeRow) -> bool:
    """Whether FastX's own bus hears a node now, where it is listened to."""
    told = row.unofficial
    return told is not None and is_heard(told.latest.liveness(store.clock.monotonic()))


def twice(store: Store) -> Iterator[Finding]:
    """Nodes that two agents speak for, each with figures of its own: a copied machine, or an agent started twice."""
    for node in store.intake.sequence("hb.node").contested():
        text = f"two agents send heartbeats as {node}"
        remedy = "find the second one (a copied machine?) and give it its own node id, or stop it"
        yield Finding(Severity.WARN, "node-twice", node, text, remedy)


def late_drains(store: Store) -> Iterator[Finding]:
    """Drains whose deadline has passed."""
    now = store.clock.now()
    for node in store.census.drains.those("draining"):
        beat = store.nodes[node].beat
        if beat is None or beat.drain is None or beat.drain.deadline is None or beat.drain.deadline >= now:
            continue
        left = plural(beat.sessions.total, "session")
        text = f"{node} should have been drained {span(now - beat.drain.deadline)} ago; {left} left"
        yield Finding(Severity.WARN, "drain-late", node, text, "ask the users, or terminate what is left")


def skewed_clocks(store: Store) -> Iterator[Finding]:
    """Nodes whose clock differs from ours."""
    nodes = sorted(store.census.skewed)
    if len(nodes) > ONE_BY_ONE:
        text = f"the clocks of {len(nodes)} nodes differ from this host's: {naming(nodes)}"
        yield Finding(Severity.WARN, "clock-skew", "nodes", text, "check this host's own clock first")
        return
    for node in nodes:
        skew = store.nodes[node].skew or 0.0
        text = f"the clock of {node} is {span(abs(skew))} {'ahead of' if skew > 0 else 'behind'} this host's"
        remedy = "check its time synchronisation: requests expire by its clock"
        yield Finding(Severity.WARN, "clock-skew", node, text, remedy)


def network_temp(store: Store) -> Iterator[Finding]:
    """Nodes whose sessions keep their temporary files on a network mount."""
    nodes = sorted(store.census.network_temp)
    if nodes:
        text = f"FX_TEMP_DIR lies on a network file system on {plural(len(nodes), 'node')}: {naming(nodes)}"
        yield Finding(Severity.WARN, "temp-network", subject_of(nodes, "nodes"), text, "set it to a local directory")
