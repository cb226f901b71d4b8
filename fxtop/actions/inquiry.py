"""Asking the agents of a cluster what is in their journals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from fxtop.actions.decisions import entry_of
from fxtop.actions.story import Told, Wanted
from fxtop.bus.port import Answer, Bus
from fxtop.protocol import subjects
from fxtop.protocol.decode import Rejected
from fxtop.protocol.encode import encode
from fxtop.protocol.history import KIND, MOST_LINES, History, HistoryAsk, decode_history
from fxtop.protocol.ids import ClusterSlug, NodeId, RequestId

SPREAD: Final = 0.3
"""Seconds over which the agents of a whole cluster spread their answers."""
WITHIN: Final = 3.0
"""Seconds that the asker waits at most."""
QUIET: Final = 0.5
"""Seconds without an answer, beyond the spread, after which all are in."""
EACH: Final = 200
"""Lines that each agent may tell where all are asked."""


@dataclass(slots=True)
class Testimony:
    """What agents answered."""

    told: list[Told] = field(default_factory=list)
    nodes: set[NodeId] = field(default_factory=set)
    """Whose agents answered."""
    more: set[NodeId] = field(default_factory=set)
    """Whose agents have more, older, than they told."""
    damaged: set[NodeId] = field(default_factory=set)
    """Whose journals have lines that can't be read."""
    errors: list[str] = field(default_factory=list)
    """Sentences of agents that can't read their journal at all."""
    garbled: int = 0
    """Answers that are none by the protocol."""


async def inquire(bus: Bus, cluster: ClusterSlug, wanted: Wanted) -> Testimony:
    """What the agents of ``cluster`` tell of ``wanted``; where one node is asked for, only its agent is asked.

    Raises:
        BusError: nobody could be asked.
    """
    one = wanted.node is not None
    ask = HistoryAsk(
        v=1,
        since=wanted.since or 0.0,
        until=wanted.until,
        nodes=[wanted.node] if wanted.node is not None else None,
        operator=wanted.operator,
        verb=wanted.verb,
        request=RequestId(wanted.request) if wanted.request else None,
        limit=MOST_LINES if one else EACH,
        spread=0.0 if one else SPREAD,
    )
    answers = await bus.gather(subjects.build(cluster, KIND), encode(ask), within=WITHIN, quiet=QUIET + ask.spread)
    return _heard(answers, cluster)


def _heard(answers: Sequence[Answer], cluster: ClusterSlug) -> Testimony:
    heard = Testimony()
    for answer in answers:
        try:
            _take(heard, decode_history(answer.payload), cluster)
        except Rejected:
            heard.garbled += 1
    return heard


def _take(heard: Testimony, history: History, cluster: ClusterSlug) -> None:
    node = history.node
    heard.nodes.add(node)
    heard.told.extend(Told(entry_of(line, node, cluster), node) for line in history.lines)
    if history.more:
        heard.more.add(node)
    if history.damaged:
        heard.damaged.add(node)
    if history.error:
        heard.errors.append(f"{node}: {history.error}")
