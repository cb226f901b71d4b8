"""The rows of the store. One writer (`fxtop.cluster.store.Store`) changes them; everybody else reads.

``heard`` is monotonic seconds at receipt of the last message that spoke of the row; ages are measured from it and never
from a sender's clock. ``rev`` is a greater one after each batch in which a row changed, and a row that comes back under
an id has never the one of the row before it, so that a painted line can tell whether it is still true.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from fxtop.protocol.ids import LicenseId, ManagerId, NodeId, PublicKey, RequestId, ServerId, SessionId

if TYPE_CHECKING:
    from fxtop.cluster.history import History, Ring
    from fxtop.cluster.voices import Overheard
    from fxtop.protocol.control import JobItem, Waits
    from fxtop.protocol.license import Holder, LicenseHeartbeat, Pool
    from fxtop.protocol.node import NodeFacts, NodeHeartbeat
    from fxtop.protocol.session import SessionBody
    from fxtop.protocol.share import StoreHeartbeat
    from fxtop.protocol.transporter import TransporterHeartbeat


class Liveness(StrEnum):
    """How long a sender has been silent, in its own intervals (late after 2, stale after 3, lost after 6)."""

    LIVE = "live"
    LATE = "late"
    STALE = "stale"
    LOST = "lost"
    LEFT = "left"
    """It said goodbye."""


class SessionKey(msgspec.Struct, frozen=True, order=True, array_like=True, gc=False):
    """Sessions are named within their node.

    Not a tuple, as the other keys are: there are very many of these, and a tuple is twice as large and takes five times
    as long to make.
    """

    node: NodeId
    session: SessionId

    def __str__(self) -> str:
        return f"{self.node}/{self.session}"


class PoolKey(NamedTuple):
    """A pool of seats; ``pool`` is RLM's number, or the ordinal among pools that look alike."""

    server: LicenseId
    isv: str
    product: str
    version: str
    pool: str

    def __str__(self) -> str:
        return f"{self.server}/{self.isv}/{self.product}/{self.version}/{self.pool}"


class Row(msgspec.Struct, kw_only=True):
    """What every row has. A struct and no dataclass, as that is the way to keep rows from the garbage collector."""

    heard: float
    rev: int = 0
    liveness: Liveness = Liveness.LIVE
    skew: float | None = None
    """Sender's clock minus ours, in seconds, at the last message."""


class NodeRow(Row, kw_only=True):
    """A FastX node. ``beat`` is None while only facts or sessions of it were heard, or no agent speaks of it at all."""

    id: NodeId
    beat: NodeHeartbeat | None = None
    facts: NodeFacts | None = None
    sessions: dict[SessionKey, SessionRow] = msgspec.field(default_factory=dict)
    """The rows themselves: a set of their keys would take twice the memory."""
    history: History | None = None
    """Of what a heartbeat tells; of the CPU alone where only FastX's own bus tells of the node."""
    acting: tuple[RequestId, ...] = ()
    """Unfinished jobs that touch this node."""
    unofficial: Overheard | None = None
    """What FastX's own bus tells of it, where that is listened to; it only fills in what no agent tells."""

    @property
    def cpu(self) -> Ring | None:
        """History of the share of all cores in use."""
        return self._past(0)

    @property
    def mem(self) -> Ring | None:
        """History of the share of memory in use."""
        return self._past(1)

    @property
    def load(self) -> Ring | None:
        """History of the load average of one minute."""
        return self._past(2)

    @property
    def count(self) -> Ring | None:
        """History of the number of sessions."""
        return self._past(3)

    def _past(self, figure: int) -> Ring | None:
        return self.history.ring(figure) if self.history is not None else None

    @property
    def by_agent(self) -> bool:
        """Whether an agent ever spoke of it. Else it is only known from FastX's own bus, and nobody takes requests."""
        return bool(self.beat or self.facts or self.sessions)

    @property
    def interval(self) -> float | None:
        """Seconds between heartbeats, or None before the first."""
        if self.beat:
            return self.beat.interval
        return self.unofficial.interval if self.unofficial and not self.by_agent else None

    @property
    def host(self) -> str:
        """The FQDN where it is known, else the name that the host itself uses, else the id."""
        if self.facts:
            return self.facts.host
        return (self.unofficial.hostname if self.unofficial else "") or self.id


