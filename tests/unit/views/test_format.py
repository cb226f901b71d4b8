from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.views import format as fmt
from fxtop.views.column import Look

NOON = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC).timestamp()
LOOK = Look(now=NOON)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.9, "0s"),
        (59.9, "59s"),
        (60, "1m00s"),
        (252, "4m12s"),
        (599, "9m59s"),
        (600, "10m"),
        (3599, "59m"),
        (3600, "1h00m"),
        (35_999, "9h59m"),
        (36_000, "10h"),
        (86_400, "1d00h"),
        (9 * 86_400, "9d00h"),
        (10 * 86_400, "10d"),
        (999 * 86_400, "999d"),
        (1000 * 86_400, "2y"),
        (1e300, ">999y"),
        (-5, "0s"),
    ],
)
def test_a_duration_is_short_and_loses_detail_as_it_grows(seconds: float, text: str) -> None:
    assert fmt.duration(seconds) == text


@given(numbers)
def test_no_number_widens_a_column(value: float) -> None:
    assert len(fmt.duration(value)) <= 5
    assert len(fmt.size(value)) <= 5
    assert len(fmt.number(value)) <= 5
    assert len(fmt.decimal(value)) <= 5
    assert len(fmt.percent(value)) <= 5
    assert len(fmt.latency(value)) <= 6
    assert len(fmt.offset(value)) <= 6
    assert len(fmt.clock_time(value, LOOK)) <= 8


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 seconds"),
        (1, "1 second"),
        (252, "4 minutes 12 seconds"),
        (3600, "1 hour"),
        (3605, "1 hour"),
        (3 * 86_400 + 4, "3 days"),
        (86_400 + 3_600, "1 day 1 hour"),
        (1e300, "over 999 years"),
    ],
)
def test_a_spoken_duration_names_the_two_largest_units_that_stand_next_to_each_other(seconds: float, text: str) -> None:
    assert fmt.spoken_duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0B"),
        (1023, "1023B"),
        (1024, "1.0K"),
        (10 * 1024, "10K"),
        (1023 * 1024, "1023K"),
        (8 * 1024**3, "8.0G"),
        (1024**2 - 1, "1.0M"),
        (2**63, "8.0E"),
    ],
)
def test_a_size_counts_in_powers_of_1024(count: int, text: str) -> None:
    assert fmt.size(count) == text


@pytest.mark.parametrize(("count", "text"), [(1, "1 byte"), (812, "812 bytes"), (1_288_490_189, "1.2 GiB")])
def test_a_spoken_size_names_the_binary_unit(count: int, text: str) -> None:
    assert fmt.spoken_size(count) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (9999, "9999"), (10_000, "10.0k"), (123_456, "123k"), (999_600, "1.0M"), (-3, "-3"), (-1e9, "<-9k")],
)
def test_a_count_is_exact_while_it_fits(value: float, text: str) -> None:
    assert fmt.number(value) == text


@pytest.mark.parametrize(("value", "text"), [(0.421, "0.42"), (12.34, "12.3"), (123.4, "123"), (-1.5, "-1.50")])
def test_a_load_keeps_the_digits_that_matter(value: float, text: str) -> None:
    assert fmt.decimal(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0%"),
        (0.001, "<1%"),
        (0.42, "42%"),
        (0.996, "99%"),
        (1.0, "100%"),
        (1.25, "125%"),
        (50.0, ">999%"),
    ],
)
def test_only_what_is_full_is_called_full_and_only_nothing_nothing(share: float, text: str) -> None:
    assert fmt.percent(share) == text


@pytest.mark.parametrize(("seconds", "text"), [(0.0004, "0.4ms"), (0.012, "12ms"), (1.23, "1.2s"), (75, "1m15s")])
def test_a_latency_is_told_in_milliseconds_first(seconds: float, text: str) -> None:
    assert fmt.latency(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(3.21, "+3.2s"), (-252, "-4m12s"), (0.0, "+0.0s")])
def test_an_offset_always_has_a_sign(seconds: float, text: str) -> None:
    assert fmt.offset(seconds) == text


def test_a_moment_names_its_zone() -> None:
    assert fmt.moment(NOON, LOOK) == "2026-11-22 12:00:00 UTC"
    assert fmt.moment(NOON, Look(now=NOON, tz=ZoneInfo("Europe/Berlin"))) == "2026-11-22 13:00:00 CET"
    assert fmt.moment(NOON, Look(now=NOON, tz=timezone(timedelta(hours=-3)))) == "2026-11-22 09:00:00 UTC-03:00"


def test_a_moment_stands_beside_its_distance_from_now() -> None:
    assert fmt.moment_ago(NOON - 252, LOOK) == "2026-11-22 11:55:48 UTC, 4 minutes 12 seconds ago"
    assert fmt.moment_ago(NOON + 3600, LOOK) == "2026-11-22 13:00:00 UTC, in 1 hour"


def test_today_shows_the_time_of_day_and_other_days_their_date() -> None:
    assert fmt.clock_time(NOON, LOOK) == "12:00:00"
    assert fmt.clock_time(NOON - 86_400, LOOK) == "11-21"
    assert fmt.clock_time(NOON - 400 * 86_400, LOOK) == "2025-10"


@given(numbers)
def test_a_moment_outside_the_calendar_is_said_to_be_so(at: float) -> None:
    assert fmt.moment(at, LOOK)
    assert fmt.moment_ago(at, LOOK)


def test_a_moment_that_no_calendar_has_is_out_of_range() -> None:
    assert fmt.moment(1e300, LOOK) == "out of range"


def test_unknown_is_never_a_zero() -> None:
    assert fmt.unknown(Look()) == "–"
    assert fmt.unknown(Look(ascii=True)) == "?"


@pytest.mark.parametrize(("count", "text"), [(0, "0 nodes"), (1, "1 node"), (2, "2 nodes")])
def test_a_noun_follows_its_number(count: int, text: str) -> None:
    assert fmt.plural(count, "node") == text


def test_an_irregular_plural_is_given() -> None:
    assert fmt.plural(2, "entry", "entries") == "2 entries"
