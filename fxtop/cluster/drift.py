"""What should be the same on all nodes and isn't: files of FastX's configuration, and versions.

Nothing synchronises the configuration in FastX 5 (clustering guide). Counts are kept as facts come in, so that a
cluster in which all is the same costs next to nothing. Only for what differs are the nodes gone through, and only when
something changed since the last time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Final

import msgspec

from fxtop.cluster.memo import Memo
from fxtop.cluster.records import Liveness, NodeRow
from fxtop.protocol.ids import NodeId
from fxtop.protocol.node import NodeFacts

VERSIONS: Final = ("fastx", "agent")
"""What should have one version everywhere."""
MOST: Final = 200
"""Things that differ that are looked into."""
_CONFIG: Final = "config"
"""What notes about the configuration begin with."""
_NOTHING: Final[Mapping[str, str]] = {}
"""What a node of which nothing is known tells."""
_CUT: Final = ("config/…", "config/full")
"""Notes of a node that didn't tell of all its files."""


class Split(msgspec.Struct, frozen=True):
    """A thing of which nodes have different values."""

    name: str
    groups: tuple[tuple[str, tuple[NodeId, ...]], ...]
    """Values with the nodes that have them, the most common one first."""
    lacking: tuple[NodeId, ...] = ()
    """Nodes that don't have it at all, though most do."""

    @property
    def has_majority(self) -> bool:
        """Whether more than half of those that have it have the same."""
        return 2 * len(self.groups[0][1]) > sum(len(nodes) for _, nodes in self.groups)

    @property
    def odd(self) -> tuple[NodeId, ...]:
        """Nodes that differ from the majority."""
        return tuple(sorted(node for _, nodes in self.groups[1:] for node in nodes))


class Drift:
    """Who has what."""

    def __init__(self) -> None:
        self._files = _Votes()
        self._versions = _Votes(VERSIONS)
        self._seen: Memo[tuple[Split, ...]] = Memo()

    def told(self, old: NodeFacts | None, new: NodeFacts) -> None:
        """Note that a node, of which ``old`` was known, told ``new``."""
        self._files.change(_files(old), new.config, knows=(_tells_files(old), _tells_files(new)))
        if old is not None and (old.notes, old.withheld) != (new.notes, new.withheld):
            self._files.rev += 1
        self._versions.change(_versions(old), new.versions, knows=(old is not None, True))

    def gone(self, old: NodeFacts) -> None:
        """Note that a node, of which ``old`` was known, is forgotten."""
        self._files.change(old.config, _NOTHING, knows=(_tells_files(old), False))
        self._versions.change(old.versions, _NOTHING, knows=(True, False))

    def files(self, nodes: Mapping[NodeId, NodeRow], left: int) -> tuple[Split, ...]:
        """Files that differ among ``nodes``, of which ``left`` have said goodbye and don't count."""
        return self._seen.get("files", (self._files.rev, left), lambda: _splits(self._files, nodes, _files, _lacks))

    def versions(self, nodes: Mapping[NodeId, NodeRow], left: int) -> tuple[Split, ...]:
        """Versions that differ among ``nodes``."""
        return self._seen.get("versions", (self._versions.rev, left), lambda: _splits(self._versions, nodes, _versions))

    @property
    def rev(self) -> tuple[int, int]:
        """Differs whenever who has what does."""
        return self._files.rev, self._versions.rev

    def is_odd(self, file: str, digest: str) -> bool:
        """Whether most nodes that have ``file`` have another one than ``digest``."""
        votes = self._files.by_name.get(file)
        if votes is None:
            return False
        ((most, count),) = votes.most_common(1)
        return most != digest and 2 * count > votes.total()


