"""What a login may do on the bus, by what the server says of it (``$SYS.REQ.USER.INFO``, nats-server 2.15)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from fxtop.actions.verbs import VERBS, Target
from fxtop.bus.settings import OBSERVED_KINDS
from fxtop.cluster.records import Severity
from fxtop.cluster.words import naming
from fxtop.doctor.finding import Finding, NotChecked, Outcome
from fxtop.protocol.consent import INTENT
from fxtop.protocol.control import CONSENT_VERBS
from fxtop.protocol.history import KIND as HISTORY
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.subjects import build, wildcard

ANY_NODE: Final = "any-node"
"""Stands for a node in the subject of a request; permissions are seldom by node."""


class Rules(msgspec.Struct):
    """Subjects that are allowed and denied. No list at all allows everything."""

    allow: list[str] | None = None
    deny: list[str] | None = None

    def permit(self, subject: str) -> bool:
        """Whether ``subject``, which may hold wildcards itself, lies within what is allowed."""
        allowed = not self.allow or any(covers(pattern, subject) for pattern in self.allow)
        return allowed and not any(covers(pattern, subject) for pattern in self.deny or ())


class Permissions(msgspec.Struct):
    """What may be published and subscribed to."""

    publish: Rules = msgspec.field(default_factory=Rules)
    subscribe: Rules = msgspec.field(default_factory=Rules)


class _User(msgspec.Struct):
    permissions: Permissions = msgspec.field(default_factory=Permissions)


class _Reply(msgspec.Struct):
    data: _User


def read_permissions(payload: bytes) -> Permissions | None:
    """The permissions in the server's answer; None where that isn't one."""
    try:
        return msgspec.json.decode(payload, type=_Reply).data.permissions
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def covers(pattern: str, subject: str) -> bool:
    """Whether every subject that ``subject`` stands for matches ``pattern`` (NATS: ``*`` a token, ``>`` the rest)."""
    want, have = pattern.split("."), subject.split(".")
    for at, part in enumerate(want):
        if part == ">":
            return len(have) > at
        if at >= len(have) or have[at] == ">" or part not in ("*", have[at]):
            return False
    return len(want) == len(have)


def judge(permissions: Permissions | None, cluster: ClusterSlug, server: str) -> Iterator[Outcome]:
    """What the console couldn't see, and which actions would be dropped on the way."""
    if permissions is None:
        yield NotChecked("what this login may do on the bus", f"{server} doesn't tell")
        return
    unseen = [kind for kind in OBSERVED_KINDS if not permissions.subscribe.permit(wildcard(cluster, kind))]
    if unseen:
        yield _lacking(
            Severity.WARN, server, f"this login can't hear {naming(unseen)}", unseen, "what they tell is missing"
        )
    unsent = [what for what, needed in _requests(cluster).items() if not all(map(permissions.publish.permit, needed))]
    if unsent:
        text = f"this login can't send {naming(unsent)}"
        yield _lacking(
            Severity.INFO, server, text, unsent, "the server drops such a request, or the answer never comes"
        )
    for what, subject, consequence in _questions(cluster, acts=len(unsent) < len(_requests(cluster))):
        if not permissions.publish.permit(subject):
            yield _lacking(Severity.WARN, server, f"this login can't {what}", [subject], consequence)


def _requests(cluster: ClusterSlug) -> dict[str, tuple[str, ...]]:
    """The subjects that each request takes (protocol 4)."""
    at_nodes = [verb for verb, spec in VERBS.items() if Target.CLUSTER not in spec.targets]
    return {
        **{verb: (build(cluster, "ctl.node", ANY_NODE, verb),) for verb in at_nodes},
        "rebalance": tuple(build(cluster, "ctl.manager", verb) for verb in ("plan", "rebalance")),
        **{verb: (build(cluster, "ctl.node", ANY_NODE, verb),) for verb in CONSENT_VERBS},
    }


def _questions(cluster: ClusterSlug, *, acts: bool) -> Iterator[tuple[str, str, str]]:
    """What is asked or told beside requests: in words, its subject, and what is missing without it.

    ``acts``: whether this login is meant to act at all; who only looks has nothing to announce.
    """
    yield (
        "ask the agents for their state",
        build(cluster, "sync"),
        "the screen fills slowly: agents tell it by and by",
    )
    yield (
        "ask the agents what they decided",
        build(cluster, HISTORY),
        "`fxtop journal` knows only what was written on this machine",
    )
    if acts:
        yield (
            "ask what became of a request",
            build(cluster, "ctl.node", ANY_NODE, "recall"),
            "a job whose end was missed stays unknown",
        )
        yield (
            "tell other operators what it is about to do",
            build(cluster, INTENT, "any"),
            "two operators may act on one node without seeing each other",
        )


def _lacking(severity: Severity, server: str, text: str, evidence: Sequence[str], consequence: str) -> Finding:
    return Finding(
        severity=severity,
        kind="bus-permissions",
        subject=server,
        text=text,
        evidence=(f"$SYS.REQ.USER.INFO: {', '.join(evidence)}",),
        consequence=consequence,
        remedy="have the login's permissions widened, if it is meant to do this",
    )
