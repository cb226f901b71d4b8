"""Times as people type them into a command line."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo
from typing import Final

from fxtop.cli.exits import Usage
from fxtop.views.filter_values import read_duration

_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})")


def duration(text: str) -> float:
    """Seconds in ``90``, ``10s``, ``5m``, ``2h30m`` or ``7d``; Usage for anything else."""
    seconds = read_duration(text.strip())
    if seconds is None:
        raise Usage(f"'{text}' is no duration: write it as 90s, 10m, 2h30m or 7d.")
    return seconds


def moment(text: str, now: float, tz: tzinfo) -> float:
    """Unix seconds of ``18:30`` (the next one), ``2026-11-22 18:30``, or ``2h`` or ``+2h`` from ``now``.

    Times without a zone are in ``tz``; Usage for anything else.
    """
    said = text.strip()
    clock = _CLOCK.fullmatch(said)
    try:
        if clock:
            return _next(int(clock[1]), int(clock[2]), now, tz)
        if re.match(r"\d{4}-", said):
            at = datetime.fromisoformat(said)
            return (at if at.tzinfo else at.replace(tzinfo=tz)).timestamp()
        return now + duration(said.removeprefix("+"))
    except (ValueError, OverflowError, Usage):
        raise Usage(f"'{text}' is no moment: write it as 18:30, 2026-11-22T18:30, or 2h from now.") from None


def _next(hour: int, minute: int, now: float, tz: tzinfo) -> float:
    present = datetime.fromtimestamp(now, tz)
    at = present.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (at if at > present else at + timedelta(days=1)).timestamp()


def past(text: str, now: float, tz: tzinfo) -> float:
    """Unix seconds of ``2h`` ago, ``18:30`` (the last one), or ``2026-11-22 18:30``; otherwise as `moment`."""
    said = text.strip()
    try:
        if clock := _CLOCK.fullmatch(said):
            return (
                datetime.fromtimestamp(_next(int(clock[1]), int(clock[2]), now, tz), tz) - timedelta(days=1)
            ).timestamp()
        if re.match(r"\d{4}-", said):
            return moment(said, now, tz)
        return now - duration(said)
    except (ValueError, OverflowError, Usage):
        raise Usage(f"'{text}' is no moment: write it as 2h (ago), 18:30 or 2026-11-22T18:30.") from None
