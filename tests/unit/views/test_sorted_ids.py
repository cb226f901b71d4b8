from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fxtop.views.order import SortKey
from fxtop.views.sorted_ids import FEW, SortedIds, with_inserted, without

numbers = st.integers(0, 99)
changes = st.dictionaries(numbers, st.none() | st.integers(0, 9), max_size=60)


def keyed(values: dict[int, int | None]) -> dict[int, SortKey | None]:
    return {id_: None if value is None else (value, "", id_) for id_, value in values.items()}


def listed(values: dict[int, int]) -> list[int]:
    return sorted(values, key=lambda id_: (values[id_], id_))


@given(st.dictionaries(numbers, st.integers(0, 9), max_size=100), st.lists(changes, max_size=5))
def test_it_is_always_in_order_whether_few_or_many_change(
    first: dict[int, int], course: list[dict[int, int | None]]
) -> None:
    ids: SortedIds[int] = SortedIds()
    expected = dict(first)
    ids.refill({id_: (value, "", id_) for id_, value in first.items()})
    for step in course:
        before = ids.ids
        differs = ids.update(keyed(step))
        expected |= {id_: value for id_, value in step.items() if value is not None}
        expected = {id_: value for id_, value in expected.items() if step.get(id_, 0) is not None}
        assert ids.ids == listed(expected)
        assert differs is (ids.ids != before)
        assert [ids.index(id_) for id_ in ids.ids] == list(range(len(expected)))


def test_one_change_among_many_is_found_without_going_through_all() -> None:
    ids: SortedIds[int] = SortedIds()
    ids.refill({id_: (id_, "", id_) for id_ in range(10 * FEW)})
    assert ids.update({3: (1000, "", 3), 4: None, 5: (5, "", 5)})
    assert ids.ids == [0, 1, 2, *range(5, 10 * FEW), 3]
    assert 4 not in ids


def test_items_are_taken_out_and_put_in_by_position() -> None:
    assert without([10, 11, 12, 13], [0, 2]) == [11, 13]
    assert without([10], []) == [10]
    assert with_inserted([10, 20], [0, 1, 1, 2], [5, 12, 14, 25]) == [5, 10, 12, 14, 20, 25]
