from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from fxtop.cli.exits import Usage
from fxtop.cli.times import duration, moment, past

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("10s", 10), ("5m", 300), ("2h30m", 9000), ("1.5h", 5400), ("7d", 604800), (" 2h ", 7200)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "10x", "m", "-5m", "5 m m", "1h-2m"])
def test_what_is_no_duration_is_said_with_an_example(text: str) -> None:
    with pytest.raises(Usage, match="2h30m"):
        duration(text)


def at(day: int, hour: int, minute: int = 0) -> float:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("18:30", at(22, 18, 30)),
        ("09:00", at(23, 9)),
        ("2026-11-22T18:30", at(22, 18, 30)),
        ("2026-11-22 18:30+02:00", at(22, 16, 30)),
        ("2h", at(22, 16)),
        ("+30m", at(22, 14, 30)),
    ],
)
def test_moments(text: str, expected: float) -> None:
    assert moment(text, NOW, UTC) == expected


def test_a_moment_without_a_zone_is_in_the_persons_own() -> None:
    assert moment("18:30", NOW, ZoneInfo("Europe/Berlin")) == at(22, 17, 30)


@pytest.mark.parametrize("text", ["", "tomorrow", "25:00", "2026-13-01", "2026-11-22T99:00"])
def test_what_is_no_moment_is_said_with_an_example(text: str) -> None:
    with pytest.raises(Usage, match="18:30"):
        moment(text, NOW, UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", at(22, 12)),
        ("1d", at(21, 14)),
        ("13:30", at(22, 13, 30)),
        ("18:30", at(21, 18, 30)),
        ("2026-11-20T08:00", at(20, 8)),
    ],
)
def test_a_moment_that_is_past(text: str, expected: float) -> None:
    assert past(text, NOW, UTC) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "25:00", "2026-13-01", "-2h"])
def test_what_is_no_past_moment_is_said_with_examples(text: str) -> None:
    with pytest.raises(Usage, match="2h \\(ago\\), 18:30"):
        past(text, NOW, UTC)
