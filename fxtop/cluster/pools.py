"""Pools of licence seats: how they are told apart, and which holder belongs to which."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from itertools import islice
from typing import Final

from fxtop.cluster.records import PoolKey, PoolRow, SeatState
from fxtop.cluster.words import plural, pool_words
from fxtop.protocol.ids import LicenseId
from fxtop.protocol.license import Holder, Pool

LOOKED_AT: Final = 32
"""Pools with open seats in which room for a holder of several is looked for."""

Shared = list[tuple[PoolKey | None, Holder]]
"""Holders with their pools; None where no pool is of a holder's product."""


def keyed(license_: LicenseId, pools: Sequence[Pool]) -> dict[PoolKey, Pool]:
    """``pools`` by key: RLM's pool number where it is given, else the ordinal among pools that look alike.

    Product and version repeat among pools, and not every RLM version prints the number (facts: rlmstat).
    """
    found: dict[PoolKey, Pool] = {}
    alike: Counter[tuple[str, str, str]] = Counter()
    for pool in pools:
        looks = (pool.isv, pool.product, pool.version)
        alike[looks] += 1
        number = str(pool.pool) if pool.pool is not None else str(alike[looks])
        key = PoolKey(license_, *looks, number)
        if key in found:
            key = key._replace(pool=f"{number}.{alike[looks]}")
        found[key] = pool
    return found


def shared_out(pools: dict[PoolKey, Pool], holders: Sequence[Holder]) -> Shared:
    """Each holder with its pool.

    A holder that names no pool is counted towards the first look-alike whose seats in use are not all accounted for
    yet: the totals come out right, and more is not told.
    """
    groups: defaultdict[tuple[str, str, str], _Alike] = defaultdict(_Alike)
    for key, pool in pools.items():
        groups[key.isv, key.product, key.version].add(key, pool.inuse)
    shared: Shared = []
    for holder in sorted(holders, key=lambda holder: holder.pool is None):
        looks = (holder.isv, holder.product, holder.version)
        shared.append((groups[looks].take(holder) if looks in groups else None, holder))
    return shared


class _Alike:
    """Pools that only their numbers tell apart, with the seats in use that no holder accounts for yet.

    A pool of which all seats are accounted for is not looked at again, so that many pools and holders cost no more than
    their sum.
    """

    def __init__(self) -> None:
        self._open: dict[PoolKey, int] = {}
        self._by_number: dict[str, PoolKey] = {}
        self._waiting: deque[PoolKey] = deque()

    def add(self, key: PoolKey, inuse: int) -> None:
        """Add a pool."""
        self._open[key] = inuse
        self._by_number[key.pool] = key
        self._waiting.append(key)

    def take(self, holder: Holder) -> PoolKey:
        """The pool of ``holder``; the first one where none has room for it."""
        named = self._by_number.get(str(holder.pool)) if holder.pool is not None else None
        key = named or self._with_room(holder.seats) or next(iter(self._open))
        self._open[key] -= holder.seats
        return key

    def _with_room(self, seats: int) -> PoolKey | None:
        while self._waiting and self._open[self._waiting[0]] <= 0:
            self._waiting.popleft()
        return next((key for key in islice(self._waiting, LOOKED_AT) if self._open[key] >= seats), None)


def is_full(pool: Pool) -> bool:
    """Whether a counted pool has no free seat."""
    return pool.kind == "counted" and pool.count is not None and 0 < pool.count <= pool.inuse


def denied(key: PoolKey, pool: Pool, count: int) -> str:
    """``3 requests for fastx 5.0 …``; where the server counts for a whole ISV, it isn't known which pool was meant."""
    what = f"seats of {key.isv} at {key.server}" if pool.denials_of == "isv" else pool_words(key)
    return f"{plural(count, 'request')} for {what}"


def ghost_seats(row: PoolRow) -> int:
    """Seats that are held without a session, as far as is known."""
    return sum(each.holder.seats for each in row.holders if each.state is SeatState.MISSING)
