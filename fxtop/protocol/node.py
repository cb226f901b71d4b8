"""What a node says of itself: the heartbeat and the facts (protocol 2)."""

from __future__ import annotations

from typing import Literal

import msgspec

from fxtop.protocol.ids import NodeId, ServerId
from fxtop.protocol.wire import Count, Interval, Name, Sent, Weight, Wire

NodeState = Literal["active", "draining", "drained"]


class Drain(Wire, frozen=True, kw_only=True, gc=False):
    """Who drains a node and why."""

    by: Name
    reason: str
    ticket: Name | None = None
    since: float
    deadline: float | None = None


class SessionCounts(Wire, frozen=True, kw_only=True, gc=False):
    """Sessions on a node; ``running`` are connected or of unknown connection."""

    pending: Count
    running: Count
    disconnected: Count

    @property
    def total(self) -> int:
        """All of them."""
        return self.pending + self.running + self.disconnected


class Load(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True, gc=False):
    """Load averages of 1, 5 and 15 minutes; on the bus an array of three."""

    # No tuple: the garbage collector would look at each of the 2,000 that a large cluster sends in a second.
    one: float
    five: float
    fifteen: float


class NodeHeartbeat(Sent, frozen=True, kw_only=True, gc=False):
    """``hb.node.<node>``, every ``interval`` seconds."""

    node: NodeId
    interval: Interval
    state: NodeState
    drain: Drain | None = None
    cpu: float
    load: Load
    cores: Count
    mem_used: Count
    mem_total: Count
    sessions: SessionCounts
    weight: Weight = 1.0
    capacity: Count | None = None
    uptime: float
    leaving: Name = ""
    """The request that is being decided and would have the node take no more sessions; optional, beside protocol 2."""


class Unit(Wire, frozen=True, kw_only=True, gc=False):
    """A systemd unit and its active state, as systemd names it."""

    name: Name
    active: Name


class Directory(Wire, frozen=True, kw_only=True, gc=False):
    """One of FastX's four directories; sizes are null where the path can't be read, and ``note`` says why.

    Inodes are null too where the file system doesn't count them.
    """

    name: Name
    path: str
    fstype: Name | None = None
    total: Count | None = None
    free: Count | None = None
    inodes: Count | None = None
    inodes_free: Count | None = None
    network: bool | None = None
    note: str | None = None


class TransporterLink(Wire, frozen=True, kw_only=True, gc=False):
    """A NATS server that a node is connected to."""

    server_id: ServerId
    name: Name


class NodeFacts(Sent, frozen=True, kw_only=True, gc=False):
    """``facts.node.<node>``: what changes rarely.

    ``notes`` are sentences by what they are about: a source that could not be read, a left-over without effect. What a
    source tells is not known where a note bears its name: ``config`` or ``units``, or ``config/FastX.conf`` for a part.
    ``withheld`` are files of which ``config`` holds no digest, since they hold secrets.
    """

    node: NodeId
    host: Name
    services: list[Name]
    versions: dict[str, str]
    units: list[Unit]
    dirs: list[Directory]
    config: dict[str, str]
    transporters: list[TransporterLink]
    metadata: dict[str, str]
    provider: Name
    notes: dict[str, str] = {}
    withheld: list[Name] = []
