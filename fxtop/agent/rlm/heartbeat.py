"""From what ``rlmstat`` told to the parts of a licence server's heartbeat (protocol 2, ``hb.license``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo

import msgspec

from fxtop.agent.rlm.moments import last_second, since
from fxtop.agent.rlm.report import PoolRow, RlmServer, UsageRow
from fxtop.agent.rlm.tally import Tallies
from fxtop.agent.rlm.verdict import working
from fxtop.cluster.pools import keyed
from fxtop.protocol.ids import LicenseId
from fxtop.protocol.license import DenialsOf, Holder, Isv, Pool


def isvs(told: RlmServer) -> list[Isv]:
    """The ISV servers. Where the daemon's table is left out, nothing tells of restarts: 0."""
    restarts = {entry.name: entry.restarts for entry in told.isvs}
    return [Isv(name=name, running=works, restarts=restarts.get(name, 0)) for name, works in working(told).items()]


def pools(told: RlmServer, server: LicenseId, tallies: Tallies, zone: tzinfo) -> list[Pool]:
    """The pools with their counters, told apart as those who hear of them do; ``zone`` is the server's.

    RLM counts denials by ISV, so whose they are is only sure where the ISV has no other pool.
    """
    of_isv = Counter(row.isv for row in told.pools)
    found = [_pool(row, zone, "pool" if of_isv[row.isv] == 1 else "isv") for row in told.pools]
    keys = list(keyed(server, found))
    totals = tallies.read(told.statuses, dict(zip(keys, told.pools, strict=True)))
    return [
        msgspec.structs.replace(pool, checkouts_total=totals[key].checkouts, denials_total=totals[key].denials)
        for key, pool in zip(keys, found, strict=True)
    ]


def holders(usage: Sequence[UsageRow], now: float, zone: tzinfo) -> list[Holder]:
    """Those who hold seats at ``now``; RLM doesn't say of which pool."""
    return [
        Holder(
            isv=row.isv,
            product=row.product,
            version=row.version,
            user=row.user,
            host=row.host,
            seats=row.seats,
            reserved=row.reserved,
            since=since(row.at, now, zone),
            handle=row.handle,
            note=row.note,
        )
        for row in usage
    ]


def _pool(row: PoolRow, zone: tzinfo, denials_of: DenialsOf) -> Pool:
    return Pool(
        isv=row.isv,
        product=row.product,
        version=row.version,
        pool=row.pool,
        count=row.count,
        reserved=row.reserved,
        inuse=row.inuse,
        expires=None if row.expires is None else last_second(row.expires, zone),
        kind=row.kind,
        checkouts_total=0,
        denials_total=0,
        denials_of=denials_of,
    )
