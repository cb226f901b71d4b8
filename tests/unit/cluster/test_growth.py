"""A cluster that is twice as large takes twice the work to join, and no more."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from fxtop.cluster.records import SeatState
from fxtop.protocol.ids import ServerId
from fxtop.protocol.inbound import Inbound
from tests.unit.cluster.kit import LICENSE, HandClock, body_of, holder, pool
from tests.unit.cluster.test_consistency import Recorder

BATCH = 5
"""Messages that are folded in together."""


def calls(act: Callable[[], object]) -> int:
    """Functions that are called meanwhile, those of C too."""
    called = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal called
        called += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return called


def joining(nodes: int, *, license_first: bool) -> tuple[int, Recorder]:
    """The work of folding in a cluster in which each node has a session that holds a seat."""
    site = Recorder(HandClock())
    names = [f"viz{number:03d}" for number in range(nodes)]
    seats = {"holders": [holder("ann", name) for name in names], "pools": [pool(inuse=nodes)]}
    site.transporter("S1")
    if license_first:
        site.license(server=LICENSE, **seats)
    for name in names:
        site.facts(name, host=f"{name}.example.edu", transporters=[{"server_id": "S1", "name": "mgr"}])
        site.beat(name)
        site.snapshot(name, body_of(name, "s1"))
    if not license_first:
        site.license(server=LICENSE, **seats)
    messages = [Inbound(*each, site.clock.monotonic()) for each in site.kept]

    def fold() -> None:
        for at in range(0, len(messages), BATCH):
            site.store.fold(messages[at : at + BATCH])

    return calls(fold), site


@pytest.mark.parametrize("license_first", [True, False])
def test_twice_the_nodes_are_twice_the_work(license_first: bool) -> None:
    once, twice, four_times = (joining(nodes, license_first=license_first)[0] for nodes in (20, 40, 80))
    assert twice < 2.2 * once
    assert four_times < 2.2 * twice


@pytest.mark.parametrize("license_first", [True, False])
def test_all_seats_are_joined_whoever_speaks_first(license_first: bool) -> None:
    _, site = joining(20, license_first=license_first)
    assert {row.seat for row in site.store.sessions.values()} == {SeatState.HELD}
    assert len(site.store.transporters[ServerId("S1")].nodes) == 20
