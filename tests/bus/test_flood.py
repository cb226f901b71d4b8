"""A burst that nobody reads in time, over a real server: what is newest stays, and the rest is counted."""

from __future__ import annotations

from fxtop.cluster.store import Store
from fxtop.protocol.ids import NodeId
from tests.bench.ingest import heartbeat
from tests.natskit import CLUSTER, BusPark, Rack, RawClient, until
from tests.unit.cluster.kit import HandClock

KEPT = 500
BURST = 5_000


async def test_in_a_burst_the_newest_is_kept_and_the_rest_is_counted(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",), most_waiting=KEPT)
    client = await RawClient.connect(server)
    told = [heartbeat(f"flood{i}", 1, 0.0) for i in range(BURST)] + [heartbeat("true", 96, 0.0)]
    await client.send(
        b"".join(
            b"PUB fxtop.test.hb.node.%b %d\r\n%b\r\n"
            % (each.subject.rpartition(".")[2].encode(), len(each.payload), each.payload)
            for each in told
        )
    )
    await until(bus, lambda: bus.status.in_msgs == BURST + 1)
    store = Store(CLUSTER, HandClock())
    store.fold(bus.take())
    assert bus.status.dropped == BURST + 1 - KEPT
    assert len(store.nodes) == KEPT
    beat = store.nodes[NodeId("true")].beat
    assert beat is not None
    assert beat.cpu == 0.01 * 96
    assert bus.status.connected
    await client.close()