class SeatState(StrEnum):
    """Whether a session has a seat, or a seat a session, as far as user and host tell."""

    HELD = "held"
    MISSING = "missing"
    UNKNOWN = "unknown"


class SessionRow(Row, kw_only=True, gc=False):
    """A session; its liveness is its node's.

    Nothing that it holds leads back to it, so the garbage collector needn't know of it.
    """

    key: SessionKey
    body: SessionBody
    seat: SeatState = SeatState.UNKNOWN
    acting: tuple[RequestId, ...] = ()


class UserRow(msgspec.Struct, kw_only=True, gc=False):
    """Somebody who has sessions, and how many of them are in each state. Nobody sends it, so it has no age."""

    user: str
    rev: int = 0
    sessions: int = 0
    pending: int = 0
    starting: int = 0
    running: int = 0
    disconnected: int = 0
    ending: int = 0
    ghost: int = 0
    orphan: int = 0
    unknown: int = 0


class Sighting(msgspec.Struct):
    """A server as the shared token alone shows it (facts: CONNZ and STATZ over ``$SYS.REQ.ACCOUNT.PING``)."""

    server: ServerId
    name: str
    host: str
    version: str
    cluster: str
    connections: int
    total_connections: int
    subscriptions: int
    in_msgs: int
    out_msgs: int
    in_bytes: int
    out_bytes: int
    slow_consumers: int
    jetstream: bool
    clients: tuple[str, ...] = ()
    """Names of connected clients."""
    via: str = ""
    """The configured server that showed it: servers seen through different ones only are different islands."""


class TransporterRow(Row, kw_only=True):
    """A NATS server, heard from an agent beside it, sighted by the token alone, or both."""

    id: ServerId
    beat: TransporterHeartbeat | None = None
    sighting: Sighting | None = None
    interval: float | None = None
    in_rate: float | None = None
    """Messages a second into the server, between the last two readings."""
    out_rate: float | None = None
    bytes_rate: float | None = None
    """Bytes a second, both ways."""
    slow_since_start: int = 0
    """Slow consumers since the console started."""
    island: int = 0
    """Servers with the same number see each other."""
    nodes: set[NodeId] = msgspec.field(default_factory=set)
    msgs: Ring | None = None

    @property
    def name(self) -> str:
        """Its configured name, or its id."""
        if self.beat:
            return self.beat.name
        return self.sighting.name if self.sighting else self.id


class LicenseRow(Row, kw_only=True):
    """An RLM server."""

    id: LicenseId
    beat: LicenseHeartbeat | None = None
    pools: list[PoolKey] = msgspec.field(default_factory=list)


class HolderRow(msgspec.Struct, kw_only=True):
    """A holder of seats with what is known of its session."""

    holder: Holder
    state: SeatState
    sessions: tuple[SessionKey, ...] = ()


class PoolRow(Row, kw_only=True):
    """A pool of licence seats."""

    key: PoolKey
    pool: Pool
    holders: list[HolderRow] = msgspec.field(default_factory=list)
    denials: int = 0
    """Since the console started; survives a reset of the server's counter."""
    used: Ring | None = None


class ShareRow(Row, kw_only=True):
    """Shared data of a cluster manager."""

    id: ManagerId
    beat: StoreHeartbeat | None = None
    behind_since: float | None = None
    """Monotonic seconds since which what it has yet to receive hasn't become less."""


