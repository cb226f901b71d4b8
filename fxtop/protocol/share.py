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
    """``hb.store.<manager>``. What isn't known is null; ``note`` says why, and then no peers are known either."""

    manager: ManagerId
    path: str
    kind: Literal["mount", "syncthing", "none"]
    fstype: Name | None = None
    total: Count | None = None
    free: Count | None = None
    peers: list[Peer]
    need_bytes: Count | None = None
    errors: Count | None = None
    state: Name | None = None
    """What the program that shares it is doing, in its own word (syncthing: idle, syncing, error, paused …)."""
    conflicts: Count | None = None
    """Copies kept of files that were changed on two managers at once."""
    examples: list[str] = []
    """Some of the errors and conflicts, each with the file that it is about."""
    note: str | None = None
    """What couldn't be read and why, in sentences."""
    interval: Interval
