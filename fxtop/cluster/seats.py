"""Which seat belongs to which session, as far as user and host tell (facts: RLM rows name a user and a host, no more).

What can't be known is said to be unknown: a holder on a host that is no node, a node that is not heard or whose
sessions were never all told, a licence server that is not heard or can't be reached.

The join is made again only for the users and nodes that something changed for, once a batch.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from fxtop.cluster.hosts import Hosts, short
from fxtop.cluster.liveness import is_heard
from fxtop.cluster.records import HolderRow, LicenseRow, NodeRow, PoolKey, SeatState, SessionKey, SessionRow
from fxtop.cluster.tables import Tables
from fxtop.protocol.ids import LicenseId, NodeId

ALIVE: Final = frozenset({"starting", "running", "disconnected", "ending", "orphan", "unknown"})
"""States of sessions that have processes, or may have."""


class Placed(msgspec.Struct, eq=False):
    """A holder with where it stands."""

    license: LicenseId
    pool: PoolKey | None
    """None where the server names no pool of that product."""
    row: HolderRow
    place: int
    """Which one it is of those that its server told."""
    node: NodeId | None = None
    """The node that its host is, where that is known."""

    @property
    def user(self) -> str:
        """Who holds it."""
        return self.row.holder.user


class Seats:
    """Writes ``seat`` of the session rows, and ``state`` and ``sessions`` of the holders in the pool rows."""

    def __init__(self, tables: Tables, hosts: Hosts, complete: set[NodeId]) -> None:
        self._tables = tables
        self._hosts = hosts
        self._complete = complete
        """Nodes whose sessions were all told."""
        self._placed: dict[LicenseId, list[Placed]] = {}
        self._holders: dict[NodeId, dict[str, list[Placed]]] = {}
        """By node and user."""
        self._by_host: defaultdict[str, list[Placed]] = defaultdict(list)
        """By the short name of their host: no other name has anything to do with which node that is."""
        self._trusted: frozenset[LicenseId] = frozenset()
        """Licence servers whose word of who holds what is the present state."""
        self._all_told = False
        """Whether those are all the licence servers; only then can it be said that a session has no seat."""
        self._suspects: defaultdict[NodeId, set[str]] = defaultdict(set)
        """Users, by node, whose join may not hold any more."""
        self._renamed: set[str] = set()
        """Short host names that may mean other nodes than before."""
        self._retold = False
        """Whether a licence server told of other holders than before."""
        self._doubted = False
        """Whether other licence servers may be believed than before."""

    def session_changed(self, node: NodeId, user: str) -> None:
        """A session of ``user`` came, went, or has another state."""
        if self._placed:
            self._suspects[node].add(user)

    def node_changed(self, node: NodeId) -> None:
        """More, or less, is known of a node than before."""
        row = self._tables.nodes.get(node)
        if self._placed and row is not None:
            self._suspects[node].update(self._holders.get(node, ()))
            self._suspects[node].update(session.body.user for session in row.sessions.values())

    def hosts_changed(self, names: Iterable[str]) -> None:
        """A node came to ``names``, or had them until now."""
        if self._placed:
            self._renamed.update(map(short, names))

    def holders_changed(self, license_: LicenseId, holders: Iterable[tuple[PoolKey | None, HolderRow]]) -> None:
        """A licence server told anew who holds its seats."""
        first = not self._placed
        self._placed[license_] = [Placed(license_, pool, row, place) for place, (pool, row) in enumerate(holders)]
        self._retold = self._doubted = True
        if first:
            self._suspect_all()

    def license_changed(self) -> None:
        """A licence server may be more, or less, to be believed than before."""
        self._doubted = True

    def settle(self) -> None:
        """Join again what may not hold any more."""
        if self._doubted:
            self._doubted = False
            self._weigh()
        if self._retold:
            self._retold = False
            self._place()
        elif self._renamed:
            for name in self._renamed:
                self._move(name)
        self._renamed.clear()
        if self._suspects:
            suspects, self._suspects = self._suspects, defaultdict(set)
            for node, users in suspects.items():
                self._join(node, users)

    def held_by(self, key: SessionKey) -> list[tuple[PoolKey | None, HolderRow]]:
        """The holders that a session's user has on the session's node."""
        session = self._tables.sessions.get(key)
        if session is None:
            return []
        placed = self._holders.get(key.node, {}).get(session.body.user, ())
        return [(each.pool, each.row) for each in placed]

    def _weigh(self) -> None:
        licenses = self._tables.licenses
        trusted = frozenset(row.id for row in licenses.values() if _is_trusted(row))
        all_told = bool(licenses) and len(trusted) == len(licenses)
        if trusted != self._trusted or all_told != self._all_told:
            self._trusted, self._all_told = trusted, all_told
            self._suspect_all()

    def _suspect_all(self) -> None:
        for node in self._tables.nodes:
            self.node_changed(node)

    def _place(self) -> None:
        """Find the node of every holder; those that are not where they were, or are others, are suspect."""
        before, self._holders = self._holders, {}
        self._by_host.clear()
        for placed in self._placed.values():
            for each in placed:
                host = each.row.holder.host
                self._by_host[short(host.lower())].append(each)
                self._put(each, self._hosts.resolve(host))
        for node in before.keys() | self._holders.keys():
            old, new = before.get(node, {}), self._holders.get(node, {})
            moved = {user for user in old.keys() | new.keys() if _holdings(old, user) != _holdings(new, user)}
            if moved:
                self._suspects[node] |= moved

    def _move(self, name: str) -> None:
        """Find the nodes of the holders whose host has this short name.

        While a cluster joins, names come with every batch; to place all holders anew made a join grow with its square.
        """
        for each in self._by_host.get(name, ()):
            node = self._hosts.resolve(each.row.holder.host)
            if node == each.node:
                continue
            for changed in (each.node, node):
                if changed is not None:
                    self._suspects[changed].add(each.user)
            self._lift(each)
            self._put(each, node)

    def _lift(self, each: Placed) -> None:
        """Let a holder stand nowhere."""
        if each.node is None:
            return
        users = self._holders[each.node]
        users[each.user] = [other for other in users[each.user] if other is not each]
        if not users[each.user]:
            del users[each.user]
        if not users:
            del self._holders[each.node]

    def _put(self, each: Placed, node: NodeId | None) -> None:
        """Let a holder stand on a node, in the order in which its server told."""
        each.node = node
        if node is None:
            self._set_holder(each, SeatState.UNKNOWN, ())
        else:
            there = self._holders.setdefault(node, {}).setdefault(each.user, [])
            there.append(each)
            there.sort(key=_told)

    def _join(self, node: NodeId, users: set[str]) -> None:
        row = self._tables.nodes.get(node)
        if row is None:
            return
        sessions: defaultdict[str, list[SessionRow]] = defaultdict(list)
        for session in row.sessions.values():
            if session.body.user in users:
                sessions[session.body.user].append(session)
        for user in users:
            self._judge(row, sessions.get(user, []), self._holders.get(node, {}).get(user, []))

    def _judge(self, node: NodeRow, sessions: list[SessionRow], holders: list[Placed]) -> None:
        """Judge the sessions and the holders of one user on one node."""
        for session in sessions:
            seat = self._seat(node, session, holders)
            if session.seat is not seat:
                session.seat = seat
                self._tables.session_changed(session)
        keys = tuple(sorted(session.key for session in sessions))
        alive = any(session.body.state in ALIVE for session in sessions)
        for holder in holders:
            self._set_holder(holder, self._held(node, holder, alive), keys)

    def _seat(self, node: NodeRow, session: SessionRow, holders: list[Placed]) -> SeatState:
        if not is_heard(node.liveness) or session.body.state == "pending":
            return SeatState.UNKNOWN
        if any(holder.license in self._trusted for holder in holders):
            return SeatState.HELD
        return SeatState.MISSING if self._all_told and session.body.state in ALIVE else SeatState.UNKNOWN

    def _held(self, node: NodeRow, holder: Placed, alive: bool) -> SeatState:
        if not is_heard(node.liveness) or holder.license not in self._trusted:
            return SeatState.UNKNOWN
        if alive:
            return SeatState.HELD
        return SeatState.MISSING if node.id in self._complete else SeatState.UNKNOWN

    def _set_holder(self, placed: Placed, state: SeatState, sessions: tuple[SessionKey, ...]) -> None:
        row = placed.row
        if row.state is state and row.sessions == sessions:
            return
        row.state, row.sessions = state, sessions
        pool = self._tables.pools.get(placed.pool) if placed.pool is not None else None
        if pool is not None:
            self._tables.pool_changed(pool)


def _holdings(users: Mapping[str, Sequence[Placed]], user: str) -> list[tuple[LicenseId, PoolKey | None, HolderRow]]:
    """What ``user`` holds, wherever among the others it was told."""
    return [(each.license, each.pool, each.row) for each in users.get(user, ())]


def _told(placed: Placed) -> tuple[LicenseId, int]:
    return placed.license, placed.place


def _is_trusted(row: LicenseRow) -> bool:
    """Whether what a licence server told last is the present state."""
    return is_heard(row.liveness) and row.beat is not None and row.beat.reachable
