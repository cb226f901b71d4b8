"""Which of FastX's components run here, and the node's metadata (vendor's PAT and META)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fxtop.agent.collectors.facts import Fragment, PartlyKnown
from fxtop.agent.collectors.site import Site, read_site
from fxtop.config.site.layout import COMPONENTS, CONFIG_DIR

MAX_METADATA: Final = 64
_GONE: Final = "xorg"
"""A component of an early version 4, gone since."""


class Services(PartlyKnown):
    """Reads ``SERVICES`` and ``METADATA_*`` from units, drop-ins and ``fastx.env``."""

    name = "services"

    def __init__(self, root: Path, *, every: float = 60.0, limit: float = 4.0) -> None:
        self.every = every
        self.limit = limit
        self._root = root

    def read(self) -> Fragment:
        """Read them. Raises CollectError."""
        site = read_site(self._root)
        metadata = dict(sorted(site.layout.metadata.items())[:MAX_METADATA])
        if site.layout.services is not None:
            return Fragment(services=site.layout.services, metadata=metadata)
        if not _is_here(site):
            note = f"There is no fastx*.service and no {site.layout.path(CONFIG_DIR)} on this host."
            return Fragment(metadata=metadata, notes={self.name: note})
        note = "SERVICES is not set, so all components run; told are those that FastX documents."
        documented = tuple(component for component in COMPONENTS if component != _GONE)
        return Fragment(services=documented, metadata=metadata, notes={f"{self.name}/default": note})


def _is_here(site: Site) -> bool:
    return site.service is not None or site.on_disk(site.layout.path(CONFIG_DIR)).is_dir()
