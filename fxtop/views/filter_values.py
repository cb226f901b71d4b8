"""Numbers as people write them in a filter: ``80%``, ``8G``, ``1h30m``, ``5k``, ``2026-11-30``, ``+30d``."""

from __future__ import annotations

import math
import re
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from fxtop.views.format import DAY

if TYPE_CHECKING:
    from fxtop.views.column import Unit

Scale = Literal["plain", "share", "bytes", "moment", "offset"]
"""What a written number is by itself: a ``%`` makes a share, a unit of size bytes, a sign before a time an offset."""

_NUMBER: Final = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_FRACTION: Final = re.compile(_NUMBER)
_PLAIN: Final = re.compile(rf"(-?){_NUMBER}([kKmMgG]?)")
_PERCENT: Final = re.compile(rf"{_NUMBER}\s?%")
_SIZE: Final = re.compile(rf"{_NUMBER}([kKmMgGtTpP])(?:i?[bB])?")
_BYTES: Final = re.compile(rf"{_NUMBER}[bB]?")
_DURATION: Final = re.compile(rf"(?:{_NUMBER}(ms|[smhdw]))+")
_DURATION_PART: Final = re.compile(rf"{_NUMBER}(ms|[smhdw])")
_DATE: Final = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}")

_THOUSANDS: Final = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}
_BINARY: Final = {"k": 2.0**10, "m": 2.0**20, "g": 2.0**30, "t": 2.0**40, "p": 2.0**50}
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}

EXAMPLES: Final[dict[Unit, str]] = {
    "number": "a number, as 12 or 5k",
    "share": "a share, as 80% or 0.8",
    "bytes": "a size, as 8G or 512M",
    "duration": "a duration, as 90s, 10m or 1h30m",
    "moment": "a date, as 2026-11-30, or a time from now, as +30d or -2h",
    "text": "words",
}
"""How a value of each unit is written, for error messages and help."""


class Quantity(NamedTuple):
    """A written number, and the bounds between which others are equal to it: 80% is what is shown as 80%."""

    value: float
    low: float
    high: float
    scale: Scale

    def equals(self, other: float) -> bool:
        """Whether ``other`` would be written like this."""
        return other == self.value or self.low <= other < self.high

    def negative(self) -> Quantity:
        """The same below zero."""
        return self._replace(value=-self.value, low=-self.high, high=-self.low)


def read_quantity(text: str, unit: Unit, zone: tzinfo) -> Quantity | None:
    """The number that ``text`` is for a column of ``unit``, or None when it is none.

    A number column takes percentages and a share column takes sizes too; whether they mean anything there is the
    column's to say. A date without a zone is one of ``zone``.
    """
    match unit:
        case "number":
            return _percent(text) or _plain(text)
        case "share":
            return _percent(text) or _size(text) or _fraction(text)
        case "bytes":
            return _percent(text) or _size(text) or _bytes(text)
        case "duration":
            return _duration(text)
        case "moment":
            return _offset(text) or _moment(text, zone)
        case "text":
            return None


def read_duration(text: str) -> float | None:
    """Seconds: ``90``, ``90s``, ``10m``, ``1h30m``, ``2d``, ``1w``; None where ``text`` is no duration."""
    quantity = _duration(text)
    return quantity.value if quantity and quantity.value >= 0 else None


def _percent(text: str) -> Quantity | None:
    match = _PERCENT.fullmatch(text)
    return _quantity(match[1], 0.01, "share") if match else None


def _plain(text: str) -> Quantity | None:
    match = _PLAIN.fullmatch(text)
    if match is None:
        return None
    quantity = _quantity(match[2], _THOUSANDS[match[3].lower()], "plain", exact=not match[3])
    return quantity.negative() if quantity and match[1] else quantity


def _fraction(text: str) -> Quantity | None:
    match = _FRACTION.fullmatch(text)
    return _quantity(match[1], 1.0, "share", exact=True) if match else None


def _size(text: str) -> Quantity | None:
    match = _SIZE.fullmatch(text)
    return _quantity(match[1], _BINARY[match[2].lower()], "bytes") if match else None


def _bytes(text: str) -> Quantity | None:
    match = _BYTES.fullmatch(text)
    return _quantity(match[1], 1.0, "bytes", exact=True) if match else None


def _duration(text: str) -> Quantity | None:
    if text.startswith("-"):
        positive = _duration(text[1:]) if not text.startswith("--") else None
        return positive.negative() if positive else None
    if _FRACTION.fullmatch(text):
        return _quantity(text, 1.0, "plain")
    if not _DURATION.fullmatch(text):
        return None
    total = Quantity(0.0, 0.0, 0.0, "plain")
    for part in _DURATION_PART.finditer(text):
        quantity = _quantity(part[1], _SECONDS[part[2]], "plain")
        if quantity is None:
            return None
        total = _after(total, quantity)
    return total


def _offset(text: str) -> Quantity | None:
    apart = _duration(text[1:]) if text[:1] in ("+", "-") and text[1:2].isdigit() else None
    if apart is None:
        return None
    return (apart if text[0] == "+" else apart.negative())._replace(scale="offset")


def _moment(text: str, zone: tzinfo) -> Quantity | None:
    """A date, which is any moment of that day, or a date with a time."""
    try:
        written = datetime.fromisoformat(text)
        at = (written if written.tzinfo else written.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        return None
    return Quantity(at, at, at + (DAY if _DATE.fullmatch(text) else 1), "moment")


def _quantity(digits: str, step: float, scale: Scale, *, exact: bool = False) -> Quantity | None:
    """``digits`` in units of ``step``; unless it is meant exactly, equal to all that rounds to its last digit."""
    value = float(digits) * step
    if not math.isfinite(value):
        return None
    slack = 0.0 if exact else step * 10.0 ** -len(digits.partition(".")[2]) / 2
    return Quantity(value, value - slack, value + slack, scale)


def _after(whole: Quantity, part: Quantity) -> Quantity:
    """``1h`` and ``30m`` are ``1h30m``, which is as exact as its last part."""
    return Quantity(whole.value + part.value, whole.value + part.low, whole.value + part.high, "plain")
