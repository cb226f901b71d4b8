"""Making moments of what ``rlmstat`` prints, which leaves out the zone, and the year too where seats are held."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from typing import Final

from fxtop.agent.rlm.report import PrintedMoment

AHEAD: Final = 300.0
"""Seconds that a licence server's clock may be ahead of ours."""
ZONES: Final = 27 * 3600.0
"""Seconds between the most distant zones, and a little more."""


def since(printed: PrintedMoment, now: float, zone: tzinfo) -> float | None:
    """The latest moment of that look on clocks in ``zone`` which is not after ``now``, both in Unix seconds.

    Returns:
        None where there is none in this year or the last (29 February, an hour that summer time left out), and also
        where it would be later today: then the zone is the wrong one, and the same moment a year ago is hardly meant.
    """
    year = datetime.fromtimestamp(now + AHEAD, tz=zone).year
    dates = (_wall(printed, candidate, zone) for candidate in (year + 1, year, year - 1))
    latest = next((wall for wall in dates if wall is not None and wall.timestamp() <= now + ZONES), None)
    return _moment(latest, now, zone) if latest else None


def last_second(day: date, zone: tzinfo) -> float:
    """When ``day`` ends in ``zone``, in Unix seconds, so that it still has that day's date."""
    return datetime.combine(day, time(23, 59, 59), tzinfo=zone).timestamp()


def _wall(printed: PrintedMoment, year: int, zone: tzinfo) -> datetime | None:
    try:
        return datetime(year, *printed, tzinfo=zone)
    except ValueError:
        return None


def _moment(wall: datetime, now: float, zone: tzinfo) -> float | None:
    """When clocks showed ``wall``; where an hour came twice, the later one unless that is still ahead."""
    for fold in (1, 0):
        seconds = wall.replace(fold=fold).timestamp()
        shown = datetime.fromtimestamp(seconds, tz=UTC).astimezone(zone)
        if seconds <= now + AHEAD and shown.replace(tzinfo=None) == wall.replace(tzinfo=None):
            return seconds
    return None
