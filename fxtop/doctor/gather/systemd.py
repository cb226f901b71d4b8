"""What systemd says of the services that run, and of the clock."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from typing import Final

from fxtop.clock import Clock
from fxtop.doctor.facts import Running
from fxtop.doctor.finding import Missing

PATTERNS: Final = ("fastx*.service", "rlm*.service", "nats*.service")
_WITHIN: Final = 10.0
_STAMP: Final = re.compile("[1-9][0-9]{0,19}")
_SHOWN: Final = "Id,ActiveState,ActiveEnterTimestampMonotonic"


def ask_systemd(clock: Clock) -> Mapping[str, Running] | Missing:
    """The services that FastX needs, by name; Missing where systemd can't be asked."""
    told = _run(["systemctl", "show", "--all", f"--property={_SHOWN}", *PATTERNS])
    if isinstance(told, Missing):
        return told
    return read_show(told, clock) or Missing(f"systemd knows no {', '.join(PATTERNS)}")


def ask_clock() -> bool | Missing:
    """Whether the kernel holds that something keeps this machine's clock right (timedatectl, systemd 239 and later)."""
    told = _run(["timedatectl", "show", "--property=NTPSynchronized", "--value"])
    if isinstance(told, Missing):
        return told
    word = told.strip()
    return word == "yes" if word in ("yes", "no") else Missing("timedatectl doesn't tell")


def _run(command: list[str]) -> str | Missing:
    try:
        done = subprocess.run(  # noqa: S603  # fixed words, no shell
            command, capture_output=True, text=True, errors="replace", timeout=_WITHIN, check=False
        )
    except FileNotFoundError:
        return Missing(f"there is no {command[0]} on this machine")
    except (OSError, subprocess.TimeoutExpired):
        return Missing(f"{command[0]} doesn't answer")
    if done.returncode != 0:
        return Missing(f"{command[0]} says: {done.stderr.strip().partition(chr(10))[0] or 'nothing'}")
    return done.stdout


def read_show(text: str, clock: Clock) -> dict[str, Running]:
    """The units in the output of ``systemctl show``. Its monotonic microseconds are those of ``clock``."""
    units = {}
    for paragraph in text.split("\n\n"):
        shown = dict(line.partition("=")[::2] for line in paragraph.splitlines())
        name, stamp = shown.get("Id", ""), shown.get("ActiveEnterTimestampMonotonic", "")
        active = shown.get("ActiveState") == "active" and _STAMP.fullmatch(stamp) is not None
        since = clock.now() - (clock.monotonic() - int(stamp) / 1e6) if active else None
        if name:
            units[name] = Running(name, shown.get("ActiveState", ""), since)
    return units
