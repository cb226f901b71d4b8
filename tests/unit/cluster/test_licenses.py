"""Licence servers and their pools."""

from __future__ import annotations

import pytest

from fxtop.cluster.records import Liveness, PoolKey, PoolRow
from fxtop.protocol.ids import LicenseId
from tests.unit.cluster.kit import LICENSE, Site, pool

LIC = LicenseId(LICENSE)
KEY = PoolKey(LIC, "starnet", "fastx", "5.0", "1")


def the_pool(site: Site) -> PoolRow:
    return site.store.pools[KEY]


def test_a_heartbeat_makes_the_server_and_its_pools() -> None:
    site = Site()
    site.license(("ann", "viz01"))
    assert site.store.licenses[LIC].pools == [KEY]
    assert the_pool(site).pool.inuse == 1
    assert [each.holder.user for each in the_pool(site).holders] == ["ann"]
    dirty = site.store.drain_dirty()
    assert (dirty.licenses, dirty.pools) == ({LIC}, {KEY})


def test_a_pool_that_is_not_told_of_any_more_is_gone() -> None:
    site = Site()
    site.license(pools=[pool(pool=1), pool(pool=2)])
    site.license(pools=[pool(pool=1)])
    assert set(site.store.pools) == {KEY}
    assert KEY._replace(pool="2") in site.store.drain_dirty().pools


def test_the_seats_in_use_have_a_history() -> None:
    site = Site()
    for inuse in (3, 7, 5):
        site.wait(30.0)
        site.license(pools=[pool(inuse=inuse)])
    used = the_pool(site).used
    assert used is not None
    assert used.values() == [3.0, 7.0, 5.0]


def test_denials_count_from_when_the_console_started_and_survive_a_reset() -> None:
    site = Site()
    seen = []
    for denials in (40, 41, 41, 2):
        site.license(pools=[pool(denials_total=denials)])
        seen.append(the_pool(site).denials)
    assert seen == [0, 1, 1, 3]
    assert site.told == [
        "1 request for fastx 5.0 (pool 1) at 5053@lic was denied.",
        "2 requests for fastx 5.0 (pool 1) at 5053@lic were denied.",
    ]


def test_a_pool_that_runs_full_and_has_seats_again_is_told_once_each() -> None:
    site = Site()
    for inuse in (19, 20, 21, 20, 19):
        site.license(pools=[pool(count=20, inuse=inuse)])
    assert site.told == [
        "fastx 5.0 (pool 1) at 5053@lic is full: 20 of 20 seats are in use.",
        "fastx 5.0 (pool 1) at 5053@lic has free seats again.",
    ]


def test_a_pool_without_a_limit_is_never_full() -> None:
    site = Site()
    site.license(pools=[pool(kind="unlimited", count=None, inuse=999), pool(pool=2, kind="token", count=0, inuse=3)])
    assert site.told == []


def test_an_unreachable_server_keeps_the_numbers_that_were_read_last_and_they_grow_old() -> None:
    site = Site()
    site.license(("ann", "viz01"))
    site.wait(30.0)
    site.license(reachable=False, error="Error connecting to rlm server", pools=[], isvs=[])
    row = site.store.licenses[LIC]
    assert (row.liveness, site.store.age(row)) == (Liveness.LIVE, 0.0)
    assert the_pool(site).pool.inuse == 1
    assert site.store.age(the_pool(site)) == 30.0
    assert site.told == ["Licence server 5053@lic can't be reached: Error connecting to rlm server."]
    site.license(("ann", "viz01"))
    assert site.store.age(the_pool(site)) == 0.0
    assert site.said("Licence server 5053@lic can be reached again.")


def test_a_vendor_daemon_that_goes_down_is_told() -> None:
    site = Site()
    up, down = ([{"name": "starnet", "running": running, "restarts": 0}] for running in (True, False))
    for isvs in (up, down, down, up):
        site.license(isvs=isvs)
    assert site.told == [
        "The licence daemon starnet at 5053@lic is down.",
        "The licence daemon starnet at 5053@lic runs again.",
    ]


def test_pools_share_the_liveness_of_their_server() -> None:
    site = Site()
    site.license(interval=10.0)
    site.store.drain_dirty()
    site.wait(60.0)
    assert the_pool(site).liveness is Liveness.LOST
    assert site.store.drain_dirty().pools == {KEY}
    site.license(interval=10.0)
    assert site.store.pools[KEY].liveness.value == "live"


def test_pools_beyond_the_bound_are_refused_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.cluster.licenses.MAX_POOLS", 2)
    site = Site()
    site.license(pools=[pool(pool=i) for i in range(5)])
    assert len(site.store.pools) == 2
    assert site.store.licenses[LIC].pools == list(site.store.pools)
    assert site.store.intake.rejected == {("full", "hb.license"): 3}
