"""Who has sessions, and how many stand how: kept as sessions come, go and change, and never by going over them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Set
from typing import Final

from fxtop.cluster.records import SessionKey, UserRow
from fxtop.cluster.tables import Tables
from fxtop.protocol.session import SessionBody

FOLLOWED: Final = 8
"""Users whose sessions are known by themselves: those that somebody asked for last."""


class Users:
    """Writes the rows of users, and knows the sessions of those that are looked at.

    To know them of everybody would take more memory than all else that is known of a user.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._followed: OrderedDict[str, set[SessionKey]] = OrderedDict()

    def move(self, key: SessionKey, old: SessionBody | None, new: SessionBody | None) -> None:
        """Note that a session came, went, has another state or is somebody else's; None stands for not being there."""
        if new is not None:
            self._count(new, 1)
        if old is not None:
            self._count(old, -1)
        if self._followed:
            if old is not None and old.user in self._followed:
                self._followed[old.user].discard(key)
            if new is not None and new.user in self._followed:
                self._followed[new.user].add(key)

    def sessions(self, user: str) -> Set[SessionKey]:
        """A user's sessions. Goes over all there are, unless the user is among those who were asked for last."""
        found = self._followed.get(user)
        if found is None:
            found = {key for key, row in self._tables.sessions.items() if row.body.user == user}
            self._followed[user] = found
            if len(self._followed) > FOLLOWED:
                self._followed.popitem(last=False)
        self._followed.move_to_end(user)
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
