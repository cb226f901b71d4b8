from __future__ import annotations

import pytest

from fxtop.actions.listening import note_connection
from fxtop.bus.port import BusPhase, BusStatus
from fxtop.cluster.store import Store
from tests.unit.actions.site import CLUSTER
from tests.unit.actions.still_clock import StillClock


@pytest.mark.parametrize(
    ("phase", "error", "deaf"),
    [
        (BusPhase.CONNECTING, None, False),
        (BusPhase.CONNECTING, "Nothing listens there.", True),
        (BusPhase.RECONNECTING, "It closed the connection.", True),
        (BusPhase.DOWN, "Nothing listens there.", True),
        (BusPhase.CONNECTED, "Something that is over.", False),
    ],
)
def test_the_store_knows_whether_the_bus_can_be_heard(phase: BusPhase, error: str | None, deaf: bool) -> None:
    store = Store(CLUSTER, StillClock())
    note_connection(store, BusStatus(phase, since=7.0, server_name="mgr1", last_error=error))
    assert (store.hearing.deaf_since is not None) is deaf
    assert store.hearing.why == (error if deaf else "")
