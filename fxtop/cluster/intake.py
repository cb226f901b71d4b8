"""What became of the messages that came in: taken, old, lost, rejected (protocol 1)."""

from __future__ import annotations

from collections import Counter, deque
from typing import Final, NamedTuple

from fxtop.clock import Clock
from fxtop.cluster.sequence import Sequence, Stream, Tally
from fxtop.protocol import subjects, text

REJECTED_KEPT: Final = 100
POOLED: Final = frozenset({"hb.transporter", "hb.license", "hb.store"})
"""Classes in which one agent may speak of several ids and numbers all of it in one sequence."""
OTHER: Final = "other"
"""The class of a message whose subject is none of the protocol's."""


class RejectedMessage(NamedTuple):
    """A message that changed nothing, as it is shown; all text is inert."""

    wall: float
    """Unix seconds by our clock."""
    subject: str
    reason: str
    detail: str


class Losses(NamedTuple):
    """What never came, or came too late, from one sender in one class."""

    sender: str
    kind: str
    lost: int
    old: int


class Intake:
    """The counters of the bus panel, and the order of every sender's messages."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._total = Tally()
        self._sequences: dict[str, Sequence] = {}
        self.rejected: Counter[tuple[str, str]] = Counter()
        """By reason and subject class; both come from small sets, whatever is sent."""
        self.last_rejected: deque[RejectedMessage] = deque(maxlen=REJECTED_KEPT)
        """Newest last."""

    @property
    def accepted(self) -> int:
        """Messages that were folded in."""
        return self._total.accepted

    @property
    def old(self) -> int:
        """Messages dropped because a newer one of the same sender was there before."""
        return self._total.old

    @property
    def lost(self) -> int:
        """Messages that never came, as gaps in ``seq`` tell."""
        return self._total.lost

    @property
    def rejected_total(self) -> int:
        """Messages that changed nothing because they were wrong, or too many."""
        return self.rejected.total()

    def sequence(self, kind: str) -> Sequence:
        """The order of the messages of one class."""
        known = self._sequences.get(kind)
        if known is None:
            known = self._sequences[kind] = Sequence(self._total, pooled=kind in POOLED)
        return known

    def accept(self) -> None:
        """Count a message of a class that is not numbered."""
        self._total.accepted += 1

    def reject(self, reason: str, subject: str, detail: str = "") -> None:
        """Count a message that changes nothing."""
        parsed = subjects.parse(subject)
        self.rejected[reason, parsed.kind if parsed else OTHER] += 1
        shown = text.inert(subject, text.NAME_BOUND)
        self.last_rejected.append(RejectedMessage(self._clock.now(), shown, reason, text.inert(detail)))

    def stream(self, sender: str, kind: str) -> Stream | None:
        """The counters of one sender and class: accepted, old, lost."""
        sequence = self._sequences.get(kind)
        return sequence.streams.get(sender) if sequence else None

    def losses(self) -> list[Losses]:
        """Every sender and class with lost or old messages, most lost first."""
        found = [
            Losses(sender, kind, stream.lost, stream.old)
            for kind, sequence in self._sequences.items()
            for sender, stream in sequence.streams.items()
            if stream.lost or stream.old
        ]
        return sorted(found, key=lambda loss: (-loss.lost, -loss.old, loss.sender, loss.kind))
