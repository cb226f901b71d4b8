"""What a collector is: something that reads one thing beside the node, again and again."""

from __future__ import annotations

from typing import Literal, Protocol

from fxtop.protocol.license import LicenseHeartbeat
from fxtop.protocol.share import StoreHeartbeat
from fxtop.protocol.transporter import TransporterHeartbeat

WatchedClass = Literal["transporter", "license", "store"]
Reading = TransporterHeartbeat | LicenseHeartbeat | StoreHeartbeat
"""A heartbeat with an empty envelope (``ts``, ``boot``, ``seq``), which is filled in when it goes out."""


class CollectError(Exception):
    """Nothing could be read this time; the text is a sentence for the operator."""


class Collector(Protocol):
    """Reads a NATS server, a licence server or shared data."""

    @property
    def kind(self) -> WatchedClass:
        """The class of its heartbeats."""
        ...

    @property
    def interval(self) -> float:
        """Seconds between two readings."""
        ...

    async def read(self) -> Reading | tuple[Reading, ...]:
        """Read it now.

        A reading with another id than the one before means that this one isn't there any more. Of several readings,
        each of a server of its own, one may be missing for a while.

        What is known to be down is a reading that says so, where the protocol has a word for it.

        Raises:
            CollectError: there is nothing to tell; the age of the last reading tells the rest.
        """
        ...


def watched_id(reading: Reading) -> str:
    """The id that a reading is about, as in its subject."""
    if isinstance(reading, StoreHeartbeat):
        return reading.manager
    return reading.server
