"""Sparklines and bars as text, in block characters or plain ASCII."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

_LEVELS: Final = "▁▂▃▄▅▆▇█"
_ASCII_LEVELS: Final = "_.-~=+*#"


def sparkline(
    values: Sequence[float],
    width: int,
    *,
    top: float | None = None,
    ascii: bool = False,  # noqa: A002  # the word Look has for it
) -> str:
    """The last ``width`` values, newest on the right, in exactly ``width`` cells.

    No reading is a blank, a reading of zero the lowest mark. ``top`` is the value of the highest mark; without one it
    is the largest value shown. A value that is not a number is a gap.
    """
    if width <= 0:
        return ""
    shown = values[-width:]
    known = [value for value in shown if math.isfinite(value)]
    ceiling = top if top is not None else max(known, default=0.0)
    levels = _ASCII_LEVELS if ascii else _LEVELS
    return "".join(_mark(value, ceiling, levels) for value in shown).rjust(width)


def bar(share: float | None, width: int, *, ascii: bool = False) -> str:  # noqa: A002  # the word Look has for it
    """A filled part of ``width`` cells.

    A bar that isn't empty shows something, one that isn't full shows a gap, and more than all ends in an arrow.
    Unknown is blank.
    """
    if share is None or width <= 0:
        return " " * max(0, width)
    full, empty, over = ("#", ".", ">") if ascii else ("█", "░", "▶")
    if share > 1:
        return full * (width - 1) + over
    filled = math.floor(max(0.0, share) * width + 0.5)
    if 0 < share < 1:
        filled = min(max(filled, 1), max(1, width - 1))
    return full * filled + empty * (width - filled)


def _mark(value: float, ceiling: float, levels: str) -> str:
    if math.isnan(value):
        return " "
    if value <= 0 or ceiling <= 0:
        return levels[0]
    return levels[min(len(levels) - 1, int(min(1.0, value / ceiling) * len(levels)))]
