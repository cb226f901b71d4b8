"""Floods: whatever is invented, and however much, memory stays within its bounds and what is known stays true."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from fxtop.protocol import subjects
from fxtop.protocol.ids import NodeId
from tests.unit.cluster.kit import CLUSTER, Site, body_of, holder, key, pool

LARGE = {str(i): "x" * 1_000 for i in range(8)}
"""Parameters or metadata of some 8 KB."""

Flood = Callable[[Site, int], object]
FLOODS: dict[str, Flood] = {
    "nodes": lambda site, i: site.beat(f"n{i}", boot="b" * 1_000),
    "facts": lambda site, i: site.facts(f"n{i}", metadata=LARGE, host=f"h{i}", config={f"f{i}": "0"}),
    "hosts of one node": lambda site, i: site.facts("viz01", host=f"h{i}", config={f"f{i}": "0"}),
    "links of one node": lambda site, i: site.facts("viz01", transporters=[{"server_id": f"S{i}", "name": "s"}]),
    "links": lambda site, i: site.facts(f"n{i % 50}", transporters=[{"server_id": f"S{i}", "name": "s"}]),
    "sessions": lambda site, i: site.session("viz01", f"s{i}", params=LARGE),
    "sessions of many nodes": lambda site, i: site.session(f"n{i}", f"s{i}", state="pending", created=1.0),
    "sessions that end": lambda site, i: site.session("viz01", f"s{i}", state="ended"),
    "sessions in a snapshot without an end": lambda site, i: site.snapshot("viz01", f"s{i}", part=1 + i, parts=90_000),
    "snapshots": lambda site, i: site.snapshot(f"n{i}", f"s{i}", parts=2),
    "transporters": lambda site, i: site.transporter(f"S{i}", routes=("S0",)),
    "transporters of one name": lambda site, i: site.transporter(f"S{i}", name="one"),
    "licence servers": lambda site, i: site.license(("ann", "viz01"), server=f"{i}@lic"),
    "pools": lambda site, i: site.license(pools=[pool(product=f"p{i}")]),
    "holders": lambda site, i: site.license((f"u{i}", f"h{i}")),
    "shares": lambda site, i: site.share(f"m{i}", path="x" * 1_000),
    "jobs": lambda site, i: site.progress(
        f"r{i}", items=[{"id": "s", "status": "running", "detail": "x" * 1_000}] * 20
    ),
    "jobs that ended": lambda site, i: site.progress(f"r{i}", "failed"),
    "audits": lambda site, i: site.audit(f"r{i}", args={"sessions": [f"s{j}" for j in range(40)]}),
    "refusals": lambda site, i: site.audit("", "refused", code=f"c{i}", source=f"n{i}"),
    "goodbyes": lambda site, i: site.bye("node", f"n{i}"),
    "boots": lambda site, i: site.beat("viz01", boot=f"b{i}"),
    "boots of one who watches licence servers": lambda site, i: site.license(boot=f"b{i}"),
    "intervals": lambda site, i: site.beat("viz01", interval=300.0 - i / 100),
    "subjects": lambda site, i: site.raw(f"fxtop.{CLUSTER}.bye.node.{i}.of.no.class", b"{}"),
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a test can reach."""
    for name, most in {
        "allowance.MOST_BYTES": 100_000,
        "herald.EVENTS_KEPT": 50,
        "jobs.MOST_SESSIONS": 20,
        "jobs.MOST_UNFINISHED": 50,
        "licenses.MAX_LICENSES": 20,
        "licenses.MAX_POOLS": 20,
        "links.MOST_SERVERS": 20,
        "nodes.MAX_NODES": 50,
        "sequence.BOOTS_REMEMBERED": 20,
        "sessions.MAX_ON_NODE": 40,
        "sessions.MAX_SESSIONS": 50,
        "shares.MAX_SHARES": 20,
        "shelf.KEPT": 20,
        "shelf.KEPT_FAILURES": 20,
        "snapshots.MOST_HELD": 50,
        "transporters.MAX_TRANSPORTERS": 20,
        "waits.SLACK": 20,
    }.items():
        monkeypatch.setattr(f"fxtop.cluster.{name}", most)


def forget_what_is_bounded_elsewhere(site: Site) -> None:
    """Caches of thousands of subjects, which a test doesn't fill, and the kit's own numbers."""
    subjects.token.cache_clear()
    site._seq.clear()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("flood", sorted(FLOODS))
