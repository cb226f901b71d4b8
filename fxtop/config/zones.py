"""Time zones by name."""

from __future__ import annotations

import os
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fxtop.protocol.text import inert

LOCAL: Final = "local"
_LOCALTIME: Final = Path("/etc/localtime")


def zone(name: str) -> tzinfo:
    """The zone called ``name``: ``local``, ``UTC``, or one of the tz database such as ``Europe/Berlin``.

    Raises:
        ValueError: a sentence, where there is none of that name here.
    """
    if name == LOCAL:
        return _local()
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"there is no time zone '{inert(name, 60)}' on this machine: "
            "use local, UTC, or a name such as Europe/Berlin"
        ) from None


def _local() -> tzinfo:
    """This machine's zone with its rules for summer time; only its present offset where the rules can't be read."""
    try:
        if name := os.environ.get("TZ", "").lstrip(":"):
            return ZoneInfo(name)
        with _LOCALTIME.open("rb") as file:
            return ZoneInfo.from_file(file, key=LOCAL)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return datetime.now().astimezone().tzinfo or UTC
