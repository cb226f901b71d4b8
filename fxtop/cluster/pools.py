"""Pools of licence seats: how they are told apart, and which holder belongs to which."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from fxtop.cluster.records import PoolKey, PoolRow, SeatState
from fxtop.protocol.ids import LicenseId
from fxtop.protocol.license import Holder, Pool

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
    candidates: defaultdict[tuple[str, str, str], list[PoolKey]] = defaultdict(list)
    for key in pools:
        candidates[key.isv, key.product, key.version].append(key)
    open_seats = {key: pool.inuse for key, pool in pools.items()}
    shared: Shared = []
    for holder in sorted(holders, key=lambda holder: holder.pool is None):
        alike = candidates.get((holder.isv, holder.product, holder.version), [])
        chosen = _named(alike, holder) or _first_with_room(alike, open_seats, holder)
        if chosen is not None:
            open_seats[chosen] -= holder.seats
        shared.append((chosen, holder))
    return shared


def _named(alike: Sequence[PoolKey], holder: Holder) -> PoolKey | None:
    if holder.pool is None:
        return None
    return next((key for key in alike if key.pool == str(holder.pool)), None)


def _first_with_room(alike: Sequence[PoolKey], open_seats: dict[PoolKey, int], holder: Holder) -> PoolKey | None:
    fitting = (key for key in alike if open_seats[key] >= holder.seats)
    return next(fitting, alike[0] if alike else None)


def is_full(pool: Pool) -> bool:
    """Whether a counted pool has no free seat."""
    return pool.kind == "counted" and pool.count is not None and 0 < pool.count <= pool.inuse


def ghost_seats(row: PoolRow) -> int:
    """Seats that are held without a session, as far as is known."""
    return sum(each.holder.seats for each in row.holders if each.state is SeatState.MISSING)
