"""What is left of the cluster's room for sessions after a plan, as far as it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fxtop.actions.words import listed
from fxtop.cluster.capacity import LAUNCHER, Placement, placement, placements
from fxtop.cluster.records import NodeRow, SessionKey
from fxtop.protocol.ids import NodeId

if TYPE_CHECKING:
    from fxtop.cluster.store import Store


@dataclass(frozen=True, slots=True)
class Outlook:
    """The cluster after a plan."""

    launchers: int
    """Nodes that take new sessions, as far as nothing says otherwise."""
    certain: int
    """Those of them that say that they have a launcher."""
    capacity: int | None
    """Free places on them; None where the capacity of one is not known."""
    unmeasured: tuple[NodeId, ...]
    """Those whose capacity is not known."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not known, in sentences."""
        found = []
        if self.unmeasured:
            names = listed(self.unmeasured)
            found.append(f"How much room is left can't be told: the capacity of {names} is not known.")
        if 0 < self.certain < self.launchers:
            number = self.launchers - self.certain
            found.append(f"{number} of the {self.launchers} nodes left don't say whether they have a launcher.")
        return tuple(found)


def outlook(
    store: Store,
    *,
    without: Collection[NodeId] = frozenset(),
    resumed: Collection[NodeId] = frozenset(),
    ended: Iterable[SessionKey] = (),
) -> Outlook:
    """The cluster when the nodes ``without`` take no new sessions, the ``resumed`` do again, and ``ended`` are gone."""
    gone = Counter(key.node for key in ended)
    left = [
        place
        for place in placements(store)
        if place.node not in without and (place.accepting or (place.node in resumed and place.weight > 0))
    ]
    unmeasured = tuple(place.node for place in left if place.capacity is None)
    return Outlook(
        launchers=len(left),
        certain=sum(1 for place in left if says_launcher(store.nodes[place.node])),
        capacity=None if unmeasured else sum(_free(place, gone[place.node]) for place in left),
        unmeasured=unmeasured,
    )


def launcher_remains(store: Store, without: Collection[NodeId]) -> bool:
    """Whether a node beside those ``without`` says itself that it starts sessions, and takes them now."""
    for row in store.nodes.values():
        if row.id not in without and says_launcher(row):
            place = placement(row)
            if place is not None and place.accepting:
                return True
    return False


def says_launcher(row: NodeRow) -> bool:
    """Whether a node says itself that it starts sessions."""
    return row.facts is not None and LAUNCHER in row.facts.services


def _free(place: Placement, gone: int) -> int:
    return max(0, (place.capacity or 0) - max(0, place.sessions - gone))