class JobState(StrEnum):
    """Where a request stands. Requested is not done."""

    REQUESTED = "requested"
    ACCEPTED = "accepted"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    REFUSED = "refused"
    UNSUPPORTED = "unsupported"
    UNKNOWN = "unknown"
    """Nobody knows; what is known stands beside it."""

    @property
    def ended(self) -> bool:
        """Whether no more is expected by itself."""
        return self not in (JobState.REQUESTED, JobState.ACCEPTED, JobState.RUNNING)

    @property
    def bad(self) -> bool:
        """Whether somebody must look at it; such a job stays until dismissed."""
        return self in (JobState.PARTIAL, JobState.FAILED, JobState.REFUSED, JobState.UNSUPPORTED, JobState.UNKNOWN)


class JobRow(Row, kw_only=True):
    """A request on its way, ours or somebody else's (from ``job`` and ``audit``)."""

    id: RequestId
    plan: str = ""
    """Our plan it belongs to; empty for other operators' jobs."""
    mine: bool = False
    verb: str = ""
    target: str = ""
    """Node id, or ``manager``."""
    sessions: tuple[SessionId, ...] = ()
    operator: str = ""
    key: PublicKey | None = None
    reason: str = ""
    ticket: str | None = None
    state: JobState = JobState.REQUESTED
    code: str = ""
    detail: str = ""
    done: int = 0
    total: int = 0
    items: tuple[JobItem, ...] = ()
    waits: Waits | None = None
    """A second person must approve it before anything is done."""
    keeper: NodeId | None = None
    """The node whose agent keeps it while it waits."""
    requested_at: float = 0.0
    """Unix seconds by our clock."""
    ended_at: float | None = None
    dismissed: bool = False


class Dirty(msgspec.Struct):
    """Ids that changed since the last drain, by kind; a removed id stands in its set too and is gone from the store."""

    nodes: set[NodeId] = msgspec.field(default_factory=set)
    sessions: set[SessionKey] = msgspec.field(default_factory=set)
    moved: set[SessionKey] = msgspec.field(default_factory=set)
    """The sessions among them that came, went, or changed in more than what walks by itself: CPU, memory, idle time."""
    transporters: set[ServerId] = msgspec.field(default_factory=set)
    licenses: set[LicenseId] = msgspec.field(default_factory=set)
    pools: set[PoolKey] = msgspec.field(default_factory=set)
    shares: set[ManagerId] = msgspec.field(default_factory=set)
    jobs: set[RequestId] = msgspec.field(default_factory=set)
    users: set[str] = msgspec.field(default_factory=set)

    @classmethod
    def of(cls, parts: Sequence[Dirty]) -> Dirty:
        """All that ``parts`` have; a single one is not copied, for others may have it too."""
        if len(parts) == 1:
            return parts[0]
        return cls(*(set().union(*(getattr(part, name) for part in parts)) for name in cls.__struct_fields__))

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__struct_fields__)


class Severity(StrEnum):
    """How bad a thing is, worst first by ``rank``."""

    CRIT = "crit"
    WARN = "warn"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is worst."""
        return ("crit", "warn", "info").index(self.value)


class Event(msgspec.Struct, frozen=True):
    """A line for the event line and the event log."""

    at: float
    """Unix seconds by our clock."""
    severity: Severity
    text: str


RowKind = Literal["nodes", "sessions", "transporters", "licenses", "pools", "shares", "jobs"]
"""The store's tables."""


class RowRef(NamedTuple):
    """A row of the store by its table and its id in there."""

    kind: RowKind
    id: str | SessionKey | PoolKey


class Finding(msgspec.Struct, frozen=True):
    """Something that is wrong: what, with what, what follows, and what to do. Console and doctor speak in these."""

    severity: Severity
    kind: str
    """Stable name of what is wrong, as ``node-lost``; the same wherever it is found."""
    subject: str
    """What it is about, as shown."""
    text: str
    remedy: str = ""
    consequence: str = ""
    """What follows from it while nobody does anything; empty where that is plain."""
    evidence: tuple[str, ...] = ()
    """Where it was seen: a file and its line, or what was measured or told."""
    rows: tuple[RowRef, ...] = ()
    """The rows that it rests on, where it was found in a store."""
