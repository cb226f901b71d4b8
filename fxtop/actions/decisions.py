"""Decisions of agents, between the form that they have in a journal and the one that they have on the bus."""

from __future__ import annotations

from typing import Final, NamedTuple

from fxtop.actions.journal import DECISION, Entry
from fxtop.protocol.history import HistoryLine
from fxtop.protocol.ids import ClusterSlug, NodeId, PublicKey, RequestId

ACCEPTED: Final = "accepted"
_DECISIONS: Final = frozenset((ACCEPTED, "refused", "unsupported", "dry_run"))


class Decided(NamedTuple):
    """What was decided, and what came of it: empty while nothing did."""

    decision: str
    outcome: str


def decided(entry: Entry) -> Decided:
    """The decision in ``entry``. Earlier versions wrote the outcome in its place once there was one."""
    if entry.decision:
        return Decided(entry.decision, entry.state if entry.state != entry.decision else "")
    return Decided(entry.state, "") if entry.state in _DECISIONS else Decided(ACCEPTED, entry.state)


def line_of(entry: Entry) -> HistoryLine:
    """A decision of a journal as it is told."""
    decision, outcome = decided(entry)
    return HistoryLine(
        ts=entry.at,
        request=RequestId(entry.request),
        operator=entry.operator,
        key=PublicKey(entry.key) if entry.key else None,
        verb=entry.verb,
        args=entry.data,
        reason=entry.reason,
        ticket=entry.ticket,
        dry_run=entry.dry_run,
        decision=decision,
        code=entry.code,
        outcome=outcome,
        detail=entry.detail,
    )


def entry_of(line: HistoryLine, node: NodeId, cluster: ClusterSlug) -> Entry:
    """What the agent of ``node`` told, as it is in its journal."""
    return Entry(
        v=1,
        at=line.ts,
        kind=DECISION,
        cluster=cluster,
        verb=line.verb,
        operator=line.operator,
        key=line.key,
        request=line.request,
        targets=(node,),
        reason=line.reason,
        ticket=line.ticket,
        dry_run=line.dry_run,
        decision=line.decision,
        state=line.outcome or line.decision,
        code=line.code,
        detail=line.detail,
        data=line.args,
    )
