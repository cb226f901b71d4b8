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
        async with _burst(port):
            began = time.process_time()
            taken = 0
            while taken < COUNT:
                await bus.wait_activity(10)
                batch = bus.take()
                taken += len(batch)
                store.fold(batch)
            return COUNT / (time.process_time() - began)
    finally:
        await bus.stop()


async def through_nats_py(port: int) -> float:
    """Messages per second of CPU through a plain callback of nats-py, decoded by msgspec alone and kept in a dict."""
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    decode = msgspec.json.Decoder(Beat).decode
    kept: dict[str, Beat] = {}
    dirty: set[str] = set()
    taken = itertools.count(1)
    done = asyncio.Event()

    async def keep(msg: Msg) -> None:
        beat = decode(msg.data)
        kept[beat.node] = beat
        dirty.add(beat.node)
        if next(taken) == COUNT:
            done.set()

    await client.subscribe(SUBJECT, cb=keep, pending_msgs_limit=-1, pending_bytes_limit=-1)
    await client.flush()
    try:
        async with _burst(port):
            began = time.process_time()
            await done.wait()
            return COUNT / (time.process_time() - began)
    finally:
        await client.close()


@asynccontextmanager
async def _burst(port: int) -> AsyncIterator[None]:
    """Heartbeats of 10,000 nodes as fast as they go, from another process."""
    sender = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.bursts", str(port))
    try:
        yield
    finally:
        await sender.wait()


def send(port: int) -> None:
    """Be the other process."""
    site = Site(Size(10_000, 0, 0.0, 0, 1))
    said = b"".join(
        f"PUB {subject} {len(payload)}\r\n".encode() + payload + b"\r\n"
        for subject, payload in ((s, stamped(p)) for s, p in map(site.heartbeat, (n % 10_000 for n in range(COUNT))))
    )
    with socket.create_connection(("127.0.0.1", port)) as wire:
        wire.sendall(b'CONNECT {"verbose":false}\r\n' + said + b"PING\r\n")
        answer = b""
        while b"PONG" not in answer:
            answer += wire.recv(65536)


if __name__ == "__main__":
    send(int(sys.argv[1]))
