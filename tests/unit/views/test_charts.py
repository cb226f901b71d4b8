from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.views.charts import bar, sparkline


def test_a_sparkline_shows_the_newest_reading_on_the_right() -> None:
    assert sparkline([0.0, 0.5, 1.0], 3, top=1.0) == "▁▅█"


def test_no_reading_is_a_blank_and_zero_is_a_mark() -> None:
    assert sparkline([0.0], 3, top=1.0) == "  ▁"
    assert sparkline([], 3) == "   "


def test_a_sparkline_keeps_only_what_fits() -> None:
    assert sparkline([1.0, 0.0, 0.0], 2, top=1.0) == "▁▁"


def test_without_a_top_the_largest_value_is_the_highest_mark() -> None:
    assert sparkline([0.0, 40.0, 80.0], 3) == "▁▅█"


def test_a_gap_in_the_readings_stays_a_gap() -> None:
    assert sparkline([1.0, math.nan, 1.0], 3, top=1.0) == "█ █"


def test_ascii_has_its_own_marks() -> None:
    assert sparkline([0.0, 0.5, 1.0], 3, top=1.0, ascii=True) == "_=#"


@given(st.lists(st.floats()), st.integers(0, 20), st.booleans())
def test_any_readings_make_a_line_of_the_asked_width(values: list[float], width: int, ascii_: bool) -> None:
    line = sparkline(values, width, ascii=ascii_)
    assert len(line) == width
    assert line.isascii() or not ascii_


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "░░░░"),
        (0.001, "█░░░"),
        (0.5, "██░░"),
        (0.999, "███░"),
        (1.0, "████"),
        (1.2, "███▶"),
        (None, "    "),
    ],
)
def test_a_bar_never_lies_at_its_ends(share: float | None, text: str) -> None:
    assert bar(share, 4) == text


def test_an_ascii_bar_tells_over_full_from_full() -> None:
    assert bar(1.0, 4, ascii=True) == "####"
    assert bar(1.5, 4, ascii=True) == "###>"
    assert bar(0.5, 4, ascii=True) == "##.."


@given(st.floats(allow_nan=False), st.integers(0, 30))
def test_any_share_makes_a_bar_of_the_asked_width(share: float, width: int) -> None:
    assert len(bar(share, width)) == width
