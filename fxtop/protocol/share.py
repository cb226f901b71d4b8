"""The data a cluster manager shares with its peers (protocol 2, ``hb.store``)."""

from __future__ import annotations

from typing import Literal

from fxtop.protocol.ids import ManagerId
from fxtop.protocol.wire import Count, Interval, Name, Sent, Wire


class Peer(Wire, frozen=True, kw_only=True, gc=False):
    """Another manager that holds the same data; ``completion`` is a share."""

    id: Name
    name: Name
    connected: bool
    completion: float | None = None
    last_seen: float | None = None


class StoreHeartbeat(Sent, frozen=True, kw_only=True, gc=False):
    """``hb.store.<manager>``."""

    manager: ManagerId
    path: str
    kind: Literal["mount", "syncthing", "none"]
    fstype: Name | None = None
    total: Count | None = None
    free: Count | None = None
    peers: list[Peer]
    need_bytes: Count | None = None
    errors: Count | None = None
    interval: Interval
