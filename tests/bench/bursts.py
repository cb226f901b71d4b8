"""How many messages a second of CPU takes in, from the socket to the store; and nats-py's own way beside it."""

from __future__ import annotations

import asyncio
import itertools
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import nats
from nats.aio.msg import Msg

from fxtop.bus.connection import NatsBus
from fxtop.bus.settings import BusSettings
from fxtop.clock import SystemClock
from fxtop.cluster.store import Store
from fxtop.protocol.ids import ClusterSlug
from tests.bench.publisher import Site, Size, stamped

NODES: Final = 10_000
"""Each is known before what is measured begins: to make a row is a join's part, which has a figure of its own."""
COUNT: Final = 100_000
CLUSTER: Final = ClusterSlug("fastx")
SUBJECT: Final = "fxtop.fastx.hb.>"


class Beat(msgspec.Struct, gc=False):
    """A heartbeat as somebody would decode it who checks no more than its types."""

    v: int
    ts: float
    boot: str
    seq: int
    node: str
    interval: float
    state: str
    cpu: float
    load: tuple[float, float, float]
    cores: int
    mem_used: int
    mem_total: int
    sessions: dict[str, int]
    weight: float
    capacity: int
    uptime: float
    drain: dict[str, object] | None = None
    leaving: str = ""


async def through_fxtop(port: int) -> float:
    """Messages per second of CPU through the bus into the store."""
    clock = SystemClock()
    store = Store(CLUSTER, clock)
    bus = NatsBus(BusSettings(servers=(f"nats://127.0.0.1:{port}",), cluster_subjects=(SUBJECT,)), clock, CLUSTER)
    await bus.start()
    await bus.wait_connected(10)
    try:
        await _into(store, bus, port, 0, NODES)
        return COUNT / await _into(store, bus, port, NODES, COUNT)
    finally:
        await bus.stop()


async def _into(store: Store, bus: NatsBus, port: int, first: int, count: int) -> float:
    """Seconds of CPU until so many heartbeats are in the store."""
    async with _burst(port, first, count):
        began = time.process_time()
        while count > 0:
            await bus.wait_activity(10)
            batch = bus.take()
            count -= len(batch)
            store.fold(batch)
        return time.process_time() - began


async def through_nats_py(port: int) -> float:
    """Messages per second of CPU through a plain callback of nats-py, decoded by msgspec alone and kept in a dict."""
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    decode = msgspec.json.Decoder(Beat).decode
    kept: dict[str, Beat] = {}
    dirty: set[str] = set()
    taken = itertools.count(1)
    known, done = asyncio.Event(), asyncio.Event()

    async def keep(msg: Msg) -> None:
        beat = decode(msg.data)
        kept[beat.node] = beat
        dirty.add(beat.node)
        number = next(taken)
        if number == NODES:
            known.set()
        elif number == NODES + COUNT:
            done.set()

    await client.subscribe(SUBJECT, cb=keep, pending_msgs_limit=-1, pending_bytes_limit=-1)
    await client.flush()
    try:
        async with _burst(port, 0, NODES):
            await known.wait()
        async with _burst(port, NODES, COUNT):
            began = time.process_time()
            await done.wait()
            return COUNT / (time.process_time() - began)
    finally:
        await client.close()


@asynccontextmanager
async def _burst(port: int, first: int, count: int) -> AsyncIterator[None]:
    """So many heartbeats of all nodes in turn, as fast as they go, from another process."""
    sender = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.bursts", str(port), str(first), str(count)
    )
    try:
        yield
    finally:
        await sender.wait()


def send(port: int, first: int, count: int) -> None:
    """Be the other process, which goes on where ``first`` heartbeats were sent before."""
    site = Site(Size(NODES, 0, 0.0, 0, 1))
    told = (site.heartbeat(number % NODES) for number in range(first + count))
    said = b"".join(
        f"PUB {subject} {len(payload)}\r\n".encode() + payload + b"\r\n"
        for subject, payload in ((s, stamped(p)) for s, p in itertools.islice(told, first, None))
    )
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.sendall(b'CONNECT {"verbose":false}\r\n' + said + b"PING\r\n")
        answer = b""
        while b"PONG" not in answer:
            answer += wire.recv(65536)


if __name__ == "__main__":
    send(*map(int, sys.argv[1:]))
