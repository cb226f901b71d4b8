"""What can be wrong with what should be the same on all nodes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fxtop.cluster.drift import Split
from fxtop.cluster.records import Finding, Liveness, Severity
from fxtop.cluster.rules.crowd import ONE_BY_ONE, subject_of
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural

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
        yield Finding(Severity.WARN, "config-drift", "nodes", text, _COPY)
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
        yield Finding(severity, "version-skew", subject, text, "bring all nodes to one version")


def _differing(split: Split) -> Finding:
    if not split.has_majority:
        return _undecided(split)
    same = plural(len(split.groups[0][1]), "other node")
    text = f"{split.name} on {_nodes(split.odd)} differs from that of {same}"
    return Finding(Severity.WARN, "config-drift", subject_of(split.odd, "nodes"), text, _COPY)


def _undecided(split: Split) -> Finding:
    """No value is that of most nodes; where each has its own, that is likely meant."""
    nodes = sum(len(each) for _, each in split.groups)
    if len(split.groups) == nodes > 2:
        text = f"{split.name} is another one on each of {nodes} nodes"
        remedy = "nothing, if it holds what is each host's own; else copy the one that is right"
        return Finding(Severity.INFO, "config-drift", "nodes", text, remedy)
    parts = "; ".join(_nodes(each) for _, each in split.groups[:_GROUPS])
    more = "; and so on" if len(split.groups) > _GROUPS else ""
    text = f"{split.name} has {len(split.groups)} versions: on {parts}{more}"
    return Finding(Severity.WARN, "config-drift", "nodes", text, _COPY)


def _missing(split: Split) -> Finding:
    have = plural(sum(len(each) for _, each in split.groups), "node")
    verb = "lacks" if len(split.lacking) == 1 else "lack"
    text = f"{_nodes(split.lacking)} {verb} {split.name}, which {have} have"
    return Finding(Severity.WARN, "config-missing", subject_of(split.lacking, "nodes"), text, _COPY)


def _grouped(split: Split) -> str:
    parts = [f"{value} on {_nodes(nodes)}" for value, nodes in split.groups[:_GROUPS]]
    return "; ".join([*parts, *(["and others"] if len(split.groups) > _GROUPS else [])])


def _nodes(nodes: Sequence[str]) -> str:
    return naming(nodes) if len(nodes) < ONE_BY_ONE else f"{len(nodes)} nodes"


def _left(store: Store) -> int:
    return store.census.nodes.counts[Liveness.LEFT]
