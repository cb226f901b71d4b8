"""A rule: whom it concerns, what it demands, and the site's own words for why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fxtop.actions.guardrails.globs import Globs
from fxtop.actions.guardrails.quiet import QuietHours
from fxtop.views.regex import Regex

VERBS: Final = ("drain", "resume", "terminate", "message", "rebalance", "weight", "requeue")
"""What rules can be about: everything that changes something."""

ON_SESSIONS: Final = frozenset({"drain", "terminate", "message", "rebalance", "requeue"})
"""Verbs that can concern sessions, and so their users."""

TAKES_LAUNCHERS: Final = frozenset({"drain", "weight", "rebalance"})
"""Verbs after which a node may take no new sessions any more."""


class Kind(StrEnum):
    """What a rule can demand; the word is its key in the configuration."""

    DENY = "deny"
    """It isn't done at all."""
    PROTECT = "protect"
    """These nodes, sessions or users are left alone."""
    QUIET = "quiet"
    """It isn't done in these hours."""
    CAP = "cap"
    """It isn't done to more than so many at once."""
    LAUNCHERS = "min_launchers"
    """So many nodes still take new sessions after it."""
    TICKET = "ticket"
    """It names a ticket of that form."""
    TYPED = "typed"
    """The person confirms it by typing."""
    SECOND = "second_person"
    """Somebody else agrees before it is done."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that an action is about: a node, or a session on it."""

    node: str
    session: str = ""
    """Empty where the node itself is meant."""
    user: str = ""
    """The session's; empty where that is not known."""

    def __str__(self) -> str:
        if not self.session:
            return self.node
        return f"{self.node}/{self.session} of {self.user}" if self.user else f"{self.node}/{self.session}"


class TicketForm:
    """What a ticket has to look like, from its first to its last character; without a pattern anything will do.

    Capitals and small letters are the same. Matching takes time in proportion to the ticket's length and nothing else.
    """

    def __init__(self, pattern: str) -> None:
        """RegexError where ``pattern`` is no pattern."""
        self.pattern = pattern
        self._regex = Regex(f"^({pattern})$") if pattern else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TicketForm) and self.pattern == other.pattern

    def __hash__(self) -> int:
        return hash(self.pattern)

    def fits(self, ticket: str | None) -> bool:
        """Whether ``ticket`` is one."""
        return self._regex is None or (bool(ticket) and self._regex.search((ticket or "").casefold()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. A demand that it doesn't make is None; the weakest value of one frees from later rules of the kind."""

    words: str
    """Of the site; shown wherever the rule stops somebody."""
    place: str = ""
    """Where it stands, for the administrator."""
    number: int = 0
    """Counted from 1."""
    clusters: Globs = field(default_factory=Globs)
    verbs: frozenset[str] = frozenset(VERBS)
    nodes: Globs = field(default_factory=Globs)
    sessions: Globs = field(default_factory=Globs)
    users: Globs = field(default_factory=Globs)

    deny: bool | None = None
    protect: bool | None = None
    quiet: QuietHours | None = None
    cap: int | None = None
    """0 for no cap."""
    min_launchers: int | None = None
    """Nodes that must still take new sessions. A node asks the others before it goes; one that doesn't answer, or says
    that it may go itself, doesn't count, so that no two pass because each saw the other stay."""
    ticket: TicketForm | None = None
    typed: bool | None = None
    second_person: bool | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Of what it demands, or frees from."""
        return tuple(kind for kind in Kind if self.says(kind))

    def says(self, kind: Kind) -> bool:
        """Whether it says anything of that kind."""
        return getattr(self, kind) is not None

    def demands(self, kind: Kind) -> bool:
        """Whether it demands anything of that kind, and doesn't only free from it."""
        match kind:
            case Kind.QUIET:
                return self.quiet is not None and bool(self.quiet.windows)
            case Kind.TICKET:
                return self.ticket is not None and bool(self.ticket.pattern)
            case _:
                return bool(getattr(self, kind))

    def concerns(self, target: Target) -> bool:
        """Whether ``target`` fits its patterns; one for sessions or users is for sessions only."""
        if not self.nodes.fit_node(target.node):
            return False
        if not self.of_sessions:
            return True
        return bool(target.session) and self.sessions.fit(target.session) and self.users.fit(target.user)

    @property
    def of_sessions(self) -> bool:
        """Whether its patterns are about sessions or their users."""
        return bool(self.sessions) or bool(self.users)

    def is_for(self, clusters: Iterable[str]) -> bool:
        """Whether it is a rule of the cluster that goes by these names."""
        return self.clusters.fit(*clusters)
