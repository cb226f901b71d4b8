"""What systemd says of the services that run."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from typing import Final

from fxtop.clock import Clock
from fxtop.doctor.facts import Running
from fxtop.doctor.finding import Missing

PATTERNS: Final = ("fastx*.service", "rlm*.service", "nats*.service")
_WITHIN: Final = 10.0
_SHOWN: Final = "Id,ActiveState,ActiveEnterTimestampMonotonic"


def ask_systemd(clock: Clock) -> Mapping[str, Running] | Missing:
    """The services that FastX needs, by name; Missing where systemd can't be asked."""
    command = ["systemctl", "show", "--all", f"--property={_SHOWN}", *PATTERNS]
    try:
        done = subprocess.run(  # noqa: S603  # fixed words, no shell
            command, capture_output=True, text=True, errors="replace", timeout=_WITHIN, check=False
        )
    except FileNotFoundError:
        return Missing("there is no systemctl on this machine")
    except (OSError, subprocess.TimeoutExpired):
        return Missing("systemctl doesn't answer")
    if done.returncode != 0:
        return Missing(f"systemctl says: {done.stderr.strip().partition(chr(10))[0] or 'nothing'}")
    found = read_show(done.stdout, clock)
    return found or Missing(f"systemd knows no {', '.join(PATTERNS)}")


def read_show(text: str, clock: Clock) -> dict[str, Running]:
    """The units in the output of ``systemctl show``. Its monotonic microseconds are those of ``clock``."""
    units = {}
    for paragraph in text.split("\n\n"):
        shown = dict(line.partition("=")[::2] for line in paragraph.splitlines())
        name, stamp = shown.get("Id", ""), shown.get("ActiveEnterTimestampMonotonic", "")
        active = shown.get("ActiveState") == "active" and stamp.isdigit() and stamp != "0"
        since = clock.now() - (clock.monotonic() - int(stamp) / 1e6) if active else None
        if name:
            units[name] = Running(name, shown.get("ActiveState", ""), since)
    return units
