from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from fxtop.views.buckets import PER_BUCKET, Buckets


@given(st.lists(st.integers(), unique=True, max_size=20 * PER_BUCKET), st.integers(1, 5))
def test_bucket_by_bucket_all_keys_come_in_order_whatever_the_sample(numbers: list[int], step: int) -> None:
    keys = [(number, "", number) for number in numbers]
    buckets = Buckets(keys[::step])
    buckets.add(keys[: len(keys) // 2])
    buckets.add(keys[len(keys) // 2 :])
    assert list(chain.from_iterable(buckets.sorted())) == sorted(keys)


def test_no_bucket_holds_much_more_than_its_share() -> None:
    keys = [(number, "", number) for number in range(100 * PER_BUCKET)]
    buckets = Buckets(keys[::5])
    buckets.add(keys)
    assert max(map(len, buckets.sorted())) <= 2 * 5 * PER_BUCKET
