"""The bus as an operator's machine sees it: whether it can be reached, what may be done, and whose clock is off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from fxtop.bus.port import Bus, BusError, BusPhase
from fxtop.clock import Clock
from fxtop.cluster.records import Severity
from fxtop.cluster.words import span
from fxtop.doctor.finding import Finding, NotChecked, Outcome
from fxtop.doctor.permissions import judge, read_permissions
from fxtop.protocol.ids import ClusterSlug

USER_INFO: Final = "$SYS.REQ.USER.INFO"
SKEWED: Final = 2.0
"""Seconds; less than that can be the way there and back."""
_WITHIN: Final = 5.0


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
        return [_down(str(error)), NotChecked("the bus's clock, and what this login may do there", "see bus-down")]
    server = bus.status.server_name or bus.status.server or "the server"
    at = clock.now()
    return [*judge(read_permissions(answer.payload), cluster, server), *_skew(answer.payload, at, server)]


async def _connect(bus: Bus, clock: Clock) -> None:
    """Return when connected; BusDown when each server was tried once, or not even that in time."""
    until = clock.monotonic() + _WITHIN
    while bus.status.phase is BusPhase.CONNECTING and (left := until - clock.monotonic()) > 0:
        await bus.wait_activity(left)
    await bus.wait_connected(0.0)


def _down(sentence: str) -> Finding:
    return Finding(
        severity=Severity.CRIT,
        kind="bus-down",
        subject="bus",
        text="the bus can't be used from here",
        evidence=(sentence,),
        consequence="the console shows nothing, and nothing can be sent",
        remedy="see the evidence; fxtop config show tells where the servers and the login come from",
    )


def _skew(payload: bytes, now: float, server: str) -> Iterator[Outcome]:
    time = _time(payload)
    if time is None:
        yield NotChecked("this machine's clock", f"{server} doesn't tell the time")
    elif abs(skew := now - time) >= SKEWED:
        yield Finding(
            severity=Severity.WARN,
            kind="clock-skew",
            subject="this machine",
            text=f"its clock is {span(abs(skew))} {'ahead of' if skew > 0 else 'behind'} that of {server}",
            evidence=(f"measured against {server}: {skew:+.1f} s",),
            consequence="requests expire by the clock of who gets them: yours may be refused",
            remedy="check the time synchronisation on both (chronyc tracking)",
        )


def _time(payload: bytes) -> float | None:
    try:
        moment = datetime.fromisoformat(msgspec.json.decode(payload, type=_Reply).server.time)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        return None
    return moment.timestamp() if moment.tzinfo else None
