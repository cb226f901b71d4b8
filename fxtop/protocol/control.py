"""Requests that change something, their replies, and what is said of them afterwards (protocol 4)."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import msgspec

from fxtop.protocol.ids import NodeId, PlanId, PublicKey, RequestId, SessionId
from fxtop.protocol.wire import Count, Message, Name, Weight, Wire

NodeVerb = Literal["ping", "drain", "resume", "terminate", "message", "weight", "requeue", "recall"]
ManagerVerb = Literal["plan", "rebalance", "recall"]
Policy = Literal["sessions", "load", "memory"]
ReplyStatus = Literal["done", "accepted", "refused", "failed", "unsupported"]
ProgressStatus = Literal["running", "done", "partial", "failed"]

NODE_VERBS: Final[tuple[NodeVerb, ...]] = (
    "ping", "drain", "resume", "terminate", "message", "weight", "requeue", "recall",
)  # fmt: skip
MANAGER_VERBS: Final[tuple[ManagerVerb, ...]] = ("plan", "rebalance", "recall")
"""``recall`` is beside protocol 4: it asks what became of another request, and changes nothing."""
MANAGER_QUEUE: Final = "fxtop-manager"

HEADER_REQUEST: Final = "Fxtop-Request"
HEADER_OPERATOR: Final = "Fxtop-Operator"
HEADER_KEY: Final = "Fxtop-Key"
HEADER_EXPIRES: Final = "Fxtop-Expires"
HEADER_SIGNATURE: Final = "Fxtop-Signature"
HEADER_EVIDENCE: Final = "Fxtop-Evidence"
"""Beside those of protocol 4: with a manager's request to a node, the operator's request behind it
(`fxtop.protocol.evidence`)."""


CONSENT_VERBS: Final = ("approve", "withdraw")
"""Beside protocol 4, at every node: agreeing to a request that waits for a second person, and taking one back
(`fxtop.protocol.consent`)."""


class Args(Wire, frozen=True, kw_only=True, gc=False):
    """The arguments of a verb that takes none, and the base of the others."""


class DrainArgs(Args, frozen=True, kw_only=True, gc=False):
    """``deadline`` in Unix seconds; what happens ``then`` to the sessions that are left."""

    deadline: float | None = None
    then: Literal["wait", "terminate"] = "wait"


class TerminateArgs(Args, frozen=True, kw_only=True, gc=False):
    """``grace`` in seconds between asking a session to end and making it."""

    sessions: Annotated[list[SessionId], msgspec.Meta(min_length=1, max_length=500)]
    grace: Annotated[float, msgspec.Meta(ge=0, le=600)] = 10.0


class MessageArgs(Args, frozen=True, kw_only=True, gc=False):
    """``sessions`` null means all of the node."""

    sessions: list[SessionId] | None = None
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


class WeightArgs(Args, frozen=True, kw_only=True, gc=False):
    """A placement weight."""

    weight: Weight


class RequeueArgs(Args, frozen=True, kw_only=True, gc=False):
    """Send a pending session to another node."""

    session: SessionId
    to: NodeId


class PlanArgs(Args, frozen=True, kw_only=True, gc=False):
    """What a rebalance should even out, and among which nodes (null: all)."""

    policy: Policy
    nodes: list[NodeId] | None = None


class RebalanceArgs(Args, frozen=True, kw_only=True, gc=False):
    """Apply the plan of that id."""

    plan: PlanId


class RecallArgs(Args, frozen=True, kw_only=True, gc=False):
    """Tell what became of the request of that id."""

    request: RequestId


class ApproveArgs(Args, frozen=True, kw_only=True, gc=False):
    """Let the request of that id go on; ``digest`` says which one was read, and may only be empty for a dry run."""

    request: RequestId
    digest: Name = ""


class WithdrawArgs(Args, frozen=True, kw_only=True, gc=False):
    """Take the request of that id back, or turn it down."""

    request: RequestId


ARGS: Final[dict[str, type[Args]]] = {
    "ping": Args,
    "drain": DrainArgs,
    "resume": Args,
    "terminate": TerminateArgs,
    "message": MessageArgs,
    "approve": ApproveArgs,
    "withdraw": WithdrawArgs,
    "weight": WeightArgs,
    "requeue": RequeueArgs,
    "plan": PlanArgs,
    "rebalance": RebalanceArgs,
    "recall": RecallArgs,
}
"""The arguments of each verb."""


class Request(Message, frozen=True, kw_only=True, gc=False):
    """The payload of a request; ``args`` is decoded by verb with `fxtop.protocol.decode.decode_args`.

    ``second`` is an optional field beside those of protocol 4: wait until a second person approves.
    """

    reason: str = ""
    ticket: Name | None = None
    dry_run: bool = False
    second: bool = False
    args: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))


class Reply(Message, frozen=True, kw_only=True, gc=False):
    """The answer to a request. ``accepted`` means that the work goes on and that `JobProgress` follows."""

    request: RequestId
    status: ReplyStatus
    code: Name = ""
    detail: str = ""
    result: dict[str, Any] = {}


class JobItem(Wire, frozen=True, kw_only=True, gc=False):
    """One thing a job works on."""

    id: Name
    status: Name
    detail: str = ""


class Waits(Wire, frozen=True, kw_only=True, gc=False):
    """That a request waits for a second person until ``until`` (Unix seconds), and in what words a rule wants that.

    Who asked for it and why is told for those who come later; `fxtop.protocol.consent.Held` proves it.
    """

    until: float
    rule: str = ""
    operator: Name = ""
    reason: str = ""


class Dropped(Wire, frozen=True, kw_only=True, gc=False):
    """That the work of a request was never begun, and why."""

    code: Name
    detail: str = ""


class JobProgress(Message, frozen=True, kw_only=True, gc=False):
    """``job.<request>``; the last one of a request is not ``running``.

    ``waits`` and ``dropped`` are optional fields beside those of protocol 4. With ``waits`` nothing was done yet; with
    ``dropped`` the status is ``failed`` and nothing will be.
    """

    request: RequestId
    node: NodeId
    verb: Name
    status: ProgressStatus
    done: Count
    total: Count
    items: list[JobItem] = []
    waits: Waits | None = None
    dropped: Dropped | None = None
    ts: float


class Recalled(Wire, frozen=True, kw_only=True, gc=False):
    """The result of ``recall``: what a receiver remembers of a request."""

    known: bool
    """Whether it took the request on. A request that it refused it may have forgotten."""
    memory: float
    """Seconds back to which it would know of any request; few where its memory was lost."""
    reply: Reply | None = None
    """As it was given, or would have been; null while the request is being carried out."""
    progress: JobProgress | None = None
    """How far its job is, or how it ended; null where there is none."""


class Move(Wire, frozen=True, kw_only=True, gc=False):
    """A pending session that a plan sends elsewhere."""

    session: SessionId
    from_: NodeId = msgspec.field(name="from")
    to: NodeId
    kind: Literal["requeue"] = "requeue"


class RebalancePlan(Wire, frozen=True, kw_only=True, gc=False):
    """The result of ``plan``. ``before`` and ``after`` map a node to its expected number of sessions.

    ``eta`` (seconds until the balance is reached at the present rate of starts, null when unknown) and ``policy`` are
    optional fields beside those of protocol 4.
    """

    plan: PlanId
    expires: float
    weights: dict[str, float]
    moves: list[Move] = []
    before: dict[str, float] = {}
    after: dict[str, float] = {}
    notes: list[str] = []
    eta: float | None = None
    policy: Policy | None = None


class Audit(Message, frozen=True, kw_only=True, gc=False):
    """``audit.<node or manager>``: every decision of a receiver, refusals too.

    ``more`` is an optional field beside those of protocol 4: with it the record stands for so many further refusals of
    this verb with this code, which were too many to be told one by one. Such a record has no ``request``.
    """

    request: RequestId
    operator: Name
    key: PublicKey | None = None
    verb: Name
    args: dict[str, Any] = {}
    reason: str = ""
    ticket: Name | None = None
    decision: Name
    code: Name = ""
    outcome: Name = ""
    ts: float
    more: Count = 0
