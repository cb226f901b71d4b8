"""Telling pools of seats apart, and giving each holder to one."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from fxtop.cluster.pools import keyed, shared_out
from fxtop.cluster.records import PoolKey
from fxtop.protocol.ids import LicenseId
from fxtop.protocol.license import Holder, Pool
from tests.unit.cluster import kit

LIC = LicenseId(kit.LICENSE)


def pool(**over: Any) -> Pool:
    return msgspec.convert(kit.pool(**over), Pool)


def holder(user: str = "ann", **over: Any) -> Holder:
    return msgspec.convert(kit.holder(user, "viz01", **over), Holder)


def number(key: PoolKey | None) -> str | None:
    return key.pool if key else None


def test_a_pool_is_named_by_its_number() -> None:
    assert [str(key) for key in keyed(LIC, [pool(pool=7)])] == ["5053@lic/starnet/fastx/5.0/7"]


def test_pools_without_a_number_are_counted_among_those_that_look_alike() -> None:
    pools = [pool(pool=None), pool(pool=None, product="advanced"), pool(pool=None)]
    assert [(key.product, key.pool) for key in keyed(LIC, pools)] == [("fastx", "1"), ("advanced", "1"), ("fastx", "2")]


@given(st.lists(st.sampled_from([None, 1, 2, "1", "1.2", "x"]), max_size=8))
def test_no_pool_is_lost_whatever_their_numbers_are(numbers: list[int | str | None]) -> None:
    pools = [pool(pool=each, inuse=i) for i, each in enumerate(numbers)]
    assert list(keyed(LIC, pools).values()) == pools


def test_a_holder_that_names_its_pool_is_in_it() -> None:
    pools = keyed(LIC, [pool(pool=1, inuse=5), pool(pool=2, inuse=5)])
    assert [number(key) for key, _ in shared_out(pools, [holder(pool=2)])] == ["2"]


def test_holders_that_name_no_pool_fill_the_look_alikes_up_to_what_is_in_use() -> None:
    pools = keyed(LIC, [pool(pool=1, inuse=2), pool(pool=2, inuse=3)])
    shared = shared_out(pools, [holder(seats=1), holder(seats=2), holder(seats=1), holder(seats=1)])
    assert [(number(key), each.seats) for key, each in shared] == [("1", 1), ("2", 2), ("1", 1), ("2", 1)]


def test_a_holder_of_more_seats_than_are_in_use_is_still_in_some_pool() -> None:
    pools = keyed(LIC, [pool(pool=1, inuse=0)])
    assert [number(key) for key, _ in shared_out(pools, [holder(seats=3)])] == ["1"]


def test_a_holder_of_another_product_is_in_no_pool_and_not_dropped() -> None:
    ((key, each),) = shared_out(keyed(LIC, [pool()]), [holder(product="other")])
    assert key is None
    assert each.user == "ann"
