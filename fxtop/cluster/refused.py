"""Who was refused lately, and why: what the agents' audit records tell of requests that should not have been made.

A request that is refused for what it is about (a session that is gone, a plan that no longer fits) is no such thing.
Only what is wrong with who asked, or with how it came, is kept here: it is what an attack, a wrong clock or a forgotten
key looks like.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

import msgspec

from fxtop.protocol.control import MANAGER_VERBS, Audit

RECENT: Final = 900.0
"""Seconds for which a refusal is worth telling."""
MOST: Final = 64
"""Askers that are kept apart; those heard of longest ago go."""
NAMED: Final = 20
"""Names of each kind that are kept of one asker."""
KNOWN: Final = 1024
"""Records that are known again when an agent repeats them to whoever asks for its state."""

STRANGE: Final = frozenset(("unsigned", "signature", "unknown_key"))
"""Codes of requests that prove nothing about who sent them, and of keys that anybody can make."""
CODES: Final = STRANGE | {"replayed", "expired", "skew", "role", "evidence", "stale", "limit"}
"""What says that something is wrong with who asked."""


class Turned(msgspec.Struct):
    """Refusals with one code of one asker: a listed key, or all strangers together."""

    code: str
    key: str | None
    at: float
    """Monotonic seconds of the last one."""
    count: int = 0
    nodes: Counter[str] = msgspec.field(default_factory=Counter)
    verbs: Counter[str] = msgspec.field(default_factory=Counter)
    names: Counter[str] = msgspec.field(default_factory=Counter)
    """Operators that they said to be from. Of strangers it proves nothing."""


class Refused:
    """The refusals of one cluster, as far as they are recent."""

    def __init__(self) -> None:
        self._turned: dict[tuple[str, str | None], Turned] = {}
        self._known: dict[tuple[object, ...], None] = {}
        self.rev = 0
        """Goes up with each change."""

    def audit(self, source: str, audit: Audit, at: float) -> None:
        """Take a receiver's record of a decision, which is of monotonic second ``at``; the same again counts once."""
        if audit.decision != "refused" or audit.code not in CODES:
            return
        if audit.code == "stale" and audit.verb in MANAGER_VERBS:
            return  # the cluster moved under a plan, which is nobody's fault
        if self._is_known(source, audit):
            return
        who = audit.code, None if audit.code in STRANGE else audit.key
        turned = self._turned.pop(who, None) or Turned(*who, at)
        self._turned[who] = turned  # the newest last
        while len(self._turned) > MOST:
            del self._turned[next(iter(self._turned))]
        count = audit.more or 1
        turned.at, turned.count = max(turned.at, at), turned.count + count
        for names, name in ((turned.nodes, source), (turned.verbs, audit.verb), (turned.names, audit.operator)):
            if name and (name in names or len(names) < NAMED):
                names[name] += count
        self.rev += 1

    def _is_known(self, source: str, audit: Audit) -> bool:
        """Whether this very record was taken before; from now on it is."""
        record = source, audit.ts, audit.request, audit.verb, audit.code, audit.key, audit.operator
        if record in self._known:
            return True
        self._known[record] = None
        if len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]
        return False

    def advance(self, now: float) -> None:
        """Forget what is no longer recent."""
        over = [who for who, turned in self._turned.items() if now - turned.at > RECENT]
        for who in over:
            del self._turned[who]
            self.rev += 1

    def recent(self) -> list[Turned]:
        """What is kept."""
        return list(self._turned.values())
