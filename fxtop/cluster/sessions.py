"""Folding sessions in: one by one, and as snapshots of a node."""

from __future__ import annotations

from operator import attrgetter
from typing import Final

from fxtop.cluster.acting import Acting
from fxtop.cluster.nodes import Nodes
from fxtop.cluster.records import NodeRow, SessionKey, SessionRow
from fxtop.cluster.seats import Seats
from fxtop.cluster.sequence import OLD, RESTARTED
from fxtop.cluster.sharing import LOAD
from fxtop.cluster.snapshots import Snapshots
from fxtop.cluster.tables import MAX_ON_NODE, MAX_SESSIONS, Tables
from fxtop.cluster.users import Users
from fxtop.cluster.waits import Waits
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.session import SessionBody, SessionChange, SessionsPart

SKEW_NOTED: Final = 0.5
"""Seconds by which a node's clock must have moved before a session has another number for it than it came with."""

_lasting: Final = attrgetter(*(field for field in SessionBody.__struct_fields__ if field not in (*LOAD, "node", "id")))
"""All else that is said of a session, without its key and the envelope that a `SessionChange` has."""


class Sessions:
    """The reducer of ``session`` and ``sessions``, and the one place where session rows come and go."""

    def __init__(
        self,
        tables: Tables,
        nodes: Nodes,
        snapshots: Snapshots,
        acting: Acting,
        seats: Seats,
        waits: Waits,
        users: Users,
    ) -> None:
        self._tables = tables
        self._nodes = nodes
        self._snapshots = snapshots
        self._acting = acting
        self._seats = seats
        self._waits = waits
        self._users = users
        self._changes = tables.intake.sequence("session")
        self._parts = tables.intake.sequence("sessions")

    def change(self, change: SessionChange, inbound: Inbound) -> None:
        """Fold in one session; ``ended`` removes it."""
        if self._nodes.roster.full(change.node, inbound.subject):
            return
        order = self._changes.admit(self._nodes.own(change.node), change.boot, change.seq, change.ts, inbound.synced)
        if order is OLD:
            return
        node = self._nodes.heard(change.node, change.ts, inbound)
        self._snapshots.changed(node.id, change.id)
        self._take(node, change, change.ts, inbound)

    def part(self, part: SessionsPart, inbound: Inbound) -> None:
        """Fold in one part of a snapshot; the last one of a whole snapshot removes what was not named."""
        if self._nodes.roster.full(part.node, inbound.subject):
            return
        until = part.seq + part.parts - part.part
        order = self._parts.admit(self._nodes.own(part.node), part.boot, part.seq, part.ts, inbound.synced, until)
        if order is OLD:
            return
        node = self._nodes.heard(part.node, part.ts, inbound)
        if order is RESTARTED:
            self._snapshots.restarted(node.id)
            self._seats.node_changed(node.id)
        newer = self._snapshots.begin(part)
        for body in part.sessions:
            if body.id not in newer:
                self._take(node, body, part.ts, inbound)
        self._end_snapshot(node)

    def forget(self, node: NodeRow) -> None:
        """Let all sessions of a node go that is about to be forgotten."""
        for key in list(node.sessions):
            self._remove(node, key)
        self._snapshots.restarted(node.id)
        self._changes.forget(node.id)
        self._parts.forget(node.id)

    def _end_snapshot(self, node: NodeRow) -> None:
        first = node.id not in self._snapshots.complete
        named = self._snapshots.end(node.id)
        if named is None:
            return
        for key in [key for key in node.sessions if key.session not in named]:
            self._remove(node, key)
        if first:
            self._seats.node_changed(node.id)

    def _take(self, node: NodeRow, body: SessionBody, ts: float, inbound: Inbound) -> None:
        """Fold in what was said of a session at the sender's ``ts``."""
        key = SessionKey(node.id, body.id)
        row = node.sessions.get(key)
        if row is not None:
            row.heard = inbound.at
            if node.skew is not None and (row.skew is None or abs(node.skew - row.skew) > SKEW_NOTED):
                row.skew = node.skew
            if _lasting(row.body) == _lasting(body):
                self._walk(row, body)
                return
        if body.state == "ended":
            self._remove(node, key)
            return
        if not (self._add(node, key, body, inbound) if row is None else self._update(row, body, inbound)):
            return
        if body.state == "pending":
            self._waits.pending(key, inbound.at, ts - body.created if body.created is not None else 0.0)
        else:
            self._waits.over(key)

    def _add(self, node: NodeRow, key: SessionKey, body: SessionBody, inbound: Inbound) -> bool:
        """Make a row; False where there is no room for another one."""
        if len(self._tables.sessions) >= MAX_SESSIONS:
            self._tables.intake.reject("full", inbound.subject, f"{MAX_SESSIONS} sessions are known, {key} is not kept")
            return False
        if len(node.sessions) >= MAX_ON_NODE:
            detail = f"{MAX_ON_NODE} sessions are known of the node, {key} is not kept"
            self._tables.intake.reject("full", inbound.subject, detail)
            return False
        if not self._may_hold(key, body, inbound):
            return False
        row = SessionRow(
            key=key,
            body=self._tables.sharing.session(body, key.node, key.session),
            heard=inbound.at,
            skew=node.skew,
            liveness=node.liveness,
            acting=self._acting.on_session(key),
        )
        self._tables.sessions.put(node, row)
        self._tables.node_changed(node)
        self._stands(row, None, body)
        return True

    def _update(self, row: SessionRow, body: SessionBody, inbound: Inbound) -> bool:
        """Let a session be otherwise than before; False where there is no room for what is told of it."""
        if not self._may_hold(row.key, body, inbound):
            return False
        old = row.body
        row.body = self._tables.sharing.session(body, row.key.node, row.key.session)
        if old.state == body.state and old.user == body.user:
            self._tables.session_moved(row)
        else:
            self._stands(row, old, body)
        return True

    def _walk(self, row: SessionRow, body: SessionBody) -> None:
        """Take the load of a session of which all else is as before."""
        old = row.body
        if body.cpu != old.cpu or body.idle != old.idle or body.mem != old.mem or body.clients != old.clients:
            row.body = self._tables.sharing.load(old, body)
            self._tables.session_changed(row)

    def _may_hold(self, key: SessionKey, body: SessionBody, inbound: Inbound) -> bool:
        """Whether there is room for what is told of a session; its parameters alone can be many and long."""
        size = len(body.command or "")
        if body.params:
            size += sum(map(len, body.params)) + sum(map(len, body.params.values()))
        return self._tables.allowance.takes("session", key, size, inbound.subject)

    def _remove(self, node: NodeRow, key: SessionKey) -> None:
        row = self._tables.sessions.pop(node, key)
        if row is None:
            return
        self._tables.allowance.release("session", key)
        self._tables.node_changed(node)
        self._waits.over(key)
        self._stands(row, row.body, None)

    def _stands(self, row: SessionRow, old: SessionBody | None, new: SessionBody | None) -> None:
        """Note that a session came, went, or stands otherwise than before."""
        self._tables.census.sessions.move(row.key, old.state if old else None, new.state if new else None)
        self._users.move(row.key, old, new)
        for body in (old, new):
            if body is not None:
                self._seats.session_changed(row.key.node, body.user)
        self._tables.session_moved(row)
