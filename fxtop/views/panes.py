"""The panes: which rows each shows, in which columns and order. Tables, ``fxtop get``, help, completion use it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

import msgspec

from fxtop.cluster.findings import findings
from fxtop.cluster.intake import Losses, RejectedMessage
from fxtop.cluster.records import (
    Dirty,
    Event,
    Finding,
    HolderRow,
    JobRow,
    NodeRow,
    PoolKey,
    PoolRow,
    SessionKey,
    SessionRow,
    ShareRow,
    TransporterRow,
    UserRow,
)
from fxtop.protocol.ids import ManagerId, NodeId, RequestId, ServerId
from fxtop.views.column import Column
from fxtop.views.columns_jobs import JOB_COLUMNS
from fxtop.views.columns_nodes import NODE_COLUMNS
from fxtop.views.columns_pools import HOLDER_COLUMNS, POOL_COLUMNS
from fxtop.views.columns_reports import (
    EVENT_COLUMNS,
    FINDING_COLUMNS,
    LOST_COLUMNS,
    REFUSED_COLUMNS,
    REJECTED_COLUMNS,
    RejectedCount,
)
from fxtop.views.columns_sessions import SESSION_COLUMNS
from fxtop.views.columns_shares import SHARE_COLUMNS
from fxtop.views.columns_transporters import TRANSPORTER_COLUMNS
from fxtop.views.columns_users import USER_COLUMNS
from fxtop.views.search import holder_text, job_text, node_text, pool_text, session_text, share_text, transporter_text

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")


class HolderKey(NamedTuple):
    """A holder by its place in its pool: RLM doesn't name them."""

    pool: PoolKey
    place: int


def _rev(row: Any) -> Hashable:
    """The revision that the store counts; a row without one is frozen and stands for itself."""
    rev: Hashable = getattr(row, "rev", row)
    return rev


class PaneSpec(msgspec.Struct, Generic[K, R], frozen=True):
    """A table as data.

    ``changed`` picks this pane's ids out of a `Dirty`; None says that the rows are made anew each time and are few.
    ``search_text`` is what words without a field are looked for in. ``rev`` differs whenever a row may look different.
    """

    id: str
    title: str
    singular: str
    plural: str
    columns: tuple[Column[R], ...]
    rows: Callable[[Store], Mapping[K, R]]
    search_text: Callable[[R], str]
    sort: str
    descending: bool = False
    changed: Callable[[Dirty], AbstractSet[K]] | None = None
    moved: Callable[[Dirty], AbstractSet[K]] | None = None
    """Picks out those for which a `Column.lasting` value may be another, where that is known."""
    rev: Callable[[R], Hashable] = _rev
    hides: Callable[[R], bool] | None = None
    """Rows that a person has put away."""

    @property
    def default_sort(self) -> Column[R]:
        """The column that rows are sorted by until somebody chooses another."""
        return next(column for column in self.columns if column.id == self.sort)

    def column(self, id_: str) -> Column[R] | None:
        """The column of that id, if there is one."""
        return next((column for column in self.columns if column.id == id_), None)


def _holders(store: Store) -> Mapping[HolderKey, HolderRow]:
    return {
        HolderKey(key, place): holder for key, pool in store.pools.items() for place, holder in enumerate(pool.holders)
    }


class FindingKey(NamedTuple):
    """A finding by its rule and what it is about; ``nth`` tells apart those that share both."""

    kind: str
    subject: str
    nth: int

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


def _findings(store: Store) -> Mapping[FindingKey, Finding]:
    alike: Counter[tuple[str, str]] = Counter()
    found: dict[FindingKey, Finding] = {}
    for finding in findings(store):
        alike[finding.kind, finding.subject] += 1
        found[FindingKey(finding.kind, finding.subject, alike[finding.kind, finding.subject])] = finding
    return found


def _events(store: Store) -> Mapping[int, Event]:
    return _newest_first(store.events, store.announced)


def _rejected(store: Store) -> Mapping[tuple[str, str], RejectedCount]:
    return {key: RejectedCount(*key, count) for key, count in store.intake.rejected.items()}


def _lost(store: Store) -> Mapping[tuple[str, str], Losses]:
    return {(losses.sender, losses.kind): losses for losses in store.intake.losses()}


def _refused(store: Store) -> Mapping[int, RejectedMessage]:
    return _newest_first(store.intake.last_rejected, store.intake.rejected_total)


def _newest_first(kept: Collection[R], ever: int) -> Mapping[int, R]:
    """Each of the last ones by a number that it keeps while older ones drop out.

    They are numbered downwards, so that of those of one moment the newest stands first.
    """
    return {-number: item for number, item in enumerate(kept, start=ever - len(kept) + 1)}


