"""The rows themselves, and the marks that tell readers what changed in them.

The reducers of this room write into one `Tables`; everybody else sees it as `fxtop.cluster.store.Store`.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import msgspec

from fxtop.clock import Clock
from fxtop.cluster.allowance import Allowance
from fxtop.cluster.census import Census
from fxtop.cluster.drift import Drift
from fxtop.cluster.hearing import Hearing
from fxtop.cluster.herald import Herald
from fxtop.cluster.intake import Intake
from fxtop.cluster.memo import Memo
from fxtop.cluster.records import (
    Dirty,
    Event,
    Finding,
    JobRow,
    LicenseRow,
    NodeRow,
    PoolKey,
    PoolRow,
    SessionRow,
    Severity,
    ShareRow,
    TransporterRow,
    UserRow,
)
from fxtop.cluster.session_table import SessionTable
from fxtop.cluster.sharing import Sharing
from fxtop.protocol.ids import ClusterSlug, LicenseId, ManagerId, NodeId, RequestId, ServerId

if TYPE_CHECKING:
    from fxtop.cluster.summary import SeatCounts

MAX_NODES: Final = 200_000
MAX_SESSIONS: Final = 2_000_000
MAX_ON_NODE: Final = 100_000
MAX_TRANSPORTERS: Final = 1_000
MAX_LICENSES: Final = 64
MAX_POOLS: Final = 20_000
MAX_SHARES: Final = 1_000
"""Rows of each kind, and sessions of one node. Far above any cluster; a flood of invented ids stops here, and what is
refused is counted."""


class Revisions(msgspec.Struct):
    """The last revision that a row of each kind was given; of nodes and sessions `Census` knows more precisely."""

    transporters: int = 0
    licenses: int = 0
    pools: int = 0
    shares: int = 0
    jobs: int = 0


class Tables:
    """All rows of one cluster by id, the ids that changed, and the events."""

    def __init__(self, cluster: ClusterSlug, clock: Clock) -> None:
        self.cluster = cluster
        self.clock = clock
        self.nodes: dict[NodeId, NodeRow] = {}
        self.sessions = SessionTable(self.nodes)
        self.transporters: dict[ServerId, TransporterRow] = {}
        self.licenses: dict[LicenseId, LicenseRow] = {}
        self.pools: dict[PoolKey, PoolRow] = {}
        self.shares: dict[ManagerId, ShareRow] = {}
        self.jobs: dict[RequestId, JobRow] = {}
        self.users: dict[str, UserRow] = {}
        """Who has sessions; there are never more of them than of those."""
        self.dirty = Dirty()
        self._revision = 0
        """What rows that change now are given as their revision. All rows share it: an id may go and come back as
        another row."""
        self.revisions = Revisions()
        self.intake = Intake(clock)
        self.allowance = Allowance(self.intake)
        self.census = Census()
        self.drift = Drift()
        self.sharing = Sharing()
        self.found: Memo[tuple[Finding, ...]] = Memo()
        """What each rule of `fxtop.cluster.findings` found last."""
        self.seated: Memo[SeatCounts] = Memo()
        """The seats as `fxtop.cluster.summary` counted them last."""
        self.wall_offset = clock.now() - clock.monotonic()
        """Our wall clock minus our monotonic clock, measured anew for each batch: a host's clock may be set."""
        self.herald = Herald(clock)
        self.hearing = Hearing(clock, self.herald)

    def wall(self, at: float) -> float:
        """The Unix seconds of our clock at monotonic ``at``."""
        return at + self.clock.now() - self.clock.monotonic()

    @property
    def events(self) -> deque[Event]:
        """What happened, newest last."""
        return self.herald.events

    @property
    def announced(self) -> int:
        """How many events there ever were; the difference to an earlier reading is how many are new."""
        return self.herald.announced

    def announce(self, severity: Severity, text: str) -> None:
        """Add a line to the events."""
        self.herald.announce(severity, text)

    def turn(self) -> None:
        """Let what changes from now on have another revision than what somebody may have seen by now.

        Nodes, sessions and users that change in one batch have the same number: one each would be as many objects.
        """
        self._revision += 1

    def session_changed(self, row: SessionRow) -> None:
        """Note that a session is no longer what was painted of it."""
        row.rev = self._revision
        self.dirty.sessions.add(row.key)

    def session_moved(self, row: SessionRow) -> None:
        """Note that a session came, went, or changed in more than what walks by itself."""
        self.session_changed(row)
        self.dirty.moved.add(row.key)

    def node_changed(self, row: NodeRow) -> None:
        """Note that a node is no longer what was painted of it."""
        row.rev = self._revision
        self.dirty.nodes.add(row.id)

    def transporter_changed(self, row: TransporterRow) -> None:
        """Note that a transporter is no longer what was painted of it."""
        self._revision = row.rev = self.revisions.transporters = self._revision + 1
        self.dirty.transporters.add(row.id)

    def license_changed(self, row: LicenseRow) -> None:
        """Note that a licence server is no longer what was painted of it."""
        self._revision = row.rev = self.revisions.licenses = self._revision + 1
        self.dirty.licenses.add(row.id)

    def pool_changed(self, row: PoolRow) -> None:
        """Note that a pool is no longer what was painted of it."""
        self._revision = row.rev = self.revisions.pools = self._revision + 1
        self.dirty.pools.add(row.key)

    def share_changed(self, row: ShareRow) -> None:
        """Note that a share is no longer what was painted of it."""
        self._revision = row.rev = self.revisions.shares = self._revision + 1
        self.dirty.shares.add(row.id)

    def job_changed(self, row: JobRow) -> None:
        """Note that a job is no longer what was painted of it."""
        self._revision = row.rev = self.revisions.jobs = self._revision + 1
        self.dirty.jobs.add(row.id)

    def user_changed(self, row: UserRow) -> None:
        """Note that a user is no longer what was painted of them."""
        row.rev = self._revision
        self.dirty.users.add(row.user)
