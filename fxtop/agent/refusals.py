"""Telling of refusals without being drowned in them: the first few of a kind in full, all further ones as a sum.

Whoever reaches the bus can have an agent refuse something as often as he likes, and each refusal is a line on disk and
a message to everybody. So much is told in a minute of each kind (what was asked for, why it was refused, and whose key
it was where that is known), and so much of all that no listed key signed; the rest is counted, and the count told at
the minute's end.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, NamedTuple

from fxtop.agent.order import Order
from fxtop.agent.records import Records, Ruling
from fxtop.clock import Clock
from fxtop.protocol.control import Audit
from fxtop.protocol.ids import PublicKey, RequestId

PERIOD: Final = 60.0
"""Seconds over which refusals are counted."""
IN_FULL: Final = 5
"""Refusals of one kind that are told one by one in a period."""
OF_STRANGERS: Final = 30
"""Refusals of all who aren't listed, together, that are told one by one in a period."""
LATELY: Final = 900.0
"""Seconds for which whoever asks for this agent's state is told of a refusal."""
REPEATED: Final = 20
"""Records that he is told at most; the newest."""


class _Kind(NamedTuple):
    """``key`` is None for whoever isn't listed: keys can be invented, so they tell no kinds apart."""

    verb: str
    code: str
    key: PublicKey | None


@dataclass(slots=True)
class _Count:
    last: Order
    ruling: Ruling
    told: int = 0
    more: int = 0


class Refusals:
    """The refusals of one agent in the present period."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._counts: dict[_Kind, _Count] = {}
        self._strangers = 0
        self._began = clock.monotonic()
        self._told: deque[tuple[float, Audit]] = deque(maxlen=REPEATED)

    async def note(self, order: Order, ruling: Ruling, *, listed: bool) -> None:
        """Write down and publish that ``order`` was refused, or count it. ``listed``: a key on the list signed it."""
        if self._clock.monotonic() - self._began >= PERIOD:
            await self.flush()
        kind = _Kind(order.verb, ruling.code, order.key if listed else None)
        count = self._counts.setdefault(kind, _Count(order, ruling))
        count.last, count.ruling = order, ruling
        if count.told >= IN_FULL or (not listed and self._strangers >= OF_STRANGERS):
            count.more += 1
            return
        count.told += 1
        self._strangers += not listed
        self._keep(await self._records.note(order, ruling))

    async def repeat(self, inbox: str) -> None:
        """Tell one asker (protocol 3) of what was refused lately: he may not have been there to hear it."""
        oldest = self._clock.monotonic() - LATELY
        for at, audit in list(self._told):
            if at > oldest:
                await self._records.repeat(inbox, audit)

    async def flush(self) -> None:
        """End the period: tell how many were counted and not told."""
        counts, self._counts = self._counts, {}
        self._strangers, self._began = 0, self._clock.monotonic()
        for kind, count in counts.items():
            if count.more:
                self._keep(await self._records.sum_up(_anonymous(count.last, kind), count.ruling, count.more))

    def _keep(self, audit: Audit) -> None:
        self._told.append((self._clock.monotonic(), audit))


def _anonymous(last: Order, kind: _Kind) -> Order:
    """What all that were counted have in common; whatever else the last one said is its own."""
    operator = last.operator if kind.key is not None else ""
    return Order(request=RequestId(""), verb=kind.verb, operator=operator, key=kind.key)