NODES: Final[PaneSpec[NodeId, NodeRow]] = PaneSpec(
    id="nodes",
    title="Nodes",
    singular="node",
    plural="nodes",
    columns=NODE_COLUMNS,
    rows=lambda store: store.nodes,
    search_text=node_text,
    sort="node",
    changed=lambda dirty: dirty.nodes,
)
SESSIONS: Final[PaneSpec[SessionKey, SessionRow]] = PaneSpec(
    id="sessions",
    title="Sessions",
    singular="session",
    plural="sessions",
    columns=SESSION_COLUMNS,
    rows=lambda store: store.sessions,
    search_text=session_text,
    sort="user",
    changed=lambda dirty: dirty.sessions,
    moved=lambda dirty: dirty.moved,
)
USERS: Final[PaneSpec[str, UserRow]] = PaneSpec(
    id="users",
    title="Users",
    singular="user",
    plural="users",
    columns=USER_COLUMNS,
    rows=lambda store: store.users,
    search_text=lambda row: row.user,
    sort="sessions",
    descending=True,
    changed=lambda dirty: dirty.users,
)
TRANSPORTERS: Final[PaneSpec[ServerId, TransporterRow]] = PaneSpec(
    id="transporters",
    title="Transporters",
    singular="transporter",
    plural="transporters",
    columns=TRANSPORTER_COLUMNS,
    rows=lambda store: store.transporters,
    search_text=transporter_text,
    sort="name",
    changed=lambda dirty: dirty.transporters,
)
LICENSES: Final[PaneSpec[PoolKey, PoolRow]] = PaneSpec(
    id="licenses",
    title="License seats",
    singular="pool",
    plural="pools",
    columns=POOL_COLUMNS,
    rows=lambda store: store.pools,
    search_text=pool_text,
    sort="usage",
    descending=True,
    changed=lambda dirty: dirty.pools,
)
JOBS: Final[PaneSpec[RequestId, JobRow]] = PaneSpec(
    id="jobs",
    title="Jobs",
    singular="job",
    plural="jobs",
    columns=JOB_COLUMNS,
    rows=lambda store: store.jobs,
    search_text=job_text,
    sort="time",
    descending=True,
    changed=lambda dirty: dirty.jobs,
    hides=lambda job: job.dismissed,
)
SHARES: Final[PaneSpec[ManagerId, ShareRow]] = PaneSpec(
    id="shares",
    title="Shared data",
    singular="manager",
    plural="managers",
    columns=SHARE_COLUMNS,
    rows=lambda store: store.shares,
    search_text=share_text,
    sort="manager",
    changed=lambda dirty: dirty.shares,
)
HOLDERS: Final[PaneSpec[HolderKey, HolderRow]] = PaneSpec(
    id="holders",
    title="Seat holders",
    singular="holder",
    plural="holders",
    columns=HOLDER_COLUMNS,
    rows=_holders,
    search_text=holder_text,
    sort="seat",
    rev=lambda row: (row.holder, row.state, row.sessions),
)
FINDINGS: Final[PaneSpec[FindingKey, Finding]] = PaneSpec(
    id="findings",
    title="Findings",
    singular="finding",
    plural="findings",
    columns=FINDING_COLUMNS,
    rows=_findings,
    search_text=lambda row: f"{row.severity} {row.kind} {row.subject} {row.text}",
    sort="severity",
)
EVENTS: Final[PaneSpec[int, Event]] = PaneSpec(
    id="events",
    title="Events",
    singular="event",
    plural="events",
    columns=EVENT_COLUMNS,
    rows=_events,
    search_text=lambda row: f"{row.severity} {row.text}",
    sort="time",
    descending=True,
)
REJECTED: Final[PaneSpec[tuple[str, str], RejectedCount]] = PaneSpec(
    id="rejected",
    title="Rejected messages",
    singular="kind of rejected message",
    plural="kinds of rejected messages",
    columns=REJECTED_COLUMNS,
    rows=_rejected,
    search_text=lambda row: f"{row.reason} {row.kind}",
    sort="count",
    descending=True,
)
LOST: Final[PaneSpec[tuple[str, str], Losses]] = PaneSpec(
    id="lost",
    title="Lost messages",
    singular="sender of lost messages",
    plural="senders of lost messages",
    columns=LOST_COLUMNS,
    rows=_lost,
    search_text=lambda row: f"{row.sender} {row.kind}",
    sort="lost",
    descending=True,
)
REFUSED: Final[PaneSpec[int, RejectedMessage]] = PaneSpec(
    id="refused",
    title="Last rejected messages",
    singular="rejected message",
    plural="rejected messages",
    columns=REFUSED_COLUMNS,
    rows=_refused,
    search_text=lambda row: f"{row.reason} {row.subject} {row.detail}",
    sort="time",
    descending=True,
)

PANES: Final[dict[str, PaneSpec[Any, Any]]] = {
    pane.id: pane
    for pane in (
        NODES,
        SESSIONS,
        USERS,
        TRANSPORTERS,
        LICENSES,
        JOBS,
        SHARES,
        HOLDERS,
        FINDINGS,
        EVENTS,
        REJECTED,
        LOST,
        REFUSED,
    )
}
"""All of them by id."""
