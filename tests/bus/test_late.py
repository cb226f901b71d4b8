"""A bus that loads its client when it is started is the same bus from then on."""

from __future__ import annotations

import asyncio
import threading

import pytest

from fxtop.bus.connection import NatsBus
from fxtop.bus.late import LateBus, load_client
from fxtop.bus.port import BusDown, BusPhase
from fxtop.bus.settings import BusSettings
from fxtop.clock import SystemClock
from tests.natskit import CLUSTER, WITHIN, Rack

NOWHERE = BusSettings(servers=("nats://ann:s3cret@127.0.0.1:9",))


async def test_it_hears_and_is_heard_once_it_was_started(rack: Rack) -> None:
    server = await rack.server()
    bus = LateBus(BusSettings(servers=(server.url,), cluster_subjects=("told.>",)), SystemClock(), CLUSTER)
    try:
        await bus.start()
        await bus.wait_connected(WITHIN)
        await bus.publish("told.now", b"here")
        while not (heard := bus.take()):
            assert await bus.wait_activity(WITHIN)
        assert [(message.subject, message.payload) for message in heard] == [("told.now", b"here")]
        assert bus.status.server == server.url
    finally:
        await bus.stop()
    assert bus.status.phase is BusPhase.STOPPED


async def test_before_the_start_it_is_connecting_and_sends_nothing() -> None:
    bus = LateBus(NOWHERE, SystemClock(), CLUSTER)
    assert (bus.status.phase, bus.status.servers) == (BusPhase.CONNECTING, ("nats://127.0.0.1:9",))
    assert not bus.status.broken
    assert bus.take() == []
    assert not await bus.wait_activity(0.0)
    for attempt in (bus.request("x", b""), bus.publish("x", b""), bus.gather("x"), bus.sync(), bus.subscribe("x")):
        with pytest.raises(BusDown, match="There is no connection to the bus yet"):
            await attempt


def test_settings_that_can_not_be_used_are_refused_at_once() -> None:
    with pytest.raises(ValueError, match="a server's URL has no host"):
        LateBus(BusSettings(servers=("nats://",)), SystemClock(), CLUSTER)


async def test_whoever_waits_for_a_connection_waits_for_the_client_too(rack: Rack) -> None:
    server = await rack.server()
    bus = LateBus(BusSettings(servers=(server.url,)), SystemClock(), CLUSTER)
    waiting = asyncio.create_task(bus.wait_connected(WITHIN))
    try:
        await bus.start()
        await waiting
        assert bus.status.connected
    finally:
        await bus.stop()


async def test_a_bus_that_is_stopped_while_it_loads_connects_to_nothing() -> None:
    loaded = threading.Event()

    def slowly() -> type[NatsBus]:
        loaded.wait(WITHIN)
        return load_client()

    bus = LateBus(NOWHERE, SystemClock(), CLUSTER, slowly)
    starting = asyncio.create_task(bus.start())
    await asyncio.sleep(0)
    await bus.stop()
    loaded.set()
    await starting
    with pytest.raises(BusDown):
        await bus.sync()
    assert bus.status.phase is BusPhase.STOPPED
