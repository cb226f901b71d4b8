"""The requests of a plan: one for each node, terminations and messages in parts that a receiver takes (protocol 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from fxtop.actions.model import Intent, Step
from fxtop.actions.words import listed, unique
from fxtop.clock import utc
from fxtop.cluster.records import NodeRow, SessionKey, SessionRow
from fxtop.protocol.control import Args, DrainArgs, MessageArgs, RebalanceArgs, RebalancePlan, TerminateArgs
from fxtop.protocol.ids import NodeId
from fxtop.views.format import plural

PART: Final = 500
"""Sessions in one request at most (protocol 4)."""

MANAGER: Final = "manager"
"""The target of a step that goes to the managers."""


def drain_steps(nodes: Iterable[NodeRow], intent: Intent) -> tuple[Step, ...]:
    """One drain for each node. Where sessions are to end with it, the step names those that are known."""
    ends = intent.then == "terminate"
    args = DrainArgs(deadline=intent.deadline, then=intent.then)
    summary = _drain_summary(intent)
    return tuple(
        Step(row.id, "drain", args, summary, sessions=tuple(sorted(row.sessions)) if ends else ()) for row in nodes
    )


def resume_steps(nodes: Iterable[NodeRow]) -> tuple[Step, ...]:
    """One resume for each node."""
    return tuple(Step(row.id, "resume", Args(), "take new sessions again") for row in nodes)


def terminate_steps(sessions: Iterable[SessionRow], intent: Intent) -> tuple[Step, ...]:
    """The sessions by node and in parts."""
    return tuple(
        Step(
            node,
            "terminate",
            TerminateArgs(sessions=[row.key.session for row in rows], grace=intent.grace),
            f"terminate {_sessions_of(rows)}",
            sessions=_keys(rows),
        )
        for node, rows in _parts(sessions)
    )


def message_steps(nodes: Iterable[NodeRow], sessions: Iterable[SessionRow], intent: Intent) -> tuple[Step, ...]:
    """One message to all of each node, and the sessions on other nodes by node and in parts."""
    everybody = {row.id: row for row in nodes}
    others = [row for row in sessions if row.key.node not in everybody]
    to_nodes = (
        Step(node, "message", MessageArgs(sessions=None, text=intent.text), f"tell everybody on {node}")
        for node in everybody
    )
    to_sessions = (
        Step(
            node,
            "message",
            MessageArgs(sessions=[row.key.session for row in rows], text=intent.text),
            f"tell {_sessions_of(rows)}",
            sessions=_keys(rows),
        )
        for node, rows in _parts(others)
    )
    return (*to_nodes, *to_sessions)


def rebalance_steps(balance: RebalancePlan) -> tuple[Step, ...]:
    """The one request that applies a manager's plan."""
    weights = f"set the weights of {plural(len(balance.weights), 'node')}"
    moves = f", requeue {plural(len(balance.moves), 'pending session')}" if balance.moves else ""
    keys = tuple(SessionKey(move.from_, move.session) for move in balance.moves)
    return (Step(MANAGER, "rebalance", RebalanceArgs(plan=balance.plan), weights + moves, sessions=keys),)


def _drain_summary(intent: Intent) -> str:
    moment = f"{utc(intent.deadline):%Y-%m-%d %H:%M} UTC" if intent.deadline is not None else ""
    if intent.then == "terminate":
        return f"drain, and end the sessions that are left {f'at {moment}' if moment else 'at once'}"
    return f"drain, and wait for its sessions to end{f', which they should by {moment}' if moment else ''}"


def _parts(sessions: Iterable[SessionRow]) -> Iterator[tuple[NodeId, list[SessionRow]]]:
    by_node: dict[NodeId, list[SessionRow]] = {}
    for row in sessions:
        by_node.setdefault(row.key.node, []).append(row)
    for node, rows in by_node.items():
        for start in range(0, len(rows), PART):
            yield node, rows[start : start + PART]


def _keys(rows: Sequence[SessionRow]) -> tuple[SessionKey, ...]:
    return tuple(row.key for row in rows)


def _sessions_of(rows: Sequence[SessionRow]) -> str:
    return f"{plural(len(rows), 'session')} of {listed(unique(row.body.user for row in rows))}"
