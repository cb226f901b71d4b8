"""The struct every message is built from, and the number types that the bus may carry.

All structs are frozen and outside the garbage collector's sight: they never form cycles.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A counter or a size in bytes. Bounded, so that no later arithmetic can overflow."""

Seconds = Annotated[float, msgspec.Meta(ge=0)]
"""A duration."""

Interval = Annotated[float, msgspec.Meta(ge=0.2, le=300)]
"""Seconds between two heartbeats of one sender (protocol 2)."""

Weight = Annotated[float, msgspec.Meta(ge=0, le=10)]
"""Placement weight (protocol 2)."""

Name = Annotated[str, msgspec.Meta(extra={"bound": 256})]
"""A name shown to people; longer ones are cut when they enter (protocol 1)."""


class Wire(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A part of a message."""


class Message(Wire, frozen=True, kw_only=True, gc=False):
    """A whole message of version 1; a message that doesn't say its version is rejected."""

    v: Literal[1]


class Timed(Message, frozen=True, kw_only=True, gc=False):
    """A message that says when it was sent, by the sender's clock."""

    ts: float


class Sent(Timed, frozen=True, kw_only=True, gc=False):
    """A message of a sender that counts: the common fields of protocol 1.

    ``ts`` is the sender's clock and is only used to show skew; ``boot`` is new at each start of the sender; ``seq``
    goes up by one for each message of that sender and subject class.
    """

    boot: str
    seq: Count
