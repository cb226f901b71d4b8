"""A NATS server as the agent beside it sees it (protocol 2)."""

from __future__ import annotations

from typing import Final, Literal

from fxtop.protocol.ids import ServerId
from fxtop.protocol.wire import Count, Interval, Name, Sent, Wire

COUNTED: Final = (
    "uptime",
    "connections",
    "total_connections",
    "subscriptions",
    "routes",
    "in_msgs",
    "out_msgs",
    "in_bytes",
    "out_bytes",
    "slow_consumers",
    "mem",
    "cpu",
)
"""The fields of a `TransporterHeartbeat` that only a server that answers can tell."""


class Route(Wire, frozen=True, kw_only=True, gc=False):
    """A route to another server; ``rtt`` in seconds, null when it was not measured yet."""

    remote_id: ServerId
    remote_name: Name
    rtt: float | None = None


class TransporterHeartbeat(Sent, frozen=True, kw_only=True, gc=False):
    """``hb.transporter.<server>``. The message and slow-consumer figures are counters since the server's start.

    Where ``via`` is ``info`` they are those of the agent's own account alone. A field that is named in ``unknown`` says
    nothing, whatever stands in it.
    """

    server: ServerId
    name: Name
    version: Name
    host: Name
    port: Count
    uptime: float
    connections: Count
    total_connections: Count
    subscriptions: Count
    routes: list[Route]
    configured_routes: Count | None = None
    in_msgs: Count
    out_msgs: Count
    in_bytes: Count
    out_bytes: Count
    slow_consumers: Count
    mem: Count | None = None
    cpu: float | None = None
    tls_required: bool
    cert_expires: float | None = None
    lame_duck: bool
    jetstream: bool
    via: Literal["http", "sys", "info"]
    unknown: list[Name] = []
    """Required fields above of which nothing is known."""
    beside: bool = True
    """Whether the agent is on the server's host; one with a system account may tell of others too."""
    config_loaded: float | None = None
    """When the server read its configuration."""
    config_changed: float | None = None
    """When the file of its configuration was changed, by the agent beside it."""
    interval: Interval

    def knows(self, field: str) -> bool:
        """Whether ``field`` says something."""
        return field not in self.unknown
