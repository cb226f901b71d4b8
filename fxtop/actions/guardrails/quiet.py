"""Hours in which something isn't to be done, by the clocks on the wall of one time zone.

A moment is judged by what those clocks show, so summer time needs no care: an hour that they show twice is quiet twice,
and one that they skip is not there. A window over midnight belongs to the day on which it begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Final

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAILY: Final = "daily"
FORM: Final = "write it as 'Mon-Fri 22:00-06:00', 'Sat,Sun 00:00-24:00' or 'daily 12:00-13:00'"
_WHOLE_DAY: Final = 24 * 60
_LINKED: Final = 2 * len(DAYS)
"""Windows that are followed from one into the next; after a week they begin anew."""
_WINDOW: Final = re.compile(r"(?P<days>[A-Za-z,-]+) +(?P<begin>\d\d:\d\d)-(?P<end>\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Window:
    """From a minute of a day to another one, which is on the next day where it is not later."""

    days: frozenset[int]
    """0 is Monday."""
    begin: int
    """The first minute, counted from midnight."""
    end: int
    """The first minute that is not in it any more."""

    def began(self, weekday: int, minute: int) -> int | None:
        """How many days ago the window began in which a minute of a weekday is; None where it is in none."""
        overnight = self.end <= self.begin
        if weekday in self.days and self.begin <= minute and (overnight or minute < self.end):
            return 0
        if overnight and minute < self.end and (weekday - 1) % len(DAYS) in self.days:
            return 1
        return None

    @property
    def length_in_days(self) -> int:
        """After how many midnights it ends."""
        return 1 if self.end <= self.begin else 0


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Windows in one zone."""

    windows: tuple[Window, ...]
    zone: tzinfo
    name: str
    """The zone's."""
    written: tuple[str, ...] = ()

    def until(self, at: float) -> datetime | None:
        """When it is not quiet any more, by the zone's clocks, where it is quiet at Unix time ``at``; None else."""
        found = self._end(self.local(at).replace(tzinfo=None))
        end = None
        for _ in range(_LINKED):
            if found is None:
                break
            end, found = found, self._end(found)
        return end.replace(tzinfo=self.zone) if end is not None else None

    def local(self, at: float) -> datetime:
        """What the zone's clocks show at Unix time ``at``."""
        return datetime.fromtimestamp(at, tz=self.zone)

    def _end(self, wall: datetime) -> datetime | None:
        """The last end of the windows in which the clocks show ``wall``."""
        minute = wall.hour * 60 + wall.minute
        midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        ends = []
        for window in self.windows:
            ago = window.began(wall.weekday(), minute)
            if ago is not None:
                ends.append(midnight + timedelta(days=window.length_in_days - ago, minutes=window.end))
        return max(ends, default=None)


def read_windows(texts: Iterable[str]) -> tuple[Window, ...]:
    """The windows that ``texts`` describe; ValueError with the end of a sentence."""
    return tuple(map(_window, texts))


def spoken(moment: datetime) -> str:
    """``Tue 23:10``."""
    return f"{DAYS[moment.weekday()]} {moment:%H:%M}"


def _window(text: str) -> Window:
    found = _WINDOW.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"has '{text}', which can't be read: {FORM}")
    begin, end = (_minute(found[name], text) for name in ("begin", "end"))
    if begin in (end, _WHOLE_DAY):
        raise ValueError(f"has '{text}', which has no length: a whole day is 00:00-24:00")
    return Window(_days(found["days"], text), begin, end)


def _minute(clock: str, text: str) -> int:
    hour, minute = map(int, clock.split(":"))
    if minute >= 60 or hour * 60 + minute > _WHOLE_DAY:
        raise ValueError(f"has '{text}', and there is no {clock} on a clock: use 00:00 to 24:00")
    return hour * 60 + minute


def _days(written: str, text: str) -> frozenset[int]:
    if written.casefold() == DAILY:
        return frozenset(range(len(DAYS)))
    days: set[int] = set()
    for part in written.split(","):
        first, *rest = [_day(name, text) for name in part.split("-")]
        if len(rest) > 1:
            raise ValueError(f"has '{text}', which can't be read: {FORM}")
        last = rest[0] if rest else first
        days |= {(first + step) % len(DAYS) for step in range((last - first) % len(DAYS) + 1)}
    return frozenset(days)


def _day(name: str, text: str) -> int:
    for number, day in enumerate(DAYS):
        if name.casefold() == day.casefold():
            return number
    raise ValueError(f"has '{text}', and '{name}' is no day: use {', '.join(DAYS)} or {DAILY}")
