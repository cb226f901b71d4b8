"""What all senders have in common: a row appears when first heard, falls silent, comes back, or leaves.

Nodes, transporters, licence servers and shares each have a `Roster`; what is special about them stays with their
reducers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Generic, TypeVar

import msgspec

from fxtop.cluster import notices
from fxtop.cluster.liveness import Watch
from fxtop.cluster.records import Liveness, Row
from fxtop.cluster.tables import Tables
from fxtop.protocol.inbound import Inbound

LIVE: Final = Liveness.LIVE
"""By itself, because it is asked for with every message; see `fxtop.cluster.sequence`."""

K = TypeVar("K", bound=str)
R = TypeVar("R", bound=Row)


class Kind(msgspec.Struct, Generic[K, R], frozen=True, kw_only=True):
    """What a roster must know of the rows it keeps."""

    one: str
    many: str
    most: int
    """Rows beyond are not made; the messages that would need them are counted as rejected."""
    make: Callable[[K, float], R]
    """A row heard at a monotonic moment."""
    name: Callable[[R], str]
    interval: Callable[[R], float | None]
    """Seconds between messages, None before it is known."""
    stood: Callable[[R, Liveness | None], None]
    """Called when a row has another liveness than before; None for a new row. Marks it dirty, and may remove it."""


class Roster(Generic[K, R]):
    """The rows of one kind of sender, and their liveness."""

    def __init__(self, tables: Tables, rows: dict[K, R], kind: Kind[K, R]) -> None:
        self._tables = tables
        self._rows = rows
        self._kind = kind
        self._allowance = tables.allowance
        self._watch: Watch[K, R] = Watch(rows, kind.interval)
        self._untold: set[K] = set()
        """Silent rows of which nothing was told yet, because their silence may have been ours."""

    def full(self, key: K, subject: str) -> bool:
        """Whether ``key`` has no row and there is no room for one; counts the message as rejected if so."""
        if key in self._rows or len(self._rows) < self._kind.most:
            return False
        detail = f"{self._kind.most} {self._kind.many} are known, {key} is not taken up"
        self._tables.intake.reject("full", subject, detail)
        return True

    def refuses(self, kind: str, key: K, inbound: Inbound) -> bool:
        """Whether there is no room for a message of class ``kind``, which is kept whole; counts it as rejected then."""
        if key not in self._rows and self.full(key, inbound.subject):
            return True
        return not self._allowance.takes(kind, key, len(inbound.payload), inbound.subject)

    def heard(self, key: K, at: float) -> R:
        """The row of a sender that spoke at monotonic ``at``: made where there is none, and live."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._kind.make(key, at)
            self._kind.stood(row, None)
            self._watch.expect(key)
        elif row.liveness is not LIVE:
            self._revive(key, row, at)
        row.heard = at
        return row

    def _revive(self, key: K, row: R, at: float) -> None:
        kind = self._kind
        if key in self._untold:
            self._untold.remove(key)
        else:
            notices.came_back(self._tables, kind.one, kind.many, kind.name(row), row.liveness, at - row.heard)
        row.heard = at
        self._stand(row, Liveness.LIVE)
        self._watch.expect(key)

    def hasten(self, key: K) -> None:
        """Watch a row by its present interval, which may be shorter than the one before."""
        self._watch.expect(key)

    def leave(self, key: K) -> None:
        """The sender said goodbye."""
        row = self._rows.get(key)
        if row is not None and row.liveness is not Liveness.LEFT:
            self._stand(row, Liveness.LEFT)
            if key not in self._rows:  # it made room for its successor, who was told of
                return
            notices.left(self._tables, self._kind.one, self._kind.many, self._kind.name(row))

    def advance(self, now: float) -> None:
        """Let the silence up to monotonic ``now`` be seen."""
        for key, liveness in self._watch.overdue(now):
            self._stand(self._rows[key], liveness)
            self._untold.add(key)
        if self._untold and self._tables.hearing.silence_counts():
            self._tell()

    def _tell(self) -> None:
        """Tell who is silent."""
        kind = self._kind
        for row in (self._rows[key] for key in self._untold if key in self._rows):
            notices.fell_silent(self._tables, kind.one, kind.many, kind.name(row), row.liveness)
        self._untold.clear()

    def _stand(self, row: R, liveness: Liveness) -> None:
        before, row.liveness = row.liveness, liveness
        self._kind.stood(row, before)
