"""Which transporters see each other.

Servers without a path between them are islands: what is said on one is never heard on the other, and every node still
looks connected.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from fxtop.protocol.ids import ServerId


def islands(known: Set[ServerId], together: Iterable[Sequence[ServerId]]) -> dict[ServerId, int]:
    """A number for each ``known`` server; the same number means that they see each other, 1 is the largest island.

    Args:
        known: servers of which it is known whom they see, and those that others see.
        together: servers that see each other, by twos or more; others than the known ones may connect them.
    """
    parent: dict[ServerId, ServerId] = {}

    def root(server: ServerId) -> ServerId:
        while (above := parent.setdefault(server, server)) != server:
            parent[server] = parent[above]
            server = above
        return server

    for group in together:
        for server in group[1:]:
            parent[root(server)] = root(group[0])
    members: defaultdict[ServerId, list[ServerId]] = defaultdict(list)
    for server in sorted(known):
        members[root(server)].append(server)
    largest_first = sorted(members.values(), key=lambda group: (-len(group), group[0]))
    return {server: number for number, group in enumerate(largest_first, 1) for server in group}


def grouped(numbers: Mapping[ServerId, int]) -> list[list[ServerId]]:
    """The servers of each island, largest island first."""
    groups: defaultdict[int, list[ServerId]] = defaultdict(list)
    for server, number in numbers.items():
        groups[number].append(server)
    return [groups[number] for number in sorted(groups)]
