from __future__ import annotations

import gc
import weakref

from hypothesis import given
from hypothesis import strategies as st

from fxtop.views.order import SortKey
from fxtop.views.sorted_ids import CHUNK, FEW, SortedIds

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
    ids.refill(sorted((value, "", id_) for id_, value in first.items()))
    for step in course:
        before = list(ids.ids)
        differs = ids.update(keyed(step))
        expected |= {id_: value for id_, value in step.items() if value is not None}
        expected = {id_: value for id_, value in expected.items() if step.get(id_, 0) is not None}
        assert list(ids.ids) == listed(expected)
        assert differs or list(ids.ids) == before
        assert [ids.index(id_) for id_ in ids.ids] == list(range(len(expected)))


def test_one_change_among_many_is_made_where_it_belongs() -> None:
    ids: SortedIds[int] = SortedIds()
    ids.refill(sorted((id_, "", id_) for id_ in range(10 * FEW)))
    assert ids.update({3: (1000, "", 3), 4: None, 5: (5, "", 5)})
    assert list(ids.ids) == [0, 1, 2, *range(5, 10 * FEW), 3]
    assert 4 not in ids


@given(st.lists(st.integers(0, 6 * CHUNK), max_size=40), st.integers(0, 4 * CHUNK))
def test_many_chunks_are_one_list(moves: list[int], size: int) -> None:
    ids: SortedIds[int] = SortedIds()
    ids.refill(sorted((id_, "", id_) for id_ in range(size)))
    values = {id_: id_ for id_ in range(size)}
    for step, value in enumerate(moves):
        id_ = step * 37 % max(1, size + 3)
        values[id_] = value
        ids.update({id_: (value, "", id_)})
    expected = listed(values)
    assert list(ids.ids) == expected
    assert [ids.index(id_) for id_ in expected] == list(range(len(expected)))
    assert ids.ids[10:20] == expected[10:20]
    assert [ids.ids[place] for place in range(-len(expected), len(expected), 97)] == [
        expected[place] for place in range(-len(expected), len(expected), 97)
    ]


def test_a_list_can_be_gone_through_in_portions_while_it_changes() -> None:
    ids: SortedIds[int] = SortedIds()
    ids.refill(sorted((id_, "", id_) for id_ in range(3 * CHUNK)))
    portion = ids.after(None, CHUNK)
    assert [key[-1] for key in portion] == list(range(CHUNK))
    ids.update({CHUNK - 1: None, 5: None})
    assert [key[-1] for key in ids.after(portion[-1], 3)] == [CHUNK, CHUNK + 1, CHUNK + 2]
    assert ids.after(ids.after(None, 3 * CHUNK)[-1], 5) == []


def test_a_copy_goes_its_own_way() -> None:
    ids: SortedIds[int] = SortedIds()
    ids.refill(sorted((id_, "", id_) for id_ in range(3)))
    copy = ids.copy()
    ids.update({1: None})
    assert list(copy.ids) == [0, 1, 2]
    assert copy.update({1: (7, "", 1)})
    assert list(ids.ids) == [0, 2]


def test_a_list_that_nobody_needs_is_gone_without_the_garbage_collector() -> None:
    ids: SortedIds[int] = SortedIds()
    ids.refill([(1, "", 1)])
    assert list(ids.ids) == [1]
    gone = weakref.ref(ids)
    gc.disable()
    try:
        del ids
        assert gone() is None
    finally:
        gc.enable()
