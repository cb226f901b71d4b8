"""Asking brokers who they are: the only thing that fxtop ever says on FastX's own bus, and only where it may.

A broker answers a DISCOVER with its INFO, on a subject of the asker's, and keeps nothing of the asker. A HEARTBEAT or
an INFO of ours would make us a node of the mesh, and an INFO under a broker's own id would stop that broker (Moleculer
0.14 and 0.15): neither exists here.
"""

from __future__ import annotations

import logging
import re
import secrets
import socket
from dataclasses import dataclass
from typing import Final

import msgspec

from fxtop.bus.port import Bus, BusError
from fxtop.clock import Clock

log = logging.getLogger(__name__)

ALL_AGAIN_AFTER: Final = 30.0
"""Seconds between two questions to all brokers, however often the connection is lost."""
ONE_AGAIN_AFTER: Final = 5.0
"""Seconds until a broker that did not answer is asked by itself."""
MOST_TRIES: Final = 3
MOST_ASKED: Final = 20_000
MOST_MESHES: Final = 32
"""Pairs of namespace and version; whoever invents more doesn't make us ask more."""

_TOKENS: Final = re.compile(r"[^\s.*>]+(?:\.[^\s.*>]+)*")
"""What can stand in a subject without meaning more than itself."""
_VERSION: Final = re.compile(r"[0-9]{1,3}")


class Discover(msgspec.Struct, frozen=True):
    """``DISCOVER``. Brokers ignore one of another version than their own."""

    ver: str
    sender: str


@dataclass(slots=True)
class _Asked:
    """When somebody was asked last, and how often."""

    at: float
    times: int = 1


def observer_id() -> str:
    """A sender that no broker has: ``fxtop-<host>-<random>``."""
    host = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:40] or "host"
    return f"fxtop-{host}-{secrets.token_hex(5)}"


class Discovery:
    """Asks all brokers of a namespace when it is first heard, and later those that did not answer, one by one."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self.sender = observer_id()
        self._bus = bus
        self._clock = clock
        self._connection: float | None = None
        self._all: dict[tuple[str, str], float] = {}
        self._due: set[tuple[str, str]] = set()
        self._one: dict[tuple[str, str], _Asked] = {}
        self._answered: set[str] = set()

    def answered(self, prefix: str) -> None:
        """Brokers of ``prefix`` answer us; where none does, as where we may not ask, nobody is asked by itself."""
        self._answered.add(prefix)

    async def heard(self, prefix: str, version: str, broker: str, *, informed: bool) -> None:
        """Ask what there is to be asked, now that ``broker`` was heard to speak ``version``."""
        if self._bus.status.since != self._connection:
            self._connection = self._bus.status.since
            self._due = set(self._all)
        now = self._clock.monotonic()
        if self._all_are_due(prefix, version, now):
            await self._ask_all(prefix, version, now)
        elif not informed and prefix in self._answered:
            await self._ask_one(prefix, version, broker, now)

    def _all_are_due(self, prefix: str, version: str, now: float) -> bool:
        last = self._all.get((prefix, version))
        if last is None:
            return len(self._all) < MOST_MESHES and _VERSION.fullmatch(version) is not None
        return (prefix, version) in self._due and now >= last + ALL_AGAIN_AFTER

    async def _ask_all(self, prefix: str, version: str, now: float) -> None:
        if await self._say(f"{prefix}.DISCOVER", version):
            self._all[prefix, version] = now
            self._due.discard((prefix, version))

    async def _ask_one(self, prefix: str, version: str, broker: str, now: float) -> None:
        asked = self._one.get((prefix, broker))
        last = asked.at if asked else self._all.get((prefix, version), now)
        if now < last + ONE_AGAIN_AFTER or not _TOKENS.fullmatch(broker):
            return
        if (asked and asked.times >= MOST_TRIES) or len(self._one) >= MOST_ASKED:
            return
        if await self._say(f"{prefix}.DISCOVER.{broker}", version):
            self._one[prefix, broker] = _Asked(now, asked.times + 1 if asked else 1)

    async def _say(self, subject: str, version: str) -> bool:
        try:
            await self._bus.publish(subject, msgspec.json.encode(Discover(version, self.sender)))
        except BusError as error:
            log.info("the brokers were not asked who they are: %s", error)
            return False
        return True
