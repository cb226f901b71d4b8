"""From the names in an intent to rows of the store: what can be acted on, and what is left out and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from fxtop.actions.model import Intent, Refused
from fxtop.actions.words import NOBODY, nearest
from fxtop.cluster.records import Liveness, NodeRow, SessionKey, SessionRow
from fxtop.cluster.voices import UNOFFICIALLY
from fxtop.protocol.ids import NodeId
from fxtop.views.format import spoken_duration

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

GONE: Final = (Liveness.LOST, Liveness.LEFT)
"""Nobody is there to carry anything out."""

NO_SCREEN: Final = ("pending", "ghost", "ended")
"""States of a session that has no screen to show a message on."""

R = TypeVar("R", NodeRow, SessionRow)


@dataclass(slots=True)
class Chosen(Generic[R]):
    """Rows to act on, in the order in which they were named, and what was left out, each with a sentence."""

    rows: list[R] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def take(self, name: str, row: R, objection: str | None) -> None:
        """Keep ``row``, or leave it out where there is an objection."""
        if objection is None:
            self.rows.append(row)
        else:
            self.skipped.append((name, objection))


def nodes_to_drain(intent: Intent, store: Store) -> Chosen[NodeRow]:
    """Nodes that a drain would change; Refused for an unknown one."""
    chosen: Chosen[NodeRow] = Chosen()
    for row in _nodes(intent.nodes, store):
        chosen.take(row.id, row, out_of_reach(row, store) or _drains_already(row, intent))
    return chosen


def nodes_to_resume(intent: Intent, store: Store) -> Chosen[NodeRow]:
    """Nodes that a resume would change; Refused for an unknown one."""
    chosen: Chosen[NodeRow] = Chosen()
    for row in _nodes(intent.nodes, store):
        active = row.beat is not None and row.beat.state == "active"
        objection = f"{row.id} is not draining: it takes new sessions already." if active else None
        chosen.take(row.id, row, out_of_reach(row, store) or objection)
    return chosen


def nodes_to_tell(intent: Intent, store: Store) -> Chosen[NodeRow]:
    """Nodes whose users a message can reach; Refused for an unknown one."""
    chosen: Chosen[NodeRow] = Chosen()
    for row in _nodes(intent.nodes, store):
        empty = not any(has_screen(store.sessions[key]) for key in row.sessions if key in store.sessions)
        objection = f"Nobody on {row.id} has a session that could show a message." if empty else None
        chosen.take(row.id, row, out_of_reach(row, store) or objection)
    return chosen


def sessions_to_end(intent: Intent, store: Store) -> Chosen[SessionRow]:
    """Sessions that can be ended, pending ones too; Refused for an unknown node."""
    return _sessions(intent.sessions, store)


def sessions_to_tell(intent: Intent, store: Store) -> Chosen[SessionRow]:
    """Sessions that can show a message; Refused for an unknown node."""
    chosen = _sessions(intent.sessions, store)
    told: Chosen[SessionRow] = Chosen(skipped=chosen.skipped)
    for row in chosen.rows:
        objection = f"{row.key} is {row.body.state}: it has no screen that could show a message."
        told.take(str(row.key), row, None if has_screen(row) else objection)
    return told


def has_screen(row: SessionRow) -> bool:
    """Whether a message to this session has a screen to be shown on, as far as is known."""
    return row.body.state not in NO_SCREEN


def out_of_reach(row: NodeRow, store: Store) -> str | None:
    """Why nobody on that node can carry a request out, as a sentence, or None."""
    if row.unofficial and not row.by_agent:
        return f"{row.id} is only {UNOFFICIALLY}: no fxtop agent has been heard there that could carry this out."
    if row.liveness is Liveness.LOST:
        return f"{row.id} was last heard {spoken_duration(store.age(row))} ago; nobody there can carry this out."
    if row.liveness is Liveness.LEFT:
        return f"{row.id} said goodbye {spoken_duration(store.age(row))} ago; nobody there can carry this out."
    return None


def require_node(node: NodeId, store: Store) -> NodeRow:
    """The row of ``node``; Refused with the nearest name where there is none, or where nobody could tell."""
    row = store.nodes.get(node)
    if row is not None:
        return row
    if not store.nodes:
        raise Refused(
            "unknown_node",
            f"Nobody answered on cluster {store.cluster}, so nothing is known of a node '{node}': {NOBODY}",
        )
    meant = nearest(node, store.nodes.keys())
    hint = f" Did you mean {meant}?" if meant else ""
    raise Refused("unknown_node", f"There is no node '{node}' in cluster {store.cluster}.{hint}")


def _nodes(ids: Iterable[NodeId], store: Store) -> list[NodeRow]:
    return [require_node(node, store) for node in dict.fromkeys(ids)]


def _sessions(keys: Iterable[SessionKey], store: Store) -> Chosen[SessionRow]:
    chosen: Chosen[SessionRow] = Chosen()
    for key in dict.fromkeys(keys):
        node = require_node(key.node, store)
        row = store.sessions.get(key)
        if row is None or row.body.state == "ended":
            chosen.skipped.append((str(key), f"There is no session {key}: it may have ended meanwhile."))
        else:
            chosen.take(str(key), row, out_of_reach(node, store))
    return chosen


def _drains_already(row: NodeRow, intent: Intent) -> str | None:
    """Why draining that node would change nothing; ending its sessions, or another deadline, is a change."""
    beat = row.beat
    if beat is None or beat.state == "active":
        return None
    if beat.state == "drained":
        return f"{row.id} is drained already: no session is left on it."
    known_deadline = beat.drain.deadline if beat.drain else None
    if intent.then == "terminate" or intent.deadline not in (None, known_deadline):
        return None
    by = f", by {beat.drain.by}: {beat.drain.reason}" if beat.drain else ""
    return f"{row.id} is draining already{by}."
