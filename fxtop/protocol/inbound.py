"""A message as it was taken off the bus, not yet looked at."""

from __future__ import annotations

import msgspec


class Inbound(msgspec.Struct, frozen=True, gc=False):
    """Bytes with the subject they stand for and the moment they came in.

    ``at`` is the receiver's monotonic clock in seconds. ``synced`` marks an answer to a `Sync`, whose ``subject`` is
    the one of its ``Fxtop-Subject`` header (protocol 3).
    """

    subject: str
    payload: bytes
    at: float
    synced: bool = False
