"""Time zones by name, the machine's own with its rules."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fxtop.config.zones import zone

SUMMER, WINTER = datetime(2026, 7, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_zone_of_the_database_knows_summer_time() -> None:
    berlin = zone("Europe/Berlin")
    assert SUMMER.astimezone(berlin).strftime("%H:%M %Z") == "14:00 CEST"
    assert WINTER.astimezone(berlin).strftime("%H:%M %Z") == "13:00 CET"


def test_utc_needs_no_database() -> None:
    assert zone("UTC") is UTC


def test_local_is_the_machines_zone_with_its_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":America/New_York")
    assert SUMMER.astimezone(zone("local")).strftime("%H:%M %Z") == "08:00 EDT"
    assert WINTER.astimezone(zone("local")).strftime("%H:%M %Z") == "07:00 EST"


@pytest.mark.parametrize("tz", ["", "Nowhere/At-All", "EST5EDT,M3.2.0,M11.1.0"])
def test_local_is_always_some_zone(monkeypatch: pytest.MonkeyPatch, tz: str) -> None:
    monkeypatch.setenv("TZ", tz)
    assert SUMMER.astimezone(zone("local")) == SUMMER


@pytest.mark.parametrize(
    "name", ["Mars/Base", "", "Europe", "../../etc/passwd", "/etc/localtime", "europe\0", "GMT+25"]
)
def test_an_unknown_zone_is_a_sentence(name: str) -> None:
    with pytest.raises(ValueError, match=r"there is no time zone .* use local, UTC"):
        zone(name)
