"""Moments without a zone, and without a year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from fxtop.agent.rlm.moments import AHEAD, last_second, since
from fxtop.agent.rlm.report import PrintedMoment

BERLIN = ZoneInfo("Europe/Berlin")


def resolved(printed: tuple[int, int, int, int], now: str, zone: tzinfo = UTC) -> str | None:
    """What was printed, at a moment ``now`` by clocks in ``zone``, as such clocks show it with its year."""
    moment = datetime.fromisoformat(now).replace(tzinfo=zone).timestamp()
    found = since(PrintedMoment(*printed), moment, zone)
    return None if found is None else datetime.fromtimestamp(found, tz=zone).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("printed", "now", "then"),
    [
        ((5, 21, 9, 0), "2024-05-21 10:00", "2024-05-21 09:00"),
        ((5, 21, 9, 0), "2024-05-21 09:00", "2024-05-21 09:00"),
        ((1, 1, 0, 0), "2024-05-21 10:00", "2024-01-01 00:00"),
        ((12, 31, 23, 59), "2024-01-01 00:10", "2023-12-31 23:59"),
        ((5, 23, 9, 0), "2024-05-21 10:00", "2023-05-23 09:00"),
        ((2, 29, 9, 0), "2024-03-01 10:00", "2024-02-29 09:00"),
        ((2, 29, 9, 0), "2025-01-15 10:00", "2024-02-29 09:00"),
    ],
)
def test_a_moment_is_the_latest_one_that_is_past(printed: tuple[int, int, int, int], now: str, then: str) -> None:
    assert resolved(printed, now) == then


def test_the_servers_clock_may_be_a_little_ahead() -> None:
    assert resolved((5, 21, 10, 4), "2024-05-21 10:00") == "2024-05-21 10:04"
    assert resolved((1, 1, 0, 1), "2023-12-31 23:58") == "2024-01-01 00:01"
    assert timedelta(minutes=4) < timedelta(seconds=AHEAD) < timedelta(minutes=10)


@pytest.mark.parametrize(
    ("printed", "now"),
    [
        ((2, 29, 9, 0), "2026-03-01 10:00"),
        ((2, 30, 9, 0), "2024-03-01 10:00"),
        ((13, 1, 9, 0), "2024-03-01 10:00"),
        ((0, 0, 9, 0), "2024-03-01 10:00"),
        ((3, 1, 24, 0), "2024-03-01 10:00"),
        ((3, 1, 9, 60), "2024-03-01 10:00"),
    ],
)
def test_a_moment_that_never_was_is_unknown(printed: tuple[int, int, int, int], now: str) -> None:
    assert resolved(printed, now) is None


@pytest.mark.parametrize(("printed", "now"), [((5, 21, 13, 0), "2024-05-21 10:00"), ((1, 1, 6, 0), "2023-12-31 23:00")])
def test_a_moment_later_today_is_unknown_rather_than_a_year_ago(printed: tuple[int, int, int, int], now: str) -> None:
    assert resolved(printed, now) is None


def test_a_moment_is_read_in_the_servers_zone() -> None:
    now = datetime(2024, 5, 21, 10, 0, tzinfo=UTC).timestamp()
    there = datetime(2024, 5, 21, 9, 0, tzinfo=BERLIN).timestamp()
    assert since(PrintedMoment(5, 21, 9, 0), now, BERLIN) == there
    assert since(PrintedMoment(5, 21, 9, 0), now, UTC) == there + 7200


def test_winter_time_is_that_of_the_moment_not_of_now() -> None:
    now = datetime(2024, 5, 21, 10, 0, tzinfo=BERLIN).timestamp()
    assert since(PrintedMoment(1, 2, 9, 0), now, BERLIN) == datetime(2024, 1, 2, 8, 0, tzinfo=UTC).timestamp()


def test_an_hour_that_summer_time_left_out_is_unknown() -> None:
    assert resolved((3, 31, 2, 30), "2024-03-31 12:00", BERLIN) is None
    assert resolved((3, 31, 3, 30), "2024-03-31 12:00", BERLIN) == "2024-03-31 03:30"


def test_an_hour_that_came_twice_is_the_later_one_once_that_is_past() -> None:
    first = datetime(2024, 10, 27, 0, 30, tzinfo=UTC).timestamp()
    half_past_two = PrintedMoment(10, 27, 2, 30)
    assert since(half_past_two, first + 60, BERLIN) == first
    assert since(half_past_two, first + 3660, BERLIN) == first + 3600


def test_a_licence_lasts_until_its_last_day_ends_where_the_server_is() -> None:
    end = last_second(date(2024, 1, 31), BERLIN)
    assert end == datetime(2024, 1, 31, 22, 59, 59, tzinfo=UTC).timestamp()
    assert datetime.fromtimestamp(end, tz=BERLIN).date() == date(2024, 1, 31)
