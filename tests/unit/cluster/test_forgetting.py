"""A node that is gone for good is forgotten in the end, and nothing of it stays behind."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fxtop.cluster.forgetting import LEFT_KEPT, LOST_KEPT
from fxtop.cluster.records import Liveness
from tests.bench.containers import sizes
from tests.unit.cluster.kit import Site, pool

LOST_AFTER = 30.0
OF_ALL = (
    "Store.allowance._held",
    "Store.census.drains.counts",
    "Store.census.nodes.counts",
    "Store.census.sessions.counts",
    "Store.herald",
    "Store.sharing",
)
"""What is kept of all nodes together, by kinds and states, or is bounded by itself."""


def tell(site: Site, node: str) -> None:
    """All that a node can be known by."""
    site.facts(
        node,
        metadata={"rack": node},
        config={"FastX.conf": node},
        versions={"fastx": node},
        transporters=[{"server_id": f"S-{node}", "name": "mgr"}],
        notes={"leftovers/x": node},
        units=[{"name": "fastx5.service", "active": "failed"}],
        dirs=[{"name": name, "path": f"/{node}", "network": True} for name in ("FX_LOCAL_DIR", "FX_TEMP_DIR")],
    )
    site.beat(node, state="draining", ts=site.clock.now() + 100.0)
    site.snapshot(node, "s1", {"id": "s2", "state": "pending", "created": 1.0})
    site.session(node, "s3", params={"k": "x" * 5_000})


def leave(site: Site) -> None:
    site.bye("node", "gone")
    site.wait(LEFT_KEPT)


def fall_silent(site: Site) -> None:
    site.wait(LOST_AFTER)
    site.wait(LOST_KEPT)


@pytest.mark.parametrize("go", [leave, fall_silent])
def test_nothing_is_kept_of_a_node_that_is_forgotten(go: Callable[[Site], None]) -> None:
    site = Site()
    site.license(("ann", "gone"), pools=[pool()])
    known = sizes(site.store)
    tell(site, "gone")
    assert len([path for path, size in sizes(site.store).items() if size > known.get(path, 0)]) > 20
    go(site)
    assert not site.store.nodes
    assert not site.store.sessions
    site.store.drain_dirty()
    grown = {path: size for path, size in sizes(site.store).items() if size > known.get(path, 0)}
    assert not {path: size for path, size in grown.items() if not path.startswith(OF_ALL)}


@pytest.mark.parametrize(("say", "kept"), [("bye", LEFT_KEPT), ("nothing", LOST_KEPT)])
def test_until_then_it_is_shown(say: str, kept: float) -> None:
    site = Site()
    tell(site, "gone")
    if say == "bye":
        site.bye("node", "gone")
    else:
        site.wait(LOST_AFTER)
    site.wait(kept - 1.0)
    assert site.liveness("gone") is (Liveness.LEFT if say == "bye" else Liveness.LOST)
    assert len(site.store.sessions) == 3
    site.wait(1.0)
    assert not site.store.nodes


def test_one_that_came_back_is_kept_from_when_it_went_again() -> None:
    site = Site()
    site.beat("gone")
    site.bye("node", "gone")
    site.wait(LEFT_KEPT / 2)
    site.beat("gone")
    site.bye("node", "gone")
    site.wait(LEFT_KEPT / 2)
    assert site.liveness("gone") is Liveness.LEFT
    site.wait(LEFT_KEPT / 2)
    assert not site.store.nodes


def test_who_could_not_hear_forgets_nobody() -> None:
    site = Site()
    site.beat("gone")
    site.store.hearing.lose(site.clock.monotonic(), "The server is down.")
    site.wait(LOST_AFTER)
    site.wait(2 * LOST_KEPT)
    assert site.liveness("gone") is Liveness.LOST
    site.store.hearing.regain("mgr1")
    site.beat("gone")
    site.wait(60.0)
    assert "gone" in site.store.nodes


def test_a_forgotten_node_that_speaks_again_is_a_new_one() -> None:
    site = Site()
    tell(site, "gone")
    leave(site)
    tell(site, "gone")
    assert site.liveness("gone") is Liveness.LIVE
    assert len(site.store.sessions) == 3
