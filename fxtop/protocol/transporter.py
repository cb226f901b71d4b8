"""A NATS server as the agent beside it sees it (protocol 2)."""

from __future__ import annotations

from typing import Literal

from fxtop.protocol.ids import ServerId
from fxtop.protocol.wire import Count, Interval, Name, Sent, Wire


class Route(Wire, frozen=True, kw_only=True, gc=False):
    """A route to another server; ``rtt`` in seconds, null when it was not measured yet."""

    remote_id: ServerId
    remote_name: Name
    rtt: float | None = None


class TransporterHeartbeat(Sent, frozen=True, kw_only=True, gc=False):
    """``hb.transporter.<server>``. The message and slow-consumer figures are counters since the server's start."""

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
    interval: Interval
