"""Which cells changed just now."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)

FLASH_SECONDS: Final = 1.5
"""How long a changed value stays emphasised: long enough to be found, short enough not to hide the next change."""


class Flashes(Generic[K]):
    """Changed cells by row, each with the moment its emphasis ends. Seconds are monotonic."""

    def __init__(self, seconds: float = FLASH_SECONDS) -> None:
        self.seconds = seconds
        """How long a change that comes from now on stays emphasised; 0 for not at all."""
        self._until: dict[K, dict[str, float]] = {}

    def __bool__(self) -> bool:
        return bool(self._until)

    def light(self, row_id: K, columns: frozenset[str], now: float) -> None:
        """Emphasise ``columns`` of a row from ``now``."""
        if columns and self.seconds > 0:
            self._until.setdefault(row_id, {}).update(dict.fromkeys(columns, now + self.seconds))

    def of(self, row_id: K) -> frozenset[str]:
        """The columns of a row that are emphasised."""
        return frozenset(self._until.get(row_id, ()))

    def fade(self, now: float) -> None:
        """End the emphasis of what changed too long ago."""
        for row_id, columns in list(self._until.items()):
            left = {column: until for column, until in columns.items() if until > now}
            if left:
                self._until[row_id] = left
            else:
                del self._until[row_id]

    def remaining(self, now: float) -> float:
        """Seconds until the next emphasis ends; only asked while there is one."""
        return min(until for columns in self._until.values() for until in columns.values()) - now

    def clear(self) -> None:
        """End all."""
        self._until.clear()
