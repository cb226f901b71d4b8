"""Messages that came in and were not taken yet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fxtop.clock import Clock
from fxtop.protocol.inbound import Inbound

MAX_MESSAGES: Final = 500_000
MAX_BYTES: Final = 256 * 1024 * 1024


class Buffer:
    """A bounded buffer in order of arrival.

    When it is full the newest message is dropped and counted: what is kept stays without a gap inside, so the reader
    finds the loss once, by the next ``seq``, and an ``ended`` or a snapshot that was kept is not torn.
    """

    def __init__(
        self,
        clock: Clock,
        stir: Callable[[], None],
        max_messages: int = MAX_MESSAGES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._clock = clock
        self._stir = stir
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._items: list[Inbound] = []
        self._bytes = 0
        self.dropped = 0
        """Messages that found no room."""

    def __len__(self) -> int:
        return len(self._items)

    def add(self, subject: str, payload: bytes) -> None:
        """Append a publication."""
        self._append(subject, payload, False)

    def add_synced(self, subject: str, payload: bytes) -> None:
        """Append an answer to a sync under the subject it stands for."""
        self._append(subject, payload, True)

    def take(self) -> list[Inbound]:
        """All messages in order, and forget them."""
        items, self._items, self._bytes = self._items, [], 0
        return items

    def _append(self, subject: str, payload: bytes, synced: bool) -> None:
        size = len(payload) + len(subject)
        if len(self._items) >= self._max_messages or self._bytes + size > self._max_bytes:
            self.dropped += 1
            return
        self._items.append(Inbound(subject, payload, self._clock.monotonic(), synced))
        self._bytes += size
        if len(self._items) == 1:
            self._stir()
