"""What large messages may take up together.

The number of rows is bounded, and a row of an ordinary message is small. But a message may have 256 KiB, so the bound
on rows alone would let a flood of large ones take hundreds of times the memory. What a message has beyond an ordinary
size is therefore counted, as long as its row lives, and refused where it is too much in all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from typing import Final

from fxtop.cluster.intake import Intake

ORDINARY: Final = 2_048
"""Bytes of a message that aren't counted. Heartbeats have some 600, sessions 400, facts 2,000."""
MOST_BYTES: Final = 128 * 1024 * 1024
"""Bytes beyond the ordinary ones of all rows together. In the store they take about three times as much."""


class Allowance:
    """Bytes beyond the ordinary, by the kind of message and by what its row is found by."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._held: defaultdict[str, dict[Hashable, int]] = defaultdict(dict)
        self.total = 0
        """Bytes that are held now."""

    def beyond(self, kind: str) -> Mapping[Hashable, int]:
        """Who holds how many bytes more than the ordinary for messages of class ``kind``; it follows what changes.

        An ordinary message of somebody who isn't in there needs no asking.
        """
        return self._held[kind]

    def takes(self, kind: str, key: Hashable, size: int, subject: str) -> bool:
        """Whether a row may hold a message of ``size`` bytes in place of its last one; counts it as rejected if not.

        What grows no larger is always taken, so that known rows stay true.
        """
        held = self._held[kind]
        before = held.get(key, 0)
        now = max(0, size - ORDINARY)
        if now > before and self.total + now - before > MOST_BYTES:
            self._intake.reject("full", subject, f"large messages take {self.total} bytes, one of {size} is not taken")
            return False
        if now:
            held[key] = now
        else:
            held.pop(key, None)
        self.total += now - before
        return True

    def release(self, kind: str, key: Hashable) -> None:
        """A row is gone."""
        self.total -= self._held[kind].pop(key, 0)
