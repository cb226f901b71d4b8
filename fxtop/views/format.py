"""Numbers, sizes, durations and moments as text. The short forms have a bounded width, so that columns stand still.

All take any finite number: what comes from the bus may be absurd, and is then shown as out of range, never as an error.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fxtop.views.column import Look

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
YEAR: Final = 365 * DAY

_FOREVER: Final = 1000 * YEAR
_DURATIONS: Final = (
    (MINUTE, 1, "s", 0, ""),
    (10 * MINUTE, MINUTE, "m", 1, "s"),
    (HOUR, MINUTE, "m", 0, ""),
    (10 * HOUR, HOUR, "h", MINUTE, "m"),
    (DAY, HOUR, "h", 0, ""),
    (10 * DAY, DAY, "d", HOUR, "h"),
    (1000 * DAY, DAY, "d", 0, ""),
    (_FOREVER, YEAR, "y", 0, ""),
)
"""Below how many seconds: the unit and its name, then the smaller unit that stands behind it."""
_SPOKEN: Final = ((YEAR, "year"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (1, "second"))
_BINARY: Final = ("K", "M", "G", "T", "P", "E")
_DECIMAL: Final = ("k", "M", "G", "T", "P", "E")
_EXACT_SIZES: Final = 64 * 1024


def unknown(look: Look) -> str:
    """What stands for a value that nobody knows; never zero."""
    return "?" if look.ascii else "–"


def duration(seconds: float) -> str:
    """At most 5 characters: ``12s``, ``4m12s``, ``42m``, ``3h05m``, ``17h``, ``6d04h``, ``412d``, ``12y``."""
    whole = int(max(0.0, min(seconds, _FOREVER)))
    for below, unit, name, minor, minor_name in _DURATIONS:
        if whole < below:
            rest = f"{whole % unit // minor:02d}{minor_name}" if minor else ""
            return f"{whole // unit}{name}{rest}"
    return ">999y"


def spoken_duration(seconds: float) -> str:
    """The two largest units in words: ``4 minutes 12 seconds``, ``3 days``."""
    if seconds >= _FOREVER:
        return "over 999 years"
    left = max(0, int(seconds))
    parts: list[str] = []
    for unit, name in _SPOKEN:
        amount, left = divmod(left, unit)
        if amount:
            parts.append(plural(amount, name))
        elif parts:
            break  # 3 days 4 seconds is no better than 3 days
        if len(parts) == 2:
            break
    return " ".join(parts) or "0 seconds"


def plural(count: int, noun: str, nouns: str = "") -> str:
    """``1 node``, ``2 nodes``; ``nouns`` where the plural isn't formed by an s."""
    return f"{count} {noun if count == 1 else nouns or noun + 's'}"


def latency(seconds: float) -> str:
    """At most 6 characters: ``0.4ms``, ``12ms``, ``1.2s``; longer ones as `duration`."""
    if seconds < 0:
        return "0ms"
    if seconds < 0.00995:
        return f"{seconds * 1000:.1f}ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f}ms"
    return f"{seconds:.1f}s" if seconds < 9.95 else duration(seconds)


def offset(seconds: float) -> str:
    """A signed difference of two clocks: ``+3.2s``, ``-4m12s``."""
    sign = "-" if seconds < 0 else "+"
    size_ = abs(seconds)
    return f"{sign}{size_:.1f}s" if size_ < 9.95 else sign + duration(size_)


def size(count: float) -> str:
    """Bytes in at most 5 characters, in powers of 1024: ``512B``, ``1.2K``, ``812M``, ``8.0G``."""
    if count < 1024:
        return f"{max(0, int(count))}B"
    return _scaled(count, 1024, _BINARY)


def spoken_size(count: int) -> str:
    """Bytes for a line of their own: ``1.2 GiB``, ``812 bytes``."""
    if count < _EXACT_SIZES:
        return plural(count, "byte")
    short = size(count)
    return f"{short[:-1]} {short[-1]}iB"


def number(value: float) -> str:
    """A count in at most 5 characters: ``9999``, ``12.3k``, ``4.5M``."""
    if -9999.5 < value < 9999.5:
        return f"{value:.0f}"
    return _scaled(value, 1000, _DECIMAL) if value > 0 else "<-9k"


def decimal(value: float) -> str:
    """A small measure in at most 5 characters, as a load: ``0.42``, ``12.3``, ``1234``."""
    if abs(value) < 9.995:
        return f"{value:.2f}"
    return f"{value:.1f}" if abs(value) < 99.95 else number(value)


def percent(share: float) -> str:
    """A share in at most 5 characters. Only what is full is called ``100%``, only nothing is called ``0%``."""
    if share <= 0:
        return "0%"
    if share > 9.99:
        return ">999%"
    if share < 0.005:
        return "<1%"
    rounded = round(share * 100)
    return f"{99 if rounded == 100 and share < 1 else rounded}%"


def moment(at: float, look: Look) -> str:
    """A moment in full with its zone: ``2026-11-22 14:41:03 CET``."""
    local = _local(at, look)
    return f"{local:%Y-%m-%d %H:%M:%S} {local:%Z}".rstrip() if local else "out of range"


def moment_ago(at: float, look: Look) -> str:
    """A moment in full with its distance from now: ``2026-11-22 14:41:03 UTC, 4 minutes 12 seconds ago``."""
    apart = look.now - at
    relative = f"{spoken_duration(apart)} ago" if apart >= 0 else f"in {spoken_duration(-apart)}"
    return f"{moment(at, look)}, {relative}"


def clock_time(at: float, look: Look) -> str:
    """A moment in at most 8 characters: ``14:41:03`` today, ``11-21`` on another day of this year, else ``2025-11``."""
    local, today = _local(at, look), _local(look.now, look)
    if local is None or today is None:
        return "??:??:??"
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return f"{local:%m-%d}" if local.year == today.year else f"{local:%Y-%m}"


def _local(at: float, look: Look) -> datetime | None:
    try:
        return datetime.fromtimestamp(at, tz=look.tz)
    except (OverflowError, ValueError, OSError):  # a year that the calendar or the platform doesn't have
        return None


def _scaled(value: float, base: int, units: tuple[str, ...]) -> str:
    for unit in units:
        value /= base
        if value < 9.95:
            return f"{value:.1f}{unit}"
        if value < base - 0.5:
            return f"{value:.1f}{unit}" if base == 1000 and value < 99.95 else f"{value:.0f}{unit}"
    return ">999" + units[-1]
