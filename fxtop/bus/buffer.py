"""Messages that came in and were not taken yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from fxtop.clock import Clock
from fxtop.protocol.inbound import Inbound

if TYPE_CHECKING:  # who makes settings needs no client
    from fxtop.bus.reader import Read

MAX_MESSAGES: Final = 500_000
MAX_BYTES: Final = 256 * 1024 * 1024
OVERHEAD: Final = 256
"""Bytes that a message takes beside its subject and payload, so that the bound holds for many small ones too."""
MOMENT: Final = 0.01
"""Seconds within which messages count as having come together. What is kept of them is then the same number, and not a
number each, which a row of each would hold on to."""


class Buffer:
    """A bounded buffer in order of arrival.

    When it is full the oldest messages make room and are counted: what is newest is truest, and heartbeats and
    snapshots tell again what was lost with the old ones. What is kept stays without a gap inside, so the reader finds
    the loss by the next ``seq``, and a snapshot whose beginning is gone counts as torn.
    """

    def __init__(
        self,
        clock: Clock,
        stir: Callable[[], None],
        max_messages: int = MAX_MESSAGES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._now = clock.monotonic
        self._stir = stir
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._items: deque[Inbound] = deque()
        self._bytes = 0
        self._moment = float("-inf")
        """When the messages came that came last."""
        self.dropped = 0
        """Messages that had to make room, or were too large for it."""

    def __len__(self) -> int:
        return len(self._items)

    def add(self, subject: str, payload: bytes, *, synced: bool = False) -> None:
        """Append a message; one that is ``synced`` under the subject it stands for."""
        size, items = len(payload) + len(subject) + OVERHEAD, self._items
        if len(items) >= self._max_messages or self._bytes + size > self._max_bytes:
            if size > self._max_bytes:
                self.dropped += 1
                return
            self._make_room(size)
        self._bytes += size
        items.append(Inbound(subject, payload, self._came(), synced))
        if len(items) == 1:
            self._stir()

    def extend(self, messages: Sequence[Read]) -> None:
        """Append publications that came together, whose headers mean nothing."""
        items, count = self._items, len(messages)
        size = sum([len(payload) + len(subject) for subject, payload, _ in messages]) + count * OVERHEAD
        if len(items) + count > self._max_messages or self._bytes + size > self._max_bytes:
            for subject, payload, _ in messages:
                self.add(subject, payload)
            return
        self._bytes += size
        at = self._came()
        items.extend([Inbound(subject, payload, at) for subject, payload, _ in messages])
        if len(items) == count > 0:
            self._stir()

    def take(self) -> list[Inbound]:
        """All messages in order, and forget them."""
        items = list(self._items)
        self._items.clear()
        self._bytes = 0
        return items

    def _came(self) -> float:
        """The moment that what comes now counts as having come at."""
        now = self._now()
        if now - self._moment >= MOMENT:
            self._moment = now
        return self._moment

    def _make_room(self, size: int) -> None:
        """Drop the oldest messages, until one more of ``size`` bytes fits."""
        while len(self._items) >= self._max_messages or self._bytes + size > self._max_bytes:
            oldest = self._items.popleft()
            self._bytes -= len(oldest.payload) + len(oldest.subject) + OVERHEAD
            self.dropped += 1
