"""What can be wrong with those who ask: requests that agents refused for who sent them, or for how they came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from fxtop.cluster.records import Finding, Severity
from fxtop.cluster.refused import Turned
from fxtop.cluster.rules.crowd import rows, subject_of
from fxtop.cluster.store import Store
from fxtop.cluster.words import naming, plural, span

_ATTACKED: Final = "somebody on the bus may be trying what they are not allowed to; nothing was done"
_NOTHING: Final = "nothing was done; whoever asked was told so"


class _Kind(NamedTuple):
    """How refusals with one code are told."""

    severity: Severity
    what: str
    """Follows a number of requests: «3 requests …»."""
    remedy: str
    consequence: str


_KINDS: Final[dict[str, _Kind]] = {
    "unsigned": _Kind(
        Severity.WARN,
        "without a signature",
        "find out which program sends them: the journal of the agents names the verbs and the times",
        _ATTACKED,
    ),
    "signature": _Kind(
        Severity.CRIT,
        "with a signature that doesn't fit",
        "they were changed, forged, or moved from another request: see who is on the bus, and change its token",
        _ATTACKED,
    ),
    "unknown_key": _Kind(
        Severity.WARN,
        "signed with a key that isn't listed",
        "list the key with `fxtop keys trust` if it is a colleague's; else see who is on the bus",
        _NOTHING,
    ),
    "replayed": _Kind(
        Severity.CRIT,
        "that had been made before",
        "somebody recorded them and plays them back, or a program uses ids twice: see who is on the bus",
        _ATTACKED,
    ),
    "expired": _Kind(
        Severity.WARN,
        "that had expired",
        "check the clocks on both sides (chronyc tracking)",
        "nothing was done: a request that comes late is not carried out",
    ),
    "skew": _Kind(
        Severity.WARN,
        "that expire too far ahead",
        "check the clocks on both sides (chronyc tracking)",
        "nothing was done: a request that would be valid for long could be played back for long",
    ),
    "role": _Kind(
        Severity.INFO,
        "that a role doesn't allow",
        "see with `fxtop can-i` what the key may do; change its role with `fxtop keys trust`",
        _NOTHING,
    ),
    "evidence": _Kind(
        Severity.CRIT,
        "of a manager without an operator's request behind them",
        "bring all agents to one version; if they are, that manager's key is in other hands: revoke it",
        _ATTACKED,
    ),
    "stale": _Kind(
        Severity.WARN,
        "of a manager for what an operator wanted too long ago",
        "check the clocks on both sides (chronyc tracking), and plan the rebalance anew",
        _NOTHING,
    ),
    "limit": _Kind(
        Severity.WARN,
        "beyond what one key may ask for",
        "see what its holder is running; the limits are in the agent's file, under [limits]",
        "nothing of it was done; other keys are not held up",
    ),
}


def refused(store: Store) -> Iterator[Finding]:
    """Requests that agents refused lately for who sent them, or for how they came."""
    for turned in store.refused.recent():
        yield _finding(turned, store.clock.monotonic())


def _finding(turned: Turned, now: float) -> Finding:
    kind = _KINDS[turned.code]
    nodes = sorted(turned.nodes)
    ago = span(max(0.0, now - turned.at))
    count = f"{turned.count:,} requests" if turned.count > 1 else "1 request"
    return Finding(
        severity=kind.severity,
        kind=f"refused-{turned.code.replace('_', '-')}",
        subject=subject_of(nodes, "nodes"),
        text=f"{count} {kind.what} refused by {naming(nodes)}{_whose(turned)}, the last {ago} ago",
        remedy=kind.remedy,
        consequence=kind.consequence,
        evidence=tuple(_evidence(turned)),
        rows=rows("nodes", nodes),
    )


def _whose(turned: Turned) -> str:
    names = naming(sorted(turned.names))
    if not names:
        return ""
    return f", from {names}" if turned.key is not None else f", said to be from {names}"


def _evidence(turned: Turned) -> Iterator[str]:
    if turned.key is not None:
        yield f"key {turned.key}"
    for what, counts in (("verb", turned.verbs), ("node", turned.nodes)):
        for name, count in counts.most_common():
            yield f"{what} {name}: {plural(count, 'time')}"
