"""Counters that only ever go up, made of RLM's, which an ISV server sets to nothing when it is started anew.

RLM counts checkouts by pool, but denials by ISV only. They are kept at one of the ISV's pools, so that the sum over its
pools is right: at a full one if there is any, and of several at that with the most checkouts. Which pool was asked for
is not known where there are several, and the heartbeat says so.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import msgspec

from fxtop.agent import durable
from fxtop.agent.rlm.report import PoolRow, Status
from fxtop.cluster.records import PoolKey

log = logging.getLogger(__name__)

T = TypeVar("T")

MAX_ISVS: Final = 256
MAX_POOLS: Final = 4096
"""Pools of one ISV that are remembered; of too many, those go that were not told of for longest."""
SLACK: Final = 5.0
"""Seconds by which start and uptime of a server may not fit together."""


class Totals(NamedTuple):
    """What was counted for a pool."""

    checkouts: int
    denials: int


class PoolTally(msgspec.Struct, kw_only=True):
    """How far a pool's checkouts were read, and what they and the denials amount to."""

    checkouts: int = 0
    checkouts_total: int = 0
    denials_total: int = 0


class IsvTally(msgspec.Struct, kw_only=True):
    """How far an ISV's denials were read, and in which of its lives."""

    denials: int = 0
    started: datetime | None = None
    uptime: float | None = None
    pools: dict[str, PoolTally] = msgspec.field(default_factory=dict)


class Tallies:
    """The counters of one licence server. ``path`` is the file that keeps them across the agent's restarts."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._isvs = _load(path) if path else {}
        self._saved = True

    def read(self, statuses: Sequence[Status], pools: Mapping[PoolKey, PoolRow]) -> dict[PoolKey, Totals]:
        """Take a reading; gives back the counters of ``pools`` as they stand now."""
        for status in statuses:
            self._live(self._isv(status.name), status)
        tallies = {key: self._checked_out(key, pool) for key, pool in pools.items()}
        for status in statuses:
            taker = _taker({key: pool for key, pool in pools.items() if pool.isv == status.name})
            if taker is not None and status.total.denials is not None:
                tallies[taker].denials_total += self._denied(self._isv(status.name), status.total.denials)
        return {key: Totals(tally.checkouts_total, tally.denials_total) for key, tally in tallies.items()}

    def save(self) -> None:
        """Put them on disk, if they changed. Blocks.

        Raises:
            StateError: that isn't possible.
        """
        if self._path is None or self._saved:
            return
        durable.replace(self._path, msgspec.json.encode(self._isvs))
        self._saved = True

    def _isv(self, name: str) -> IsvTally:
        return _kept(self._isvs, name, IsvTally, MAX_ISVS)

    def _live(self, isv: IsvTally, status: Status) -> None:
        """See whether the ISV server was started anew, and begins to count at nothing."""
        if _is_new_life(isv, status):
            isv.denials = 0
            for pool in isv.pools.values():
                pool.checkouts = 0
            self._saved = False
        isv.started, isv.uptime = status.started, status.uptime

    def _denied(self, isv: IsvTally, denials: int) -> int:
        """How many denials are new."""
        new = _growth(isv.denials, denials)
        self._saved = self._saved and isv.denials == denials
        isv.denials = denials
        return new

    def _checked_out(self, key: PoolKey, pool: PoolRow) -> PoolTally:
        name = f"{key.product}/{key.version}/{key.pool}"
        tally = _kept(self._isv(key.isv).pools, name, PoolTally, MAX_POOLS)
        if pool.checkouts is not None:
            tally.checkouts_total += _growth(tally.checkouts, pool.checkouts)
            self._saved = self._saved and tally.checkouts == pool.checkouts
            tally.checkouts = pool.checkouts
        return tally


def _kept(tallies: dict[str, T], name: str, kind: Callable[[], T], most: int) -> T:
    """The tally of that name, a new one if there is none, and from now on the youngest."""
    tally = tallies.pop(name, None) or kind()
    tallies[name] = tally
    if len(tallies) > most:
        del tallies[next(iter(tallies))]
    return tally


def _is_new_life(isv: IsvTally, status: Status) -> bool:
    """Whether it was started after it was last heard of.

    A start that moves by less is the same one, printed while summer time is another, or in another zone.
    """
    if status.started is None or isv.started is None:
        return status.uptime is not None and isv.uptime is not None and status.uptime < isv.uptime
    later = (status.started - isv.started).total_seconds()
    return later > 0 and later >= (isv.uptime or 0.0) - SLACK


def _growth(last: int, value: int) -> int:
    return value - last if value >= last else value


def _taker(pools: Mapping[PoolKey, PoolRow]) -> PoolKey | None:
    """The pool that the denials of its ISV are kept at."""
    return max(pools, key=lambda key: (_is_full(pools[key]), pools[key].checkouts or 0), default=None)


def _is_full(pool: PoolRow) -> bool:
    return pool.count is not None and 0 < pool.count <= pool.inuse


def _load(path: Path) -> dict[str, IsvTally]:
    """What was kept. If it can't be read, that is no reason to do without the licence server."""
    try:
        content = durable.read(path)
        return msgspec.json.decode(content, type=dict[str, IsvTally]) if content is not None else {}
    except durable.StateError as error:
        log.warning("%s Checkouts and denials are counted anew.", error)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        log.warning("%s Checkouts and denials are counted anew.", durable.damaged(path, error))
    return {}
