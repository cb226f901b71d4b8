"""The bus as an operator's machine sees it: whether it can be reached, what may be done, and whose clock is off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from fxtop.bus.port import Bus, BusError, BusPhase
from fxtop.clock import Clock
from fxtop.cluster.census import SKEW_SHOWN
from fxtop.cluster.rules import troubles
from fxtop.doctor.finding import NotChecked, Outcome
from fxtop.doctor.permissions import judge, read_permissions
from fxtop.protocol.ids import ClusterSlug

USER_INFO: Final = "$SYS.REQ.USER.INFO"
_WITHIN: Final = 5.0
_DOWN: Final = "see the evidence; fxtop config show tells where the servers and the login come from"


class _Header(msgspec.Struct):
    name: str = ""
    time: str = ""


class _Reply(msgspec.Struct):
    server: _Header


async def ask_bus(bus: Bus, clock: Clock, cluster: ClusterSlug) -> list[Outcome]:
    """What an operator's login meets on ``bus``, which is started. Nothing is sent to any agent."""
    try:
        await _connect(bus, clock)
        answer = await bus.request(USER_INFO, b"")
    except BusError as error:
        down = troubles.bus_down("the bus can't be used from here", (str(error),), _DOWN)
        return [down, NotChecked("the bus's clock, and what this login may do there", "see bus-down")]
    server = bus.status.server_name or bus.status.server or "the server"
    at = clock.now()
    return [*judge(read_permissions(answer.payload), cluster, server), *_skew(answer.payload, at, server)]


async def _connect(bus: Bus, clock: Clock) -> None:
    """Return when connected; BusDown when each server was tried once, or not even that in time."""
    until = clock.monotonic() + _WITHIN
    while bus.status.phase is BusPhase.CONNECTING and (left := until - clock.monotonic()) > 0:
        await bus.wait_activity(left)
    await bus.wait_connected(0.0)


def _skew(payload: bytes, now: float, server: str) -> Iterator[Outcome]:
    time = _time(payload)
    if time is None:
        yield NotChecked("this machine's clock", f"{server} doesn't tell the time")
    elif abs(skew := now - time) >= SKEW_SHOWN:
        seen = (f"measured against {server}: {skew:+.1f} s",)
        yield troubles.clock_skew("this machine", "this machine", skew, f"that of {server}", evidence=seen)


def _time(payload: bytes) -> float | None:
    try:
        moment = datetime.fromisoformat(msgspec.json.decode(payload, type=_Reply).server.time)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return None
    return moment.timestamp() if moment.tzinfo else None
