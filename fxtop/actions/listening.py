"""What the store must know of the connection that it is fed from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxtop.bus.port import BusStatus

if TYPE_CHECKING:
    from fxtop.cluster.store import Store


def note_connection(store: Store, status: BusStatus) -> None:
    """Let ``store`` know whether the bus can be heard: without a connection nobody's silence tells anything."""
    if status.connected:
        store.hearing.regain(status.server_name or status.server or "a server")
    elif status.broken:
        store.hearing.lose(status.since, status.last_error or "")
