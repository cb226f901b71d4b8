"""Who has sessions, and how many stand how: kept as sessions come, go and change, and never by going over them."""

from __future__ import annotations

from collections import deque
from collections.abc import Set
from typing import Final
from weakref import WeakValueDictionary

from fxtop.cluster.records import SessionKey, UserRow
from fxtop.cluster.tables import Tables
from fxtop.protocol.session import SessionBody

KEPT: Final = 8
"""Answers that are kept though nobody holds them any more: those that were asked for last."""


class Users:
    """Writes the rows of users, and knows the sessions of those that are looked at.

    To know them of everybody would take more memory than all else that is known of a user.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._followed: WeakValueDictionary[str, set[SessionKey]] = WeakValueDictionary()
        self._last: deque[set[SessionKey]] = deque(maxlen=KEPT)

    def move(self, key: SessionKey, old: SessionBody | None, new: SessionBody | None) -> None:
        """Note that a session came, went, has another state or is somebody else's; None stands for not being there."""
        if new is not None:
            self._count(new, 1)
        if old is not None:
            self._count(old, -1)
        if self._followed:
            for body, follow in ((old, set.discard), (new, set.add)):
                followed = self._followed.get(body.user) if body is not None else None
                if followed is not None:
                    follow(followed, key)

    def sessions(self, user: str) -> Set[SessionKey]:
        """A user's sessions, which stay so while it is held: a session that comes or goes does so in there too.

        Goes over all sessions there are, unless somebody holds the answer already.
        """
        found = self._followed.get(user)
        if found is None:
            found = {key for key, row in self._tables.sessions.items() if row.body.user == user}
            self._followed[user] = found
        if not self._last or found is not self._last[-1]:
            self._last.append(found)
        return found

    def _count(self, body: SessionBody, by: int) -> None:
        users = self._tables.users
        row = users.get(body.user)
        if row is None:
            row = users[body.user] = UserRow(user=body.user)
        row.sessions += by
        setattr(row, body.state, getattr(row, body.state) + by)
        if not row.sessions:
            del users[body.user]
        self._tables.user_changed(row)
