from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.views.column import Unit
from fxtop.views.filter_values import EXAMPLES, Quantity, read_duration, read_quantity


def read(text: str, unit: Unit) -> Quantity:
    found = read_quantity(text, unit, UTC)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        ("90s", 90),
        ("10m", 600),
        ("1h30m", 5400),
        ("1.5h", 5400),
        ("2d", 172_800),
        ("1w", 604_800),
        ("5ms", 0.005),
    ],
)
def test_a_duration_is_seconds_or_has_units(text: str, seconds: float) -> None:
    assert read_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "soon", "10x", "m", "-5", "-10m", "1h 30m", "9" * 400])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert read_duration(text) is None


def test_what_is_written_is_equal_to_all_that_rounds_to_it() -> None:
    assert [share for share in (0.794, 0.795, 0.804, 0.805) if read("80%", "share").equals(share)] == [0.795, 0.804]
    assert read("8G", "bytes").equals(8.4 * 2**30)
    assert not read("8.0G", "bytes").equals(8.4 * 2**30)
    assert read("5k", "number").equals(5400)
    assert not read("5000", "number").equals(5001)
    assert read("-3s", "duration").equals(-3.2)


def test_a_date_is_its_whole_day_and_a_time_its_second() -> None:
    day, time = read("2026-11-22", "moment"), read("2026-11-22T12:00:00Z", "moment")
    assert day.equals(time.value)
    assert time.equals(time.value + 0.9)
    assert not time.equals(time.value + 1)


def test_a_sign_before_a_time_counts_from_now() -> None:
    assert read("+30d", "moment")[:1] == (30 * 86_400.0,)
    assert read("-2h", "moment").value == -7200
    assert read("-2h", "moment").scale == "offset"


@given(st.text("0123456789.%kKmMgGsShdwD+-:TZib ", max_size=12), st.sampled_from(list(EXAMPLES)))
def test_anything_is_a_finite_number_or_none(text: str, unit: Unit) -> None:
    found = read_quantity(text, unit, UTC)
    assert found is None or abs(found.value) < float("inf")
