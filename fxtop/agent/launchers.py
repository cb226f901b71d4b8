"""Which nodes take new sessions now, asked of the nodes themselves."""

from __future__ import annotations

from typing import Final, NamedTuple

from fxtop.agent.identity import Identity
from fxtop.bus.port import Bus, BusError
from fxtop.clock import Clock
from fxtop.cluster.capacity import placements
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.encode import encode
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.presence import SYNC_SUBJECT_HEADER, Sync

SPREAD: Final = 0.5
"""Seconds over which the nodes spread their answers."""
QUIET: Final = 0.6
"""Seconds without an answer after which all have answered."""
WITHIN: Final = 4.0


class Launchers(NamedTuple):
    """The nodes that take new sessions."""

    staying: frozenset[NodeId]
    leaving: dict[NodeId, RequestId]
    """Those that may take none in a moment, each with the request that it is about to decide."""


async def launchers(bus: Bus, identity: Identity, clock: Clock) -> Launchers:
    """The nodes that take new sessions, by their own word just now. Who doesn't answer takes none.

    An agent doesn't follow the heartbeats of a whole cluster for the few moments in which this is asked.
    """
    question = encode(Sync(v=1, classes=["node"], spread=SPREAD))
    try:
        answers = await bus.gather(subjects.build(identity.cluster, "sync"), question, within=WITHIN, quiet=QUIET)
    except BusError:
        return Launchers(frozenset(), {})
    store = Store(identity.cluster, clock)
    now = clock.monotonic()
    store.fold(
        Inbound(answer.headers.get(SYNC_SUBJECT_HEADER, ""), answer.payload, now, synced=True) for answer in answers
    )
    taking = {place.node for place in placements(store) if place.accepting}
    beats = {node: beat for node in taking if (beat := store.nodes[node].beat) is not None}
    leaving = {node: RequestId(beat.leaving) for node, beat in beats.items() if beat.leaving}
    return Launchers(frozenset(taking - leaving.keys()), leaving)
