"""What every screen of the console shares: the cluster it shows, how it writes, and its keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Protocol, runtime_checkable

from fxtop.actions.link import ClusterLink
from fxtop.cluster.findings import findings
from fxtop.cluster.records import Dirty, Finding
from fxtop.ui.chrome.header import Badge
from fxtop.ui.health import Health
from fxtop.ui.keytable import Entry
from fxtop.views.column import Look
from fxtop.views.names import shared_domain


@runtime_checkable
class Living(Protocol):
    """A screen that follows the cluster."""

    def bring(self, dirty: Dirty) -> None:
        """Show what changed since the last tick, and how old everything has become."""
        ...


class Console:
    """One cluster, shown to one person. Brought up to date once a tick by `settle`."""

    def __init__(
        self,
        link: ClusterLink,
        *,
        badge: Badge,
        cluster: str,
        tz: tzinfo,
        ascii_only: bool,
        entries: Sequence[Entry],
        names: Mapping[str, Sequence[str]],
    ) -> None:
        self.link = link
        self.badge = badge
        self.cluster = cluster
        """The cluster's name in the config."""
        self.entries = tuple(entries)
        self.ascii = ascii_only
        self.names = names
        """Names of themes and clusters, for completion."""
        self.findings: list[Finding] = []
        self.health: Health | None = None
        """How the program itself is that shows the cluster."""
        self._tz = tz
        self._domain = ""
        self._nodes = 0

    def look(self) -> Look:
        """How text is to be written now."""
        clock = self.link.clock
        return Look(clock.monotonic(), clock.now(), self._tz, self.ascii, self._domain)

    def barred(self, entry: Entry) -> str | None:
        """Why the operator's key may not do what ``entry`` is for, as a sentence; None where it may, or nobody said."""
        return self.link.objection(entry.action) if entry.armed else None

    @property
    def rows(self) -> int:
        """How much there is that grows with the cluster."""
        store = self.link.store
        return len(store.nodes) + len(store.sessions)

    def settle(self) -> Dirty:
        """Let time pass, and return what changed since the last time."""
        dirty = self.link.settle()
        self.findings = findings(self.link.store)
        if len(self.link.store.nodes) != self._nodes:
            self._nodes = len(self.link.store.nodes)
            self._domain = shared_domain(self.link.store.nodes)
        return dirty