def test_a_flood_that_goes_on_takes_no_more_memory(flood: str) -> None:
    site = Site()
    held: list[int] = []
    tracemalloc.start()
    try:
        for stretch in range(3):
            for i in range(300 * stretch, 300 * (stretch + 1)):
                FLOODS[flood](site, i)
            site.store.drain_dirty()
            forget_what_is_bounded_elsewhere(site)
            held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert held[2] - held[1] < 25_000, held  # one id that is kept of each message takes more


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("flood", sorted(FLOODS))
def test_what_is_known_stays_true_in_a_flood(flood: str) -> None:
    site = Site()
    site.beat("known", cpu=0.1)
    site.session("known", "s")
    for i in range(120):
        FLOODS[flood](site, i)
    site.beat("known", cpu=0.9)
    site.session("known", "s", state="disconnected")
    beat = site.store.nodes[NodeId("known")].beat
    assert beat is not None
    assert beat.cpu == 0.9
    assert site.store.sessions[key("known", "s")].body.state == "disconnected"


def grow(site: Site, size: int, node: str = "viz01") -> float | None:
    """Tell facts of about ``size`` bytes; what is known of them then."""
    site.facts(node, metadata={"a": "x" * 1_000, **{f"k{i}": "x" * 1_000 for i in range(size // 1_000)}})
    facts = site.store.nodes[NodeId(node)].facts
    return len(facts.metadata) if facts else None


def test_large_messages_are_refused_where_they_take_too_much_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.cluster.allowance.MOST_BYTES", 50_000)
    site = Site()
    assert grow(site, 40_000) == 41
    site.beat("viz02")
    assert grow(site, 40_000, "viz02") is None
    assert site.store.intake.rejected == {("full", "facts.node"): 1}
    assert "large messages" in site.store.intake.last_rejected[-1].detail


def test_a_known_row_may_always_shrink_and_what_it_leaves_is_free_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.cluster.allowance.MOST_BYTES", 50_000)
    site = Site()
    grow(site, 48_000)
    assert grow(site, 48_000) == 49
    assert grow(site, 90_000) == 49
    assert grow(site, 500) == 1
    assert site.store.allowance.total == 0
    site.beat("viz02")
    assert grow(site, 48_000, "viz02") == 49


@pytest.mark.parametrize("end", ["ended", "snapshot"])
def test_a_session_that_is_gone_leaves_its_room(end: str) -> None:
    site = Site()
    site.session("viz01", "s1", params=LARGE)
    assert site.store.allowance.total > 5_000
    if end == "ended":
        site.session("viz01", "s1", state="ended")
    else:
        site.snapshot("viz01")
    assert site.store.allowance.total == 0


def test_one_node_cannot_take_the_sessions_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.cluster.sessions.MAX_ON_NODE", 3)
    site = Site()
    site.snapshot("viz01", *(f"s{i}" for i in range(10)))
    site.session("viz02", "s1")
    assert len(site.sessions_of("viz01")) == 3
    assert site.sessions_of("viz02") == {"s1"}
    assert site.store.intake.rejected == {("full", "sessions"): 7}


def test_a_snapshot_of_many_parts_is_taken_whole() -> None:
    site = Site()
    site.session("viz01", "old")
    parts = 3_000
    site.together(lambda: [site.snapshot("viz01", f"s{i}", part=i, parts=parts) for i in range(1, parts + 1)])
    assert len(site.sessions_of("viz01")) == parts
    assert "old" not in site.sessions_of("viz01")


def test_many_pools_and_holders_that_look_alike_cost_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []

    class Counted(int):
        def __le__(self, other: int) -> bool:
            looked.append(1)
            return int(self) <= other

        def __ge__(self, other: int) -> bool:
            looked.append(1)
            return int(self) >= other

        def __sub__(self, other: int) -> Counted:
            return Counted(int(self) - other)

    from fxtop.cluster import pools

    add = pools._Alike.add
    monkeypatch.setattr(pools._Alike, "add", lambda self, key, inuse: add(self, key, Counted(inuse)))
    site = Site()

    def looks(n: int) -> int:
        looked.clear()
        site.license(
            pools=[pool(pool=i, inuse=0) for i in range(n)], holders=[holder(f"u{i}", "viz01") for i in range(n)]
        )
        return len(looked)

    assert looks(400) < 2.5 * looks(200)


def test_a_deadline_that_is_moved_again_and_again_stays_one() -> None:
    site = Site()
    for i in range(3_000):
        site.beat("viz01", interval=300.0 - i / 100)
    buckets = site.store._nodes.roster._watch._buckets
    assert sum(map(len, buckets.values())) == len(buckets) == 1
    site.wait(2_000.0)
    assert site.liveness("viz01") == "lost"


def test_a_row_of_the_kit_is_an_ordinary_one() -> None:
    site = Site()
    facts: list[dict[str, Any]] = [site.beat(), site.facts(), site.session(), site.snapshot("viz01", "s1", "s2")]
    assert len(facts) == 4
    assert site.store.allowance.total == 0
    assert body_of("viz01", "s1")["user"] == "ann"
