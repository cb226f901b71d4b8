"""Folding sessions in: one by one, and as snapshots of a node."""

from __future__ import annotations

import sys
from operator import attrgetter
from typing import Final

import msgspec

from fxtop.cluster.nodes import Nodes
from fxtop.cluster.records import NodeRow, SessionKey, SessionRow
from fxtop.cluster.sequence import Order
from fxtop.cluster.snapshots import Snapshots
from fxtop.cluster.tables import MAX_SESSIONS, Tables
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.session import SessionBody, SessionChange, SessionsPart

_content: Final = attrgetter(*SessionBody.__struct_fields__)
"""All that is said of a session, without the envelope that a `SessionChange` has."""

_SHARED: Final = ("user", "state", "command", "geometry", "app", "name")
"""Texts that many sessions have in common; kept once, they save a third of the memory."""


class Sessions:
    """The reducer of ``session`` and ``sessions``, and the one place where session rows come and go."""

    def __init__(self, tables: Tables, nodes: Nodes, snapshots: Snapshots) -> None:
        self._tables = tables
        self._nodes = nodes
        self._snapshots = snapshots
        self._changes = tables.intake.sequence("session")
        self._parts = tables.intake.sequence("sessions")

    def change(self, change: SessionChange, inbound: Inbound) -> None:
        """Fold in one session; ``ended`` removes it."""
        if change.node not in self._tables.nodes and self._nodes.full(change.node, inbound):
            return
        order = self._changes.admit(change.node, change.boot, change.seq, change.ts, inbound.synced)
        if order is Order.OLD:
            return
        node = self._nodes.heard(change.node, change.ts, inbound)
        self._snapshots.changed(node.id, change.id)
        if change.state == "ended":
            self._remove(node, SessionKey(node.id, change.id))
        else:
            self._put(node, change, inbound)

    def part(self, part: SessionsPart, inbound: Inbound) -> None:
        """Fold in one part of a snapshot; the last one of a whole snapshot removes what was not named."""
        if part.node not in self._tables.nodes and self._nodes.full(part.node, inbound):
            return
        until = part.seq + part.parts - part.part
        order = self._parts.admit(part.node, part.boot, part.seq, part.ts, inbound.synced, until)
        if order is Order.OLD:
            return
        node = self._nodes.heard(part.node, part.ts, inbound)
        if order is Order.RESTARTED:
            self._snapshots.restarted(node.id)
        newer = self._snapshots.begin(part)
        for body in part.sessions:
            if body.id in newer:
                continue
            if body.state == "ended":
                self._remove(node, SessionKey(node.id, body.id))
            else:
                self._put(node, body, inbound)
        keep = self._snapshots.end(node.id)
        if keep is not None:
            for key in [key for key in node.sessions if key.session not in keep]:
                self._remove(node, key)

    def _put(self, node: NodeRow, body: SessionBody, inbound: Inbound) -> None:
        key = SessionKey(node.id, body.id)
        row = self._tables.sessions.get(key)
        if row is None:
            self._add(node, key, body, inbound)
            return
        row.heard = inbound.at
        row.skew = node.skew
        old = row.body
        if _content(old) == _content(body):
            return
        row.body = _share(body, key)
        self._tables.census.sessions.move(key, old.state, body.state)
        self._tables.session_changed(row)

    def _add(self, node: NodeRow, key: SessionKey, body: SessionBody, inbound: Inbound) -> None:
        if len(self._tables.sessions) >= MAX_SESSIONS:
            self._tables.intake.reject("full", inbound.subject, f"{MAX_SESSIONS} sessions are known, {key} is not kept")
            return
        row = SessionRow(
            key=key,
            body=_share(body, key),
            heard=inbound.at,
            skew=node.skew,
            liveness=node.liveness,
            acting=self._tables.acting.on_session(key),
        )
        self._tables.sessions[key] = row
        node.sessions.add(key)
        self._tables.census.sessions.move(key, None, body.state)
        self._tables.session_changed(row)

    def _remove(self, node: NodeRow, key: SessionKey) -> None:
        row = self._tables.sessions.pop(key, None)
        if row is None:
            return
        node.sessions.discard(key)
        self._tables.census.sessions.move(key, row.body.state, None)
        self._tables.session_changed(row)


def _share(body: SessionBody, key: SessionKey) -> SessionBody:
    """``body`` with its repeated texts kept once; nobody else has seen it yet, so that it is changed in place."""
    set_field = msgspec.structs.force_setattr
    set_field(body, "node", key.node)
    set_field(body, "id", key.session)
    for field in _SHARED:
        value = getattr(body, field)
        if value is not None:
            set_field(body, field, sys.intern(value))
    return body