class _Votes:
    """How many nodes have which value of each thing.

    Nodes that tell the same have the same mapping (`fxtop.cluster.sharing`), so mappings are counted as they come and
    go, and what is in them when somebody asks: a join tells of ten thousand nodes before anybody does.
    """

    def __init__(self, names: Collection[str] | None = None) -> None:
        """``names`` are the things that count; None stands for all."""
        self._names = names
        self._told: dict[int, Mapping[str, str]] = {}
        self._times: Counter[int] = Counter()
        """How many nodes tell each of those."""
        self._by_name: dict[str, Counter[str]] = {}
        self._counted: int | None = None
        """The ``rev`` for which that is true."""
        self.voters = 0
        """Nodes that tell at all."""
        self.rev = 0

    def change(self, old: Mapping[str, str], new: Mapping[str, str], knows: tuple[bool, bool]) -> None:
        """Note that a node tells ``new`` in the place of ``old``, the very mapping that was ``new`` the last time."""
        self.voters += knows[1] - knows[0]
        if old is not new:
            self._add(new, 1)
            self._add(old, -1)
        if knows[0] != knows[1] or (old is not new and old != new):
            self.rev += 1

    def _add(self, told: Mapping[str, str], times: int) -> None:
        if told is _NOTHING:
            return
        key = id(told)
        self._told[key] = told  # which keeps anything else from having its id
        self._times[key] += times
        if not self._times[key]:
            del self._times[key], self._told[key]

    @property
    def by_name(self) -> Mapping[str, Counter[str]]:
        """How many nodes have which value, by the thing."""
        if self._counted != self.rev:
            self._by_name, self._counted = self._count(), self.rev
        return self._by_name

    def _count(self) -> dict[str, Counter[str]]:
        counts: dict[str, Counter[str]] = {}
        for key, told in self._told.items():
            for name in told if self._names is None else (name for name in self._names if name in told):
                counts.setdefault(name, Counter())[told[name]] += self._times[key]
        return counts

    def contested(self) -> list[str]:
        """Names with several values, or that most nodes have and some don't."""
        names = (
            name
            for name, votes in self.by_name.items()
            if len(votes) > 1 or self.voters < 2 * votes.total() < 2 * self.voters
        )
        return sorted(names)[:MOST]


def _splits(
    votes: _Votes,
    nodes: Mapping[NodeId, NodeRow],
    values: Callable[[NodeFacts], Mapping[str, str]],
    lacks: Callable[[NodeFacts, str], bool] = lambda facts, name: False,
) -> tuple[Split, ...]:
    names = votes.contested()
    told = (
        {row.id: row.facts for row in nodes.values() if row.facts and row.liveness is not Liveness.LEFT}
        if names
        else {}
    )
    found = (_split(name, told, values, lacks) for name in names)
    return tuple(split for split in found if split is not None)


def _split(
    name: str,
    told: Mapping[NodeId, NodeFacts],
    values: Callable[[NodeFacts], Mapping[str, str]],
    lacks: Callable[[NodeFacts, str], bool],
) -> Split | None:
    groups: dict[str, list[NodeId]] = {}
    without: list[NodeId] = []
    for node, facts in told.items():
        value = values(facts).get(name)
        if value is not None:
            groups.setdefault(value, []).append(node)
        elif lacks(facts, name):
            without.append(node)
    having = sum(map(len, groups.values()))
    lacking = tuple(sorted(without)) if having > len(without) else ()
    if len(groups) < 2 and not lacking:
        return None
    ranked = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return Split(name, tuple((value, tuple(sorted(nodes))) for value, nodes in ranked), lacking)


def _files(facts: NodeFacts | None) -> Mapping[str, str]:
    return facts.config if facts is not None else _NOTHING


def _tells_files(facts: NodeFacts | None) -> bool:
    return facts is not None and _CONFIG not in facts.notes


def _versions(facts: NodeFacts | None) -> Mapping[str, str]:
    return facts.versions if facts is not None else _NOTHING


def _lacks(facts: NodeFacts, name: str) -> bool:
    """Whether a node is known not to have the file ``name``: one that it can't read or keeps to itself is there."""
    if not _tells_files(facts) or any(note in facts.notes for note in _CUT):
        return False
    return name not in facts.withheld and f"{_CONFIG}/{name}" not in facts.notes
