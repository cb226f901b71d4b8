"""Who comes in through the gate, and what each may say and hear there: what this protocol needs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from fxtop.protocol.consent import INTENT
from fxtop.protocol.history import KIND as HISTORY
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.subjects import build, wildcard


class RoleName(StrEnum):
    """The users of a gate."""

    AGENT = "agent"
    MANAGER = "manager"
    OPERATOR = "operator"
    VIEWER = "viewer"


class Grant(NamedTuple):
    """A subject that may be used, and what for."""

    subject: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One user and its permissions. ``replies`` lets it answer whoever asked it, and only those."""

    name: RoleName
    who: str
    inbox_prefix: str
    publish: tuple[Grant, ...]
    subscribe: tuple[Grant, ...]
    replies: bool = False


AGENTS_INBOX: Final = "_INBOX"
"""The NATS client's usual one, so that agents need no setting for it."""

_TOLD: Final = (
    ("hb", "heartbeats, every few seconds"),
    ("facts", "what changes rarely on a node"),
    ("session", "changes of sessions"),
    ("sessions", "all sessions of a node"),
    ("bye", "goodbyes"),
    ("job", "progress of jobs"),
    ("audit", "every decision of an agent"),
)
"""What agents tell and consoles hear (protocol 2 and 4)."""

_MANAGERS_HEAR: Final = ("hb.node", "facts.node", "bye.node", "session", "sessions")
"""What managers make plans from."""

_MANAGERS_ASK: Final = (("weight", "apply a plan: placement weights"), ("requeue", "apply a plan: pending sessions"))

_CONSOLES_ASK: Final = (
    Grant("$SYS.REQ.ACCOUNT.PING.CONNZ", "ask the servers who is connected"),
    Grant("$SYS.REQ.ACCOUNT.PING.STATZ", "ask the servers for their counters"),
    Grant("$SYS.REQ.USER.INFO", "ask what this login may do"),
    Grant("$SRV.PING", "find agents, as `nats micro ls` does"),
    Grant("$SRV.PING.>", "find one agent"),
    Grant("$SRV.INFO", "ask agents what they serve"),
    Grant("$SRV.INFO.>", "ask one agent what it serves"),
    Grant("$SRV.STATS", "ask agents for their error counts"),
    Grant("$SRV.STATS.>", "ask one agent for its error counts"),
)

_OVERHEARD: Final = (
    Grant("*.HEARTBEAT", "FastX's own heartbeats, read by fxtop's `moleculer` switch"),
    Grant("*.INFO", "what FastX's nodes tell of themselves"),
    Grant("*.INFO.>", "the same, told to one of them"),
    Grant("*.DISCONNECT", "goodbyes of FastX's nodes"),
)
_DISCOVER: Final = (
    Grant("*.DISCOVER", "ask FastX's nodes who they are (`moleculer_discover`)"),
    Grant("*.DISCOVER.>", "ask one of them"),
)


def roles(cluster: ClusterSlug, *, overhear: bool = False, discover: bool = False) -> tuple[Role, ...]:
    """The users of a gate for ``cluster``.

    Args:
        cluster: its name in subjects.
        overhear: whether consoles may hear FastX's own HEARTBEAT, INFO and DISCONNECT.
        discover: whether operators' consoles may ask FastX's nodes who they are; viewers' never may.
    """
    return (
        _agent(cluster),
        _manager(cluster),
        _operator(cluster, overhear=overhear, discover=overhear and discover),
        _viewer(cluster, overhear=overhear),
    )


def _agent(cluster: ClusterSlug) -> Role:
    return Role(
        name=RoleName.AGENT,
        who="fxtop agents on nodes",
        inbox_prefix=AGENTS_INBOX,
        publish=(
            *(Grant(wildcard(cluster, kind), f"tell: {what}") for kind, what in _TOLD),
            Grant(build(cluster, "sync"), "ask all nodes for their state: to plan with, or where a rule wants to know"),
        ),
        subscribe=(
            Grant(build(cluster, "sync"), "be asked for the present state"),
            Grant(build(cluster, HISTORY), "be asked what was decided"),
            Grant(wildcard(cluster, "ctl.node"), "be asked to act; agents check the signature of each request"),
            Grant("$SRV.>", "be found as a micro service"),
            _inbox(AGENTS_INBOX),
        ),
        replies=True,
    )


def _manager(cluster: ClusterSlug) -> Role:
    agent = _agent(cluster)
    asks = (Grant(f"{build(cluster, 'ctl')}.node.*.{verb}", why) for verb, why in _MANAGERS_ASK)
    return Role(
        name=RoleName.MANAGER,
        who="fxtop agents on cluster managers, which also make plans and apply them",
        inbox_prefix=AGENTS_INBOX,
        publish=(
            *agent.publish,
            Grant(wildcard(cluster, "plan"), "tell the other managers of a plan"),
            *asks,
        ),
        subscribe=(
            *agent.subscribe,
            Grant(wildcard(cluster, "ctl.manager"), "be asked for a plan, or to apply one"),
            Grant(wildcard(cluster, "plan"), "hear of other managers' plans"),
            *(Grant(wildcard(cluster, kind), "know the nodes, to plan with") for kind in _MANAGERS_HEAR),
        ),
        replies=True,
    )


def _operator(cluster: ClusterSlug, *, overhear: bool, discover: bool) -> Role:
    viewer = _viewer(cluster, overhear=overhear)
    prefix = _own_inbox(RoleName.OPERATOR)
    return Role(
        name=RoleName.OPERATOR,
        who="people who may act; their requests must be signed with a key that agents list, too",
        inbox_prefix=prefix,
        publish=(
            *viewer.publish,
            Grant(wildcard(cluster, "ctl.node"), "drain, resume, terminate, message, weight, requeue, approve"),
            Grant(wildcard(cluster, "ctl.manager"), "plan and rebalance"),
            Grant(wildcard(cluster, INTENT), "tell other operators what is about to be done"),
            *(_DISCOVER if discover else ()),
        ),
        subscribe=(*_heard(cluster, overhear=overhear), _inbox(prefix)),
    )


def _viewer(cluster: ClusterSlug, *, overhear: bool) -> Role:
    prefix = _own_inbox(RoleName.VIEWER)
    return Role(
        name=RoleName.VIEWER,
        who="people and wall screens who only look: they can put questions, and no request",
        inbox_prefix=prefix,
        publish=(
            Grant(build(cluster, "sync"), "ask agents for their present state"),
            Grant(build(cluster, HISTORY), "ask agents what they decided"),
            *_CONSOLES_ASK,
        ),
        subscribe=(*_heard(cluster, overhear=overhear), _inbox(prefix)),
    )


def _heard(cluster: ClusterSlug, *, overhear: bool) -> Iterator[Grant]:
    yield from (Grant(wildcard(cluster, kind), what) for kind, what in _TOLD)
    yield Grant(wildcard(cluster, INTENT), "what operators are about to do")
    yield from _OVERHEARD if overhear else ()


def _own_inbox(name: RoleName) -> str:
    """A prefix that only this role may listen to, so that nobody else reads its answers."""
    return f"_INBOX_{name}"


def _inbox(prefix: str) -> Grant:
    return Grant(f"{prefix}.>", "hear answers to its own questions")
