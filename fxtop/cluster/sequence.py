"""What order messages came in: the sender's ``boot`` and ``seq`` (protocol 1).

A message of the current boot whose ``seq`` is not newer is old. A gap counts as lost messages. An answer to a sync
repeats the last published ``seq`` with the present content, so there an equal ``seq`` is taken.
"""

from __future__ import annotations

import sys
from enum import Enum
from typing import Final

BOOTS_REMEMBERED: Final = 4096
"""Senders whose numbering is followed across several ids; bounds what a flood of invented boots can hold."""

RIVAL_FOR: Final = 20
"""Messages after which a boot that spoke last is thought to be the only one again."""


class Order(Enum):
    """Where a message stands among those of its sender and class."""

    OLD = "old"
    FIRST = "first"
    NEXT = "next"
    AGAIN = "again"
    """A sync's answer with a ``seq`` that is known already."""
    RESTARTED = "restarted"
    """The first one of a new boot."""
    RIVAL = "rival"
    """The first one of a boot that was thought to be over: two senders use one id."""


OLD: Final = Order.OLD
FIRST: Final = Order.FIRST
NEXT: Final = Order.NEXT
AGAIN: Final = Order.AGAIN
RESTARTED: Final = Order.RESTARTED
RIVAL: Final = Order.RIVAL
"""The members by themselves: every message is asked for its order several times, and in Python 3.11 finding a member on
its class takes longer than decoding a field."""


class Tally:
    """How many messages were taken, came too late, or never came."""

    __slots__ = ("accepted", "lost", "old")

    def __init__(self) -> None:
        self.accepted = 0
        self.old = 0
        self.lost = 0


class Stream(Tally):
    """The messages of one sender and class, with the last number seen."""

    __slots__ = ("before", "boot", "rival_at", "seq", "ts")

    def __init__(self, boot: str, seq: int, ts: float) -> None:
        super().__init__()
        self.boot = sys.intern(boot)  # the sender's streams of all classes have the same
        self.seq = seq
        self.ts = ts
        self.before: str | None = None
        """The boot before this one."""
        self.rival_at: int | None = None
        """How many messages were taken when a boot that was thought to be over spoke again."""

    @property
    def contested(self) -> bool:
        """Whether two senders use this id at present."""
        return self.rival_at is not None and self.accepted - self.rival_at < RIVAL_FOR


class Sequence:
    """The streams of one subject class, by sender.

    Where one sender numbers its messages about several ids in one sequence (``pooled``: an agent that watches two
    licence servers), gaps are measured within the boot and not within the id.
    """

    def __init__(self, total: Tally, *, pooled: bool = False) -> None:
        self.streams: dict[str, Stream] = {}
        self._total = total
        self._newest: dict[str, int] | None = {} if pooled else None
        self._rivals: set[str] = set()

    def admit(self, sender: str, boot: str, seq: int, ts: float, synced: bool = False, until: int = -1) -> Order:
        """Judge and count a message, and remember it unless it is old.

        Args:
            sender: the id that the message speaks of.
            boot: as sent.
            seq: as sent.
            ts: as sent; compared with the same sender's earlier ``ts`` only.
            synced: whether it answers a sync.
            until: the last ``seq`` of the set that the message is a part of, where it is not alone.
        """
        stream, total = self.streams.get(sender), self._total
        if stream is None:
            stream = self.streams[sender] = Stream(boot, seq, ts)
            order = FIRST
            self._missing(boot, seq, seq)
        elif boot != stream.boot:
            order = self._restart(sender, stream, boot, seq, ts)
        elif seq > stream.seq:
            order = NEXT
            if seq > stream.seq + 1 or self._newest is not None:
                self._lose(stream, self._missing(boot, stream.seq, seq))
            stream.seq = seq
        else:
            order = AGAIN if synced and (seq == stream.seq or until >= stream.seq) else OLD
        if order is OLD:
            stream.old += 1
            total.old += 1
        else:
            stream.ts = ts
            stream.accepted += 1
            total.accepted += 1
        return order

    def forget(self, sender: str) -> None:
        """Let go of a sender whose id will not be used again."""
        self.streams.pop(sender, None)
        self._rivals.discard(sender)

    def is_past(self, sender: str, boot: str) -> bool:
        """Whether ``boot`` is known to have ended: a newer one was heard after it."""
        stream = self.streams.get(sender)
        return stream is not None and stream.before == boot

    def contested(self) -> list[str]:
        """The ids that two senders use at present."""
        return sorted(sender for sender in self._rivals if self.streams[sender].contested)

    def _restart(self, sender: str, stream: Stream, boot: str, seq: int, ts: float) -> Order:
        """A new boot, a straggler of the one before it, or that one still going on."""
        rival = boot == stream.before
        if rival and ts < stream.ts:
            return OLD
        stream.before, stream.boot, stream.seq = stream.boot, sys.intern(boot), seq
        self._missing(boot, seq, seq)
        if not rival:
            return RESTARTED
        stream.rival_at = stream.accepted
        self._rivals.add(sender)
        return RIVAL

    def _missing(self, boot: str, known: int, seq: int) -> int:
        """How many messages are missing between the ``known`` number and ``seq``."""
        if self._newest is None:
            return max(0, seq - known - 1)
        newest = self._newest.pop(boot, seq)
        self._newest[boot] = max(newest, seq)
        if len(self._newest) > BOOTS_REMEMBERED:
            del self._newest[next(iter(self._newest))]
        return max(0, seq - newest - 1)

    def _lose(self, stream: Stream, missing: int) -> None:
        stream.lost += missing
        self._total.lost += missing
