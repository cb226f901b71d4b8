"""How patient everybody is on a bus that a fault befalls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Pace:
    """As impatient as a test can be, or as in production."""

    beat: float
    silence: float
    """Seconds after which what nobody said is not said."""
    program: str = "fxtop"
    """The module that is run for a command line."""
    bus: dict[str, Any] = field(default_factory=dict)


IMPATIENT = Pace(
    0.2,
    20.0,
    "tests.bus.faults.impatient",
    {"retry_first": 0.02, "retry_last": 0.1, "ping_interval": 0.1, "connect_timeout": 0.3},
)
PRODUCTION = Pace(5.0, 180.0)
