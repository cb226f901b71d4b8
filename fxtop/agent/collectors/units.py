"""The states of systemd's units that belong to FastX, found by pattern: their names change with its versions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fxtop.agent.collectors.facts import Fragment, PartlyKnown
from fxtop.agent.collectors.programs import ask
from fxtop.agent.collectors.site import under
from fxtop.config.site.unit_files import FOLDERS, UNITS
from fxtop.protocol.node import Unit

PATTERNS: Final = ("fastx*.service", "rlm*.service", "nats*.service", "syncthing*.service")
MAX_UNITS: Final = 64
_SHOWN: Final = "--property=Id,LoadState,ActiveState"


class Units(PartlyKnown):
    """Asks ``systemctl show``."""

    name = "units"

    def __init__(self, root: Path, *, systemctl: str = "systemctl", every: float = 30.0, limit: float = 5.0) -> None:
        self.every = every
        self.limit = limit
        self._root = root
        self._systemctl = systemctl

    def read(self) -> Fragment:
        """Ask. Raises CollectError.

        A pattern finds only what systemd has loaded, so those with a file are named too.
        """
        command = [self._systemctl, "show", _SHOWN, "--", *PATTERNS, *sorted(self._with_files())]
        found = {unit.name: unit for unit in _units(ask(command, within=self.limit))}
        return Fragment(units=tuple(found[name] for name in sorted(found)[:MAX_UNITS]))

    def _with_files(self) -> set[str]:
        """Units that have a file; a template has no state of its own."""
        paths = (path for folder in FOLDERS for pattern in PATTERNS for path in under(self._root, folder).glob(pattern))
        return {path.name for path in paths if UNITS.fullmatch(path.name) and "@." not in path.name}


def _units(text: str) -> Iterator[Unit]:
    for block in text.split("\n\n"):
        told = dict(line.partition("=")[::2] for line in block.splitlines())
        if told.get("Id") and told.get("ActiveState") and told.get("LoadState") != "not-found":
            yield Unit(name=told["Id"], active=told["ActiveState"])
