"""What can be wrong with what should be the same on all nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fxtop.cluster.drift import Split
from fxtop.cluster.records import Finding, Liveness, Severity
from fxtop.cluster.rules.crowd import ONE_BY_ONE, SHOWN, rows, subject_of
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural
from fxtop.protocol.ids import NodeId

_COPY = "copy the file that is right to the others and restart FastX there: nothing synchronises it"
_SOFTWARE = {"fastx": (Severity.WARN, "FastX"), "agent": (Severity.INFO, "The fxtop agent")}
_GROUPS = 3
"""Values that a sentence names with their nodes."""


def config(store: Store) -> Iterator[Finding]:
    """Files of FastX's configuration that differ between nodes, or that some lack."""
    splits = store.drift.files(store.nodes, _left(store))
    if len(splits) > ONE_BY_ONE:
        names = naming([split.name for split in splits])
        text = f"{len(splits)} files of FastX's configuration differ between nodes: {names}"
        odd = sorted({node for split in splits for node in (*split.odd, *split.lacking)})
        yield _drift(Severity.WARN, "config-drift", "nodes", text, _COPY, (), odd)
        return
    for split in splits:
        if len(split.groups) > 1:
            yield _differing(split)
        if split.lacking:
            yield _missing(split)


def versions(store: Store) -> Iterator[Finding]:
    """Versions of FastX, or of the agent, that differ between nodes."""
    for split in store.drift.versions(store.nodes, _left(store)):
        severity, name = _SOFTWARE[split.name]
        subject = subject_of(split.odd, "nodes") if split.has_majority else "nodes"
        text = f"{name} has {len(split.groups)} versions: {_grouped(split)}"
        yield Finding(
            severity=severity,
            kind="version-skew",
            subject=subject,
            text=text,
            remedy="bring all nodes to one version",
            consequence="nodes behave differently, and parts that don't fit may not work together",
            evidence=_seen(split),
            rows=rows("nodes", _concerned(split)),
        )


def _differing(split: Split) -> Finding:
    if not split.has_majority:
        return _undecided(split)
    same = plural(len(split.groups[0][1]), "other node")
    text = f"{split.name} on {_nodes(split.odd)} differs from that of {same}"
    return _drift(
        Severity.WARN, "config-drift", subject_of(split.odd, "nodes"), text, _COPY, _seen(split), _concerned(split)
    )


def _undecided(split: Split) -> Finding:
    """No value is that of most nodes; where each has its own, that is likely meant."""
    nodes = sum(len(each) for _, each in split.groups)
    if len(split.groups) == nodes > 2:
        text = f"{split.name} is another one on each of {nodes} nodes"
        remedy = "nothing, if it holds what is each host's own; else copy the one that is right"
        return _drift(Severity.INFO, "config-drift", "nodes", text, remedy, _seen(split), _concerned(split))
    parts = "; ".join(_nodes(each) for _, each in split.groups[:_GROUPS])
    more = "; and so on" if len(split.groups) > _GROUPS else ""
    text = f"{split.name} has {len(split.groups)} versions: on {parts}{more}"
    return _drift(Severity.WARN, "config-drift", "nodes", text, _COPY, _seen(split), _concerned(split))


def _missing(split: Split) -> Finding:
    have = plural(sum(len(each) for _, each in split.groups), "node")
    verb = "lacks" if len(split.lacking) == 1 else "lack"
    text = f"{_nodes(split.lacking)} {verb} {split.name}, which {have} have"
    subject = subject_of(split.lacking, "nodes")
    return _drift(Severity.WARN, "config-missing", subject, text, _COPY, (), split.lacking)


def _drift(
    severity: Severity,
    kind: str,
    subject: str,
    text: str,
    remedy: str,
    evidence: tuple[str, ...],
    nodes: Sequence[NodeId],
) -> Finding:
    return Finding(
        severity=severity,
        kind=kind,
        subject=subject,
        text=text,
        remedy=remedy,
        consequence="nodes behave differently: their apps, limits or logins aren't the same",
        evidence=evidence,
        rows=rows("nodes", nodes),
    )


def _concerned(split: Split) -> Sequence[NodeId]:
    """Nodes that differ from the majority; without one, all."""
    return split.odd if split.has_majority else sorted(node for _, nodes in split.groups for node in nodes)


def _seen(split: Split) -> tuple[str, ...]:
    """Who has which value; digests are cut, since only whether they are the same matters."""
    return tuple(f"{split.name} {value[:12]} on {_nodes(nodes)}" for value, nodes in split.groups[:SHOWN])


def _grouped(split: Split) -> str:
    parts = [f"{value} on {_nodes(nodes)}" for value, nodes in split.groups[:_GROUPS]]
    return "; ".join([*parts, *(["and others"] if len(split.groups) > _GROUPS else [])])


def _nodes(nodes: Sequence[str]) -> str:
    return naming(nodes) if len(nodes) < ONE_BY_ONE else f"{len(nodes)} nodes"


def _left(store: Store) -> int:
    return store.census.nodes.counts[Liveness.LEFT]
