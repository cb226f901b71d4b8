"""What any machine can be held to: bytes to the terminal, ratios to a peer in the same run, memory that is allocated.

The limits are wide, since others may use the machine meanwhile. `python -m tests.bench` holds the narrow ones.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from fxtop.clock import SystemClock
from fxtop.cluster.store import Store
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.inbound import Inbound
from tests.bench.bursts import through_fxtop, through_nats_py
from tests.bench.figures import FIGURES
from tests.bench.publisher import CLUSTER, Message, Site, Size, stamped
from tests.bench.stage import Pty, console, nats_server, publisher
from tests.bench.starting import empty_start, fxtop_start

NODES: Final = 2_000
SESSIONS: Final = 20_000
LOOK: Final = 6.0
"""Seconds of one look, in which each visible node is heard at least once."""
LIMITS: Final = {figure.id: figure.limit for figure in FIGURES}
START: Final = 3.5
"""Times the CPU of an empty Textual application."""
SESSION_BYTES: Final = 1_000
"""Of Python's memory for one session, with its share of indexes and of its node."""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with nats_server(tmp_path_factory.mktemp("server")) as port:
        yield port


@pytest.fixture(scope="module")
def terminal(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pty]:
    """The console on a busy bus, with everything joined."""
    with (
        publisher(port, nodes=NODES, sessions=SESSIONS),
        console(port, tmp_path_factory.mktemp("home")) as terminal,
    ):
        terminal.displays(rf"Nodes {NODES}\b")
        time.sleep(LOOK)  # for the sessions, and what a start has to do once
        yield terminal


def test_bytes_when_nothing_changes_keep_their_limit(port: int, tmp_path: Path) -> None:
    with console(port, tmp_path) as terminal:
        terminal.shows("bus connected")
        time.sleep(2)
        assert 0 < terminal.rates(LOOK)[1] < LIMITS["bytes_still"]


def test_bytes_of_a_busy_cluster_in_stable_order_keep_their_limit(terminal: Pty) -> None:
    assert LIMITS["bytes_still"] < terminal.rates(LOOK)[1] < LIMITS["bytes"]


def test_cpu_of_a_busy_cluster_is_below_that_of_a_data_table_with_nodes_only(
    port: int, terminal: Pty, tmp_path: Path
) -> None:
    peer = Pty([sys.executable, "-m", "tests.bench.plain_console", str(port)], tmp_path)
    try:
        peer.displays(rf"Nodes {NODES}\b")
        before = (terminal.cpu, peer.cpu)
        time.sleep(LOOK)
        after = (terminal.cpu, peer.cpu)
    finally:
        peer.close()
    ours, theirs = (end - start for start, end in zip(before, after, strict=True))
    assert ours < 1.2 * theirs


def test_bytes_of_a_busy_cluster_sorted_by_load_keep_their_limit(terminal: Pty) -> None:
    terminal.type(":sort cpu\r")
    time.sleep(1)
    assert terminal.rates(LOOK)[1] < LIMITS["bytes_hot"]


def test_messages_cost_less_than_through_the_clients_own_callback(port: int) -> None:
    # In turn, and the best of three: on shared cores either may happen to run beside whoever sends.
    ratios = [asyncio.run(through_fxtop(port)) / asyncio.run(through_nats_py(port)) for _ in range(3)]
    assert max(ratios) > 0.6, ratios


def test_a_start_costs_no_more_than_a_few_empty_applications(tmp_path: Path) -> None:
    ours = min(fxtop_start(tmp_path).cpu for _ in range(3))
    theirs = min(empty_start(tmp_path).cpu for _ in range(3))
    assert ours < START * theirs


def test_a_session_takes_little_memory() -> None:
    site = Site(Size(NODES // 2, SESSIONS // 2, 0.0, 0, 3))
    filled(site)  # what the process keeps for good: subjects seen, and its table of shared texts, which grows by leaps
    tracemalloc.start()
    try:
        store = filled(site)
        gc.collect()
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(store.sessions) == SESSIONS // 2
    assert used / len(store.sessions) < SESSION_BYTES


def filled(site: Site) -> Store:
    """A store that was told all of a site."""
    store, clock = Store(ClusterSlug(CLUSTER), SystemClock()), SystemClock()
    for node in range(site.size.nodes):
        store.fold([_inbound(clock, message) for message in site.lasting(node)])
    store.drain_dirty()
    return store


def test_heartbeats_of_known_nodes_leave_nothing_behind() -> None:
    store, clock = Store(ClusterSlug(CLUSTER), SystemClock()), SystemClock()
    site = Site(Size(100, 0, 0.0, 0, 3))

    def round_of_heartbeats() -> None:
        store.fold([_inbound(clock, site.heartbeat(node)) for node in range(100)])
        store.drain_dirty()

    for _ in range(400):  # until each history is full
        round_of_heartbeats()
    before = sys.getallocatedblocks()
    for _ in range(50):
        round_of_heartbeats()
    assert sys.getallocatedblocks() - before < 500


def _inbound(clock: SystemClock, message: Message) -> Inbound:
    subject, payload = message
    return Inbound(subject, stamped(payload), clock.monotonic(), synced=True)
