"""``fxtop`` as it is, but for how long it waits for a bus: run as ``python -m tests.bus.faults.impatient``."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from fxtop.__main__ import main
from fxtop.bus import configured
from fxtop.bus.settings import BusSettings
from fxtop.cli import act, joined
from tests.bus.faults.pace import IMPATIENT

if __name__ == "__main__":
    plain = configured.bus_settings

    def hasty(*args: Any, **more: Any) -> BusSettings:
        return replace(plain(*args, **more), **IMPATIENT.bus, discover=False)

    for module, name, value in (
        (joined, "bus_settings", hasty),
        (joined, "SPREAD", 0.05),
        (joined, "QUIET", 0.2),
        (act, "PROGRESS_EVERY", 0.1),
    ):
        setattr(module, name, value)
    sys.exit(main(sys.argv[1:]))
