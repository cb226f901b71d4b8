"""Rows of those who hold seats: ``product vVER: user@host N/R at MM/DD HH:MM  (handle: hex)``.

Names of users and hosts come from the clients, who may call themselves anything. So a row is taken apart from the
numbers in its middle, and whatever follows them that isn't known (roaming, queued, data of the ISV) is kept as it is.
"""

from __future__ import annotations

import re
from typing import Final

from fxtop.agent.rlm.report import PrintedMoment, UsageRow

_MIDDLE: Final = re.compile(
    r"\s([0-9]{1,9})/([0-9]{1,9})\s+at\s+([0-9]{1,2})/([0-9]{1,2})\s+([0-9]{1,2}):([0-9]{2})(?![0-9])"
)
_HANDLE: Final = re.compile(r"\(handle:\s*([0-9A-Fa-f]{1,32})\)")


def usage_row(line: str, isv: str) -> UsageRow | None:
    """The holder that ``line`` tells of; None where it is no such row."""
    middle = _MIDDLE.search(line)
    if middle is None:
        return None
    what, _, who = line[: middle.start()].partition(":")
    *product, version = what.split() or [""]
    user, at, host = who.strip().rpartition("@")
    if not (product and version.startswith("v") and at and host):
        return None
    seats, reserved, *moment = (int(number) for number in middle.groups())
    handle, note = _rest(line[middle.end() :])
    return UsageRow(
        isv=isv,
        product=" ".join(product),
        version=version.removeprefix("v"),
        user=user,
        host=host,
        seats=seats,
        reserved=reserved,
        at=PrintedMoment(*moment),
        handle=handle,
        note=note,
    )


def _rest(tail: str) -> tuple[str | None, str | None]:
    """The handle, and the text around it."""
    match = _HANDLE.search(tail)
    if match is None:
        return None, tail.strip() or None
    around = (tail[: match.start()].strip(), tail[match.end() :].strip())
    return match[1], " ".join(filter(None, around)) or None
