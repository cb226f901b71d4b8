"""From a session as it was typed, an id or ``NODE/ID``, to the one session that is meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from fxtop.actions.model import Refused
from fxtop.cluster.records import SessionKey
from fxtop.protocol.ids import NodeId, SessionId

if TYPE_CHECKING:
    from fxtop.cluster.store import Store


def session_keys(names: Iterable[str], store: Store) -> tuple[SessionKey, ...]:
    """The sessions meant by ``names``, each once.

    Raises:
        Refused: with the code ``ambiguous`` or ``unknown_session`` where a bare id isn't that of exactly one session.
    """
    return tuple(dict.fromkeys(_key(name, store) for name in names))


def _key(name: str, store: Store) -> SessionKey:
    node, slash, session = name.partition("/")
    if slash:
        return SessionKey(NodeId(node), SessionId(session))
    found = sorted(key for key in store.sessions if key.session == name)
    if len(found) > 1:
        choices = " or ".join(map(str, found))
        raise Refused("ambiguous", f"{len(found)} sessions have the id {name}: say which, {choices}.")
    if not found:
        raise Refused(
            "unknown_session", f"There is no session {name} in cluster {store.cluster}: it may have ended meanwhile."
        )
    return found[0]
