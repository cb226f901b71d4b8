"""A licence server (RLM) as an agent reads it (protocol 2)."""

from __future__ import annotations

from typing import Literal

from fxtop.protocol.ids import LicenseId
from fxtop.protocol.wire import Count, Interval, Name, Sent, Wire

PoolKind = Literal["counted", "uncounted", "unlimited", "token"]
DenialsOf = Literal["pool", "isv"]


class Isv(Wire, frozen=True, kw_only=True, gc=False):
    """A vendor daemon."""

    name: Name
    running: bool
    restarts: Count


class Pool(Wire, frozen=True, kw_only=True, gc=False):
    """A pool of seats. ``count`` is null where there is no numeric limit; ``expires`` null means permanent.

    ``denials_of`` is ``isv`` where the licence server counts denials for all pools of the ISV together: then
    ``denials_total`` adds up over them, and at which of them it stands tells nothing.
    """

    isv: Name
    product: Name
    version: Name
    pool: Name | Count | None = None
    count: Count | None = None
    reserved: Count
    inuse: Count
    expires: float | None = None
    kind: PoolKind
    checkouts_total: Count
    denials_total: Count
    denials_of: DenialsOf = "pool"


class Holder(Wire, frozen=True, kw_only=True, gc=False):
    """Somebody who holds seats; ``since`` is null where RLM's time without year or zone can't be resolved."""

    isv: Name
    product: Name
    version: Name
    pool: Name | Count | None = None
    user: Name
    host: Name
    seats: Count
    reserved: Count = 0
    since: float | None = None
    handle: Name | None = None
    note: str | None = None


class LicenseHeartbeat(Sent, frozen=True, kw_only=True, gc=False):
    """``hb.license.<server>``."""

    server: LicenseId
    reachable: bool
    error: str | None = None
    uptime: float | None = None
    interval: Interval
    isvs: list[Isv]
    pools: list[Pool]
    holders: list[Holder]
