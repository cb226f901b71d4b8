"""What the holders of keys may ask for: the roles that are always there, and those of a site."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar, Final

from fxtop.protocol.control import (
    CONSENT_VERBS,
    MANAGER_VERBS,
    NODE_VERBS,
    Args,
    DrainArgs,
    MessageArgs,
    RequeueArgs,
    TerminateArgs,
)
from fxtop.protocol.ids import NodeId, SessionId

QUESTIONS: Final = frozenset(("recall",))
"""What every listed key may ask for: it changes nothing, and tells nothing that was not on the bus before."""
VERBS: Final = tuple(
    dict.fromkeys(
        verb for verb in (*NODE_VERBS, *MANAGER_VERBS, *CONSENT_VERBS) if verb != "ping" and verb not in QUESTIONS
    )
)
"""What a role can allow; anybody may ping."""


@dataclass(frozen=True, slots=True)
class Role:
    """What one kind of key may ask for. Patterns are as in a shell; none means everybody, or everywhere."""

    name: str
    verbs: frozenset[str]
    sessions: int | None = None
    """Sessions that one request may end; None for no limit."""
    users: tuple[str, ...] = ()
    """Whose sessions may be touched."""
    nodes: tuple[str, ...] = ()
    """Where."""
    acts_for_others: bool = False
    """Whether each request has to come with an operator's own signed request behind it."""

    OPERATOR: ClassVar[Role]
    """Every verb."""
    HELPDESK: ClassVar[Role]
    """Messages, and ending one session at a time."""
    VIEWER: ClassVar[Role]
    """Nothing: a viewer needs no key, but may be listed so that refusals name the reason."""
    MANAGER: ClassVar[Role]
    """A cluster manager that applies a plan: weights, and sending pending sessions elsewhere."""

    def __str__(self) -> str:
        return self.name

    def forbids(self, verb: str, node: NodeId) -> str | None:
        """Why ``verb`` may not be asked for at ``node`` at all, as a sentence; None where it may."""
        if verb not in self.verbs:
            return f"The role {self} doesn't allow {verb}."
        if self.nodes and not _fits(node, self.nodes):
            return f"The role {self} is for the nodes {', '.join(self.nodes)}, and not for {node}."
        return None

    def forbids_extent(self, args: Args) -> str | None:
        """Why a request may not end as much as ``args`` say; None where it may."""
        if isinstance(args, DrainArgs) and args.then == "terminate" and (self.sessions is not None or self.users):
            return f"The role {self} may not end all sessions of a node."
        if isinstance(args, TerminateArgs) and self.sessions is not None:
            ended = len(set(args.sessions))
            if ended > self.sessions:
                most = "one session" if self.sessions == 1 else f"{self.sessions} sessions"
                return f"The role {self} may end {most} at a time, not {ended}."
        return None

    def forbids_users(self, users: Collection[str]) -> str | None:
        """Why the sessions of ``users`` may not be touched; None where they may."""
        others = sorted(user for user in users if self.users and not _fits(user, self.users))
        if not others:
            return None
        return f"The role {self} is for sessions of {', '.join(self.users)}, and not for those of {', '.join(others)}."


def touched(args: Args, living: Mapping[SessionId, str]) -> set[str]:
    """The users whose sessions ``args`` are about, of the ``living`` sessions with their users."""
    if isinstance(args, MessageArgs) and args.sessions is None:
        return set(living.values())
    named: Sequence[SessionId] = ()
    match args:
        case TerminateArgs() | MessageArgs():
            named = args.sessions or ()
        case RequeueArgs():
            named = (args.session,)
    return {living[session] for session in named if session in living}


def _fits(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


Role.OPERATOR = Role("operator", frozenset(VERBS))
Role.HELPDESK = Role("helpdesk", frozenset(("message", "terminate", "withdraw")), sessions=1)
Role.VIEWER = Role("viewer", frozenset())
Role.MANAGER = Role("manager", frozenset(("weight", "requeue")), acts_for_others=True)

BUILT_IN: Final[Mapping[str, Role]] = {
    role.name: role for role in (Role.OPERATOR, Role.HELPDESK, Role.VIEWER, Role.MANAGER)
}
