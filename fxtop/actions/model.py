"""What an action is made of: the intent of a person, the frozen plan that is shown, what it takes to confirm it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, NewType

from fxtop.actions.errors import Refused as Refused  # noqa: PLC0414  # whoever reads here finds it here
from fxtop.actions.errors import Stale as Stale  # noqa: PLC0414  # as above
from fxtop.cluster.records import JobState, SessionKey
from fxtop.protocol.control import Args, Policy, RebalancePlan
from fxtop.protocol.ids import ClusterSlug, NodeId

Verb = Literal["drain", "resume", "terminate", "message", "rebalance"]
ActionId = NewType("ActionId", str)


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person wants, as far as it was said. Fields that don't belong to the verb keep their defaults."""

    verb: Verb
    nodes: tuple[NodeId, ...] = ()
    """Targets of drain, resume and message; for rebalance the nodes to balance among, none meaning all."""
    sessions: tuple[SessionKey, ...] = ()
    """Targets of terminate and message."""
    reason: str = ""
    ticket: str | None = None
    deadline: float | None = None
    """Drain: Unix seconds."""
    then: Literal["wait", "terminate"] = "wait"
    grace: float = 10.0
    text: str = ""
    policy: Policy = "sessions"


@dataclass(frozen=True, slots=True)
class Step:
    """One request that a plan will send: to one node, or to the managers."""

    target: str
    """Node id, or ``manager``."""
    verb: str
    args: Args
    summary: str
    """What it does, in a few words: ``terminate 3 sessions of ann, bob``."""
    sessions: tuple[SessionKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Consequences:
    """What comes of a plan, as far as can be known; None means unknown."""

    sessions: tuple[SessionKey, ...] = ()
    """Sessions that end, or are concerned."""
    users: tuple[str, ...] = ()
    seats_freed: int | None = None
    capacity_left: int | None = None
    """Free session places on the nodes that still take sessions."""
    launchers_left: int | None = None
    """Nodes that still take new sessions."""
    notes: tuple[str, ...] = ()
    """Sentences that the person must read before confirming."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What must be done to commit: ``press`` a key, or ``type`` exactly ``expect``."""

    kind: Literal["press", "type"]
    expect: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class RuleNote:
    """What a rule of the site demands of a plan that it doesn't forbid."""

    demand: str
    """As a sentence."""
    words: str
    """The rule's own."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be sent, frozen: the fleet may move, the plan may not."""

    id: ActionId
    cluster: ClusterSlug
    intent: Intent
    steps: tuple[Step, ...]
    consequences: Consequences
    confirmation: Confirmation
    made_at: float
    """Unix seconds."""
    skipped: tuple[tuple[str, str], ...] = ()
    """Targets left out, each with a sentence."""
    balance: RebalancePlan | None = None
    """The manager's plan, for a rebalance."""
    size: int = 0
    """How many things it is about: nodes, sessions, or pending sessions that are moved."""
    mass: bool = False
    """Whether these are more than may go without a look back: such a plan can be stopped before it is sent."""
    rules: tuple[RuleNote, ...] = ()
    """What the site's rules demand of it."""
    second_person: bool = False
    """Whether its requests ask each receiver to wait until somebody else approves."""
    born: float = 0.0
    """Monotonic seconds at which it was made: its age must not depend on a clock that can be set."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A plan on its way: the requests in the order of its steps."""

    plan: Plan
    requests: tuple[str, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What a receiver says that a step would do (protocol 4, ``dry_run``)."""

    step: Step
    state: JobState
    """How the real request would be answered; ``unknown`` where nobody answered."""
    code: str = ""
    detail: str = ""
    result: dict[str, Any] = field(default_factory=dict)
