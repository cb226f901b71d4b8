"""Folding in the data that cluster managers share (protocol 2, ``hb.store``)."""

from __future__ import annotations

from fxtop.cluster.records import ShareRow
from fxtop.cluster.roster import Kind, Roster
from fxtop.cluster.sequence import OLD
from fxtop.cluster.tables import MAX_SHARES, Tables
from fxtop.protocol.ids import ManagerId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.share import StoreHeartbeat


class Shares:
    """The reducer of ``hb.store``."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._order = tables.intake.sequence("hb.store")
        self.roster: Roster[ManagerId, ShareRow] = Roster(
            tables,
            tables.shares,
            Kind(
                one="share of manager",
                many="managers' shares",
                most=MAX_SHARES,
                make=lambda manager, at: ShareRow(id=manager, heard=at),
                name=lambda row: row.id,
                interval=lambda row: row.beat.interval if row.beat else None,
                stood=lambda row, _: tables.share_changed(row),
            ),
        )

    def beat(self, beat: StoreHeartbeat, inbound: Inbound) -> None:
        """Fold a heartbeat in."""
        if self.roster.refuses("hb.store", beat.manager, inbound):
            return
        order = self._order.admit(beat.manager, beat.boot, beat.seq, beat.ts, inbound.synced)
        if order is OLD:
            return
        row = self.roster.heard(beat.manager, inbound.at)
        row.skew = beat.ts - self._tables.wall(inbound.at)
        hasten = row.beat is None or beat.interval < row.beat.interval
        row.behind_since = _behind_since(row, beat, inbound.at)
        row.beat = beat
        if hasten:
            self.roster.hasten(row.id)
        self._tables.share_changed(row)


def _behind_since(row: ShareRow, beat: StoreHeartbeat, at: float) -> float | None:
    """Since when what a manager lacks hasn't become less; None where it lacks nothing, or that isn't known."""
    if not beat.need_bytes:
        return None
    before = row.beat.need_bytes if row.beat is not None else None
    fell = before is None or beat.need_bytes < before
    return at if fell or row.behind_since is None else row.behind_since
