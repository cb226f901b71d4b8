"""From what a person types to the id that is meant: a node by its short name, a session by its id alone.

A name must be unique; no beginning of an id is taken for the id, since what it means may change while it is typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fxtop.actions.model import Refused
from fxtop.actions.targets import require_node
from fxtop.actions.words import listed
from fxtop.cluster.records import SessionKey
from fxtop.protocol.ids import NodeId, SessionId

if TYPE_CHECKING:
    from fxtop.cluster.store import Store


def node_named(name: str, store: Store) -> NodeId:
    """The node that ``name`` is the id of, or the beginning up to a dot of the only one; else Refused."""
    if name in store.nodes:
        return NodeId(name)
    found = [node for node in store.nodes if node.partition(".")[0] == name]
    if len(found) > 1:
        raise Refused("ambiguous", f"'{name}' can be {listed(sorted(found))}. Write the whole name.")
    return require_node(found[0] if found else NodeId(name), store).id


def session_named(name: str, store: Store) -> SessionKey:
    """The session that ``name`` is: ``node/session``, or an id that only one session has; else Refused."""
    node, slash, session = name.rpartition("/")
    if slash:
        key = SessionKey(node_named(node, store), SessionId(session))
        if key in store.sessions:
            return key
        raise Refused("unknown_session", f"There is no session {key}: it may have ended meanwhile.")
    found = [key for key in store.sessions if key.session == name]
    if len(found) == 1:
        return found[0]
    raise _not_one(name, found)


def _not_one(name: str, found: Sequence[SessionKey]) -> Refused:
    if not found:
        return Refused("unknown_session", f"There is no session '{name}': it may have ended meanwhile.")
    several = listed([str(key) for key in sorted(found)])
    return Refused("ambiguous", f"'{name}' can be {several}. Write node/session.")
