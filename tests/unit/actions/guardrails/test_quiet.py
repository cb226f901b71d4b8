"""Quiet hours: over midnight, through changes of the clocks, and how they are written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.actions.guardrails.quiet import QuietHours, read_windows, spoken
from fxtop.config.zones import zone

BERLIN = "Europe/Berlin"


def hours(*texts: str, name: str = BERLIN) -> QuietHours:
    return QuietHours(read_windows(texts), zone(name), name)


def until(quiet: QuietHours, moment: str) -> str | None:
    """By its own clocks; ``moment`` is ISO, in UTC unless it says another offset."""
    at = datetime.fromisoformat(moment)
    end = quiet.until((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    return spoken(end) if end else None


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-01-14T11:59:59+01:00", None),
        ("2026-01-14T12:00:00+01:00", "Wed 13:00"),
        ("2026-01-14T12:59:59+01:00", "Wed 13:00"),
        ("2026-01-14T13:00:00+01:00", None),
    ],
)
def test_a_window_has_its_first_minute_and_not_its_last(moment: str, end: str | None) -> None:
    assert until(hours("daily 12:00-13:00"), moment) == end


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-01-16T21:59:00+01:00", None),
        ("2026-01-16T22:00:00+01:00", "Sat 06:00"),  # a Friday
        ("2026-01-17T00:00:00+01:00", "Sat 06:00"),
        ("2026-01-17T05:59:00+01:00", "Sat 06:00"),
        ("2026-01-17T06:00:00+01:00", None),
        ("2026-01-17T23:00:00+01:00", None),  # Saturday evening is no Friday
        ("2026-01-16T03:00:00+01:00", None),  # nor is the night to Friday one that began on a Friday
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins(moment: str, end: str | None) -> None:
    assert until(hours("Fri 22:00-06:00"), moment) == end


def test_the_night_from_sunday_to_monday_is_found_across_the_week() -> None:
    assert until(hours("Sun 22:00-06:00"), "2026-01-19T01:00:00+01:00") == "Mon 06:00"


def test_windows_that_follow_on_each_other_are_one() -> None:
    weekend = hours("Sat,Sun 00:00-24:00")
    assert until(weekend, "2026-01-17T09:00:00+01:00") == "Mon 00:00"


def test_what_is_always_quiet_has_an_end_that_can_be_said() -> None:
    assert until(hours("daily 00:00-24:00"), "2026-01-17T09:00:00+01:00") is not None


# Berlin goes from 02:00 to 03:00 on 2026-03-29, and from 03:00 back to 02:00 on 2026-10-25.


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-03-29T00:30:00", "Sun 03:30"),  # 01:30 by the old time
        ("2026-03-29T00:59:00", "Sun 03:30"),
        ("2026-03-29T01:00:00", "Sun 03:30"),  # 03:00 by the new time
        ("2026-03-29T01:29:00", "Sun 03:30"),
        ("2026-03-29T01:30:00", None),
    ],
)
def test_where_the_clocks_skip_an_hour_quiet_ends_by_what_they_show(moment: str, end: str | None) -> None:
    assert until(hours("daily 01:00-03:30"), moment) == end


def test_a_window_that_the_clocks_skip_is_not_there_on_that_day() -> None:
    quiet = hours("daily 02:10-02:50")
    assert until(quiet, "2026-03-29T00:59:59") is None
    assert until(quiet, "2026-03-29T01:00:00") is None
    assert until(quiet, "2026-03-30T00:20:00") == "Mon 02:50"


@pytest.mark.parametrize("moment", ["2026-10-25T00:30:00", "2026-10-25T01:30:00"])
def test_an_hour_that_the_clocks_show_twice_is_quiet_twice(moment: str) -> None:
    assert until(hours("daily 02:00-03:00"), moment) == "Sun 03:00"


def test_the_same_hours_are_other_moments_in_summer_and_winter() -> None:
    quiet = hours("daily 22:00-23:00")
    assert until(quiet, "2026-07-01T20:30:00") == "Wed 23:00"
    assert until(quiet, "2026-01-14T20:30:00") is None
    assert until(quiet, "2026-01-14T21:30:00") == "Wed 23:00"


@given(st.floats(0, 4e9), st.sampled_from([BERLIN, "UTC", "America/St_Johns", "Australia/Lord_Howe"]))
def test_while_it_is_quiet_its_end_is_later_by_the_clocks(at: float, name: str) -> None:
    quiet = hours("daily 22:00-06:00", "Sat,Sun 00:00-24:00", name=name)
    end = quiet.until(at)
    shown = quiet.local(at).replace(tzinfo=None)
    assert (end is None) is (shown.weekday() < 5 and 6 <= shown.hour < 22)
    if end is not None:
        assert end.replace(tzinfo=None) > shown


@pytest.mark.parametrize(
    ("text", "days", "begin", "end"),
    [
        ("Mon 08:00-17:30", {0}, 480, 1050),
        ("mon-fri 08:00-09:00", {0, 1, 2, 3, 4}, 480, 540),
        ("Fri-Mon 08:00-09:00", {4, 5, 6, 0}, 480, 540),
        ("Sat,Sun 00:00-24:00", {5, 6}, 0, 1440),
        ("daily 23:59-00:00", {0, 1, 2, 3, 4, 5, 6}, 1439, 0),
    ],
)
def test_days_are_written_by_name_range_or_all(text: str, days: set[int], begin: int, end: int) -> None:
    (window,) = read_windows([text])
    assert (set(window.days), window.begin, window.end) == (days, begin, end)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("22:00-06:00", "can't be read"),
        ("Mon 8:00-17:00", "can't be read"),
        ("Mon-Tue-Wed 08:00-17:00", "can't be read"),
        ("Monday 08:00-17:00", "'Monday' is no day"),
        ("Mon 08:00-08:00", "has no length"),
        ("Mon 24:00-06:00", "has no length"),
        ("Mon 08:60-09:00", "there is no 08:60"),
        ("Mon 08:00-24:01", "there is no 24:01"),
        ("", "can't be read"),
    ],
)
def test_what_is_no_window_is_said_to_be_none(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read_windows([text])
