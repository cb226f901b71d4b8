"""Folding in what is known of transporters: by the agent beside a server, and by the shared token alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from fxtop.cluster import notices
from fxtop.cluster.counters import Growth, Meter
from fxtop.cluster.history import Ring
from fxtop.cluster.islands import grouped, islands
from fxtop.cluster.links import Links
from fxtop.cluster.liveness import STALE_AFTER, is_heard
from fxtop.cluster.records import Liveness, Sighting, TransporterRow
from fxtop.cluster.roster import Kind, Roster
from fxtop.cluster.sequence import AGAIN, OLD
from fxtop.cluster.tables import MAX_TRANSPORTERS, Tables
from fxtop.protocol import text
from fxtop.protocol.ids import ServerId
from fxtop.protocol.inbound import Inbound
from fxtop.protocol.transporter import TransporterHeartbeat

Reading = TransporterHeartbeat | Sighting
"""What carries a server's counters. The two count differently (a sighting sees one account), so are never mixed."""

SIGHTING: Final = "sighting"
"""What stands for the subject of a sighting that can't be taken up."""


class _Gauges:
    """The readings of one source about one server."""

    __slots__ = ("_via", "interval", "meter", "slow")

    def __init__(self) -> None:
        self.interval = 0.0
        self.meter = Meter()
        self.slow = Growth()
        self._via: str | None = None

    def seen_by(self, via: str) -> None:
        """Begin anew where a server is seen in another way than before: a server's counters aren't an account's."""
        if via != self._via:
            self._via, self.meter, self.slow = via, Meter(), Growth()


