"""Which nodes take new sessions now, asked of the nodes themselves."""

from __future__ import annotations

from typing import Final

from fxtop.agent.identity import Identity
from fxtop.bus.port import Bus, BusError
from fxtop.clock import Clock
from fxtop.cluster.capacity import placements
from fxtop.cluster.store import Store
from fxtop.protocol import subjects
from fxtop.protocol.encode import encode
from fxtop.protocol.ids import NodeId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.presence import SYNC_SUBJECT_HEADER, Sync

SPREAD: Final = 0.5
"""Seconds over which the nodes spread their answers."""
QUIET: Final = 0.6
"""Seconds without an answer after which all have answered."""
WITHIN: Final = 4.0


async def launchers(bus: Bus, identity: Identity, clock: Clock) -> frozenset[NodeId]:
    """The nodes that take new sessions, by their own word just now. Who doesn't answer takes none.

    An agent doesn't follow the heartbeats of a whole cluster for the few moments in which this is asked.
    """
    question = encode(Sync(v=1, classes=["node"], spread=SPREAD))
    try:
        answers = await bus.gather(subjects.build(identity.cluster, "sync"), question, within=WITHIN, quiet=QUIET)
    except BusError:
        return frozenset()
    store = Store(identity.cluster, clock)
    now = clock.monotonic()
    store.fold(
        Inbound(answer.headers.get(SYNC_SUBJECT_HEADER, ""), answer.payload, now, synced=True) for answer in answers
    )
    return frozenset(place.node for place in placements(store) if place.accepting)
