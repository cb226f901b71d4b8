"""Folding in what agents read from licence servers: servers, pools, seats, denials (protocol 2, ``hb.license``)."""

from __future__ import annotations

from fxtop.cluster import notices
from fxtop.cluster.counters import Growth
from fxtop.cluster.history import Ring
from fxtop.cluster.pools import Shared, keyed, shared_out
from fxtop.cluster.records import HolderRow, LicenseRow, Liveness, PoolKey, PoolRow, SeatState
from fxtop.cluster.roster import Kind, Roster
from fxtop.cluster.seats import Seats
from fxtop.cluster.sequence import AGAIN, OLD
from fxtop.cluster.tables import MAX_LICENSES, MAX_POOLS, Tables
from fxtop.protocol.ids import LicenseId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.license import LicenseHeartbeat, Pool


class Licenses:
    """The reducer of ``hb.license``, and the one place where pools come and go."""

    def __init__(self, tables: Tables, seats: Seats) -> None:
        self._tables = tables
        self._seats = seats
        self._order = tables.intake.sequence("hb.license")
        self._denials: dict[PoolKey, Growth] = {}
        self._held: dict[LicenseId, tuple[list[PoolKey], Shared]] = {}
        """What was read last of each server: its pools, and who holds their seats."""
        self.roster: Roster[LicenseId, LicenseRow] = Roster(
            tables,
            tables.licenses,
            Kind(
                one="licence server",
                many="licence servers",
                most=MAX_LICENSES,
                make=lambda license_, at: LicenseRow(id=license_, heard=at),
                name=lambda row: row.id,
                interval=lambda row: row.beat.interval if row.beat else None,
                stood=self._stood,
            ),
        )

    def beat(self, beat: LicenseHeartbeat, inbound: Inbound) -> None:
        """Fold a heartbeat in. Where RLM can't be reached, its pools stay as they were last read, and grow old."""
        if self.roster.refuses("hb.license", beat.server, inbound):
            return
        order = self._order.admit(beat.server, beat.boot, beat.seq, beat.ts, inbound.synced)
        if order is OLD:
            return
        row = self.roster.heard(beat.server, inbound.at)
        row.skew = beat.ts - self._tables.wall(inbound.at)
        old, row.beat = row.beat, beat
        if old is None or beat.interval < old.interval:
            self.roster.hasten(row.id)
        notices.license_changed(self._tables, old, beat)
        if beat.reachable:
            self._read(row, beat, inbound, history=order is not AGAIN)
        self._seats.license_changed()
        self._tables.license_changed(row)

    def _read(self, row: LicenseRow, beat: LicenseHeartbeat, inbound: Inbound, *, history: bool) -> None:
        pools = keyed(row.id, beat.pools)
        for key in row.pools:
            if key not in pools:
                self._drop(key)
        row.pools = [key for key, pool in pools.items() if self._put(key, pool, row, inbound, history=history)]
        self._hold(row, shared_out(pools, beat.holders))

    def _hold(self, row: LicenseRow, shared: Shared) -> None:
        """Put the holders into their pools. Where they are the same as before, nothing is joined anew."""
        if (row.pools, shared) == self._held.get(row.id):
            return
        self._held[row.id] = row.pools, shared
        holders = [(key, HolderRow(holder=holder, state=SeatState.UNKNOWN)) for key, holder in shared]
        for key in row.pools:
            self._tables.pools[key].holders = []
        for pool, holder in holders:
            if pool in self._tables.pools:
                self._tables.pools[pool].holders.append(holder)
        self._seats.holders_changed(row.id, holders)

    def _put(self, key: PoolKey, pool: Pool, row: LicenseRow, inbound: Inbound, *, history: bool) -> bool:
        """Bring a pool up to date; False where there is no room for another one."""
        known = self._tables.pools.get(key)
        old = known.pool if known else None
        if known is None:
            if len(self._tables.pools) >= MAX_POOLS:
                self._tables.intake.reject("full", inbound.subject, f"{MAX_POOLS} pools are known, {key} is not kept")
                return False
            known = self._tables.pools[key] = PoolRow(key=key, pool=pool, heard=inbound.at, used=Ring())
            self._denials[key] = Growth()
        denied = self._denials[key].read(pool.denials_total)
        notices.pool_changed(self._tables, key, old, pool, denied)
        known.pool, known.denials = pool, self._denials[key].total
        known.heard, known.skew, known.liveness = inbound.at, row.skew, row.liveness
        if history and known.used is not None:
            known.used.push(inbound.at, pool.inuse)
        self._tables.pool_changed(known)
        return True

    def _drop(self, key: PoolKey) -> None:
        self._tables.pool_changed(self._tables.pools.pop(key))
        del self._denials[key]

    def _stood(self, row: LicenseRow, _: Liveness | None) -> None:
        """Let the pools of a licence server follow it."""
        self._tables.license_changed(row)
        for key in row.pools:
            pool = self._tables.pools[key]
            pool.liveness = row.liveness
            self._tables.pool_changed(pool)
        self._seats.license_changed()