class Transporters:
    """The reducer of ``hb.transporter`` and of sightings."""

    def __init__(self, tables: Tables, links: Links) -> None:
        self._tables = tables
        self._links = links
        self._order = tables.intake.sequence("hb.transporter")
        self._beats: defaultdict[ServerId, _Gauges] = defaultdict(_Gauges)
        self._sights: defaultdict[ServerId, _Gauges] = defaultdict(_Gauges)
        self._beat_at: dict[ServerId, float] = {}
        self._lives: dict[str, float] = {}
        """By name, monotonic seconds at which the newest server of that name was first heard."""
        self._seen_together: list[list[ServerId]] = []
        self._regroup = False
        self._islands = 0
        self.roster: Roster[ServerId, TransporterRow] = Roster(
            tables,
            tables.transporters,
            Kind(
                one="transporter",
                many="transporters",
                most=MAX_TRANSPORTERS,
                make=lambda server, at: TransporterRow(id=server, heard=at),
                name=lambda row: row.name,
                interval=lambda row: row.interval,
                stood=self._stood,
            ),
        )

    def beat(self, beat: TransporterHeartbeat, inbound: Inbound) -> None:
        """Fold in a heartbeat of the agent beside a server."""
        if self.roster.refuses("hb.transporter", beat.server, inbound):
            return
        order = self._order.admit(beat.server, beat.boot, beat.seq, beat.ts, inbound.synced)
        if order is OLD:
            return
        row = self.roster.heard(beat.server, inbound.at)
        new = row.beat is None and row.sighting is None
        row.skew = beat.ts - self._tables.wall(inbound.at)
        self._regroup = self._regroup or row.beat is None or row.beat.routes != beat.routes
        row.beat = beat
        self._beat_at[row.id] = inbound.at
        gauges = self._beats[row.id]
        gauges.interval = beat.interval
        gauges.seen_by(beat.via)
        slow = self._measure(row, gauges, beat, inbound.at) if order is not AGAIN else 0
        self._taken(row, new=new, slow=slow)

    def sight(self, sightings: Sequence[Sighting], interval: float) -> None:
        """Take one round of the token-only view; the next one comes in ``interval`` seconds."""
        at = self._tables.clock.monotonic()
        together: defaultdict[str, list[ServerId]] = defaultdict(list)
        clients: defaultdict[ServerId, set[str]] = defaultdict(set)
        for sighting in map(_inert, sightings):
            if self.roster.full(sighting.server, SIGHTING):
                continue
            together[sighting.via].append(sighting.server)
            clients[sighting.server].update(sighting.clients)
            self._sighted(sighting, at, interval)
        for server in self._sights.keys() - clients.keys():
            self._unseen(server, interval)
        self._seen_together = list(together.values())
        self._regroup = True
        self._links.shown(clients)

    def settle(self) -> None:
        """Find the islands anew where routes may have changed."""
        if self._regroup:
            self._regroup = False
            self._find_islands()

    def _sighted(self, sighting: Sighting, at: float, interval: float) -> None:
        row = self.roster.heard(sighting.server, at)
        new = row.beat is None and row.sighting is None
        row.sighting = sighting
        gauges = self._sights[row.id]
        gauges.interval = interval
        beside = row.beat is not None and at < self._beat_at[row.id] + STALE_AFTER * row.beat.interval
        slow = self._measure(row, gauges, sighting, at, shown=not beside)
        self._taken(row, new=new, slow=slow)

    def _unseen(self, server: ServerId, interval: float) -> None:
        """A round without a server tells of its silence: the first makes it stale, the second lost.

        The rounds to come need not be waited for, as a heartbeat's would.
        """
        row = self._tables.transporters.get(server)
        if row is not None and row.sighting is not None:
            self._sights[server].interval = interval / STALE_AFTER
            self._expect(row)

    def _measure(self, row: TransporterRow, gauges: _Gauges, reading: Reading, at: float, *, shown: bool = True) -> int:
        """Read the counters; gives back new slow consumers. Only the better source of the two is ``shown``."""
        counted = isinstance(reading, Sighting) or reading.knows("in_msgs")
        slow = 0
        if counted:
            counters = (reading.in_msgs, reading.out_msgs, reading.in_bytes + reading.out_bytes)
            gauges.meter.read(at, counters, least=gauges.interval / 2)
            slow = gauges.slow.read(reading.slow_consumers)
        if not shown:
            return 0
        rates = gauges.meter.rates if counted else None
        row.in_rate, row.out_rate, row.bytes_rate = rates or (None, None, None)
        row.slow_since_start += slow
        if rates is not None:
            row.msgs = row.msgs or Ring()
            row.msgs.push(at, rates[0] + rates[1])
        return slow

    def _taken(self, row: TransporterRow, *, new: bool, slow: int) -> None:
        """Draw the consequences of a heartbeat or a sighting."""
        self._expect(row)
        if new:
            self._welcome(row)
        if slow:
            notices.slow_consumers(self._tables, row.name, slow)
        self._tables.transporter_changed(row)

    def _expect(self, row: TransporterRow) -> None:
        """Watch a server by the slower of its sources."""
        interval = max(self._beats[row.id].interval, self._sights[row.id].interval)
        if interval != row.interval:
            row.interval = interval
            self.roster.hasten(row.id)

    def _welcome(self, row: TransporterRow) -> None:
        """Tell of a new server. NATS servers have a new id at each start: one of a known name is a known one."""
        self._lives[row.name] = row.heard
        former = [each for each in self._tables.transporters.values() if each.name == row.name and each is not row]
        notices.transporter_appeared(self._tables, row.name, again=bool(former))
        for each in former:
            self._retire(each)

    def _retire(self, row: TransporterRow) -> bool:
        """Remove a silent server that another one of its name has come after."""
        if is_heard(row.liveness) or not self._has_successor(row):
            return False
        del self._tables.transporters[row.id]
        for known in (self._beats, self._sights, self._beat_at):
            known.pop(row.id, None)
        self._order.forget(row.id)
        self._tables.allowance.release("hb.transporter", row.id)
        self._tables.transporter_changed(row)
        return True

    def _has_successor(self, row: TransporterRow) -> bool:
        """Whether a server of the same name was first heard after ``row`` was heard last."""
        return self._lives.get(row.name, row.heard) > row.heard

    def _stood(self, row: TransporterRow, before: Liveness | None) -> None:
        self._regroup = True
        if before is None:
            self._links.show(row.id)
        if not self._retire(row):
            self._tables.transporter_changed(row)

    def _find_islands(self) -> None:
        rows = [row for row in self._tables.transporters.values() if _is_up(row) and not self._has_successor(row)]
        known = {server for group in self._seen_together for server in group}
        together = list(self._seen_together)
        for row in rows:
            if row.beat is not None:
                remotes = [route.remote_id for route in row.beat.routes]
                together.append([row.id, *remotes])
                known.update([row.id, *remotes] if row.beat.knows("routes") and row.beat.via != "info" else remotes)
        numbers = islands(known & {row.id for row in rows}, together)
        for row in self._tables.transporters.values():
            number = numbers.get(row.id, 0)
            if row.island != number:
                row.island = number
                self._tables.transporter_changed(row)
        groups = [[self._tables.transporters[server].name for server in group] for group in grouped(numbers)]
        if len(groups) != self._islands:
            notices.islands_changed(self._tables, self._islands, groups)
            self._islands = len(groups)


def _is_up(row: TransporterRow) -> bool:
    return row.liveness is not Liveness.LOST and row.liveness is not Liveness.LEFT


def _inert(sighting: Sighting) -> Sighting:
    """``sighting`` with all text made inert: what a client calls itself is anybody's text."""
    return replace(
        sighting,
        server=ServerId(text.inert(sighting.server, text.ID_BOUND)),
        name=text.inert(sighting.name, text.NAME_BOUND),
        host=text.inert(sighting.host, text.NAME_BOUND),
        version=text.inert(sighting.version, text.NAME_BOUND),
        cluster=text.inert(sighting.cluster, text.NAME_BOUND),
        clients=tuple(text.inert(client, text.NAME_BOUND) for client in sighting.clients),
    )
