"""Rules in words, for ``fxtop config check`` and ``fxtop agent config check``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from fxtop.actions.guardrails.globs import Globs
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.guardrails.rule import VERBS, Kind, Rule
from fxtop.actions.words import listed
from fxtop.views.format import plural, spoken_duration

_FREED: Final[dict[Kind, str]] = {
    Kind.DENY: "not denied by later rules",
    Kind.PROTECT: "not protected by later rules",
    Kind.QUIET: "no quiet hours by later rules",
    Kind.CAP: "no cap by later rules",
    Kind.LAUNCHERS: "no least number of launchers by later rules",
    Kind.TICKET: "no ticket needed by later rules",
    Kind.TYPED: "no typing needed by later rules",
    Kind.SECOND: "no second person needed by later rules",
}

_BLIND: Final[dict[Kind, str]] = {
    Kind.TYPED: "what a person typed isn't known here: only console and commands enforce it",
    Kind.CAP: "only what one request asks of this node is counted here: console and commands count all nodes",
    Kind.LAUNCHERS: "this node asks all others before it is drained: what doesn't answer doesn't count",
}
"""What an agent can't know by itself."""


def explained(rule: Rule, rules: Guardrails) -> str:
    """A rule as a sentence, with its place and the site's words."""
    demands = "; ".join(_demand(rule, kind, rules) for kind in rule.kinds)
    return f"{whom(rule)}: {demands}. “{rule.words}”"


def whom(rule: Rule) -> str:
    """What a rule is about: ``terminate on nodes gpu* for users prof-*, cluster prod``."""
    verbs = "everything" if rule.verbs == frozenset(VERBS) else ", ".join(verb for verb in VERBS if verb in rule.verbs)
    parts = [verbs, *_patterns("on nodes", rule.nodes), *_patterns("sessions", rule.sessions)]
    parts += _patterns("of users", rule.users)
    return " ".join(parts) + "".join(f", cluster {', '.join(rule.clusters.patterns)}" for _ in _named(rule.clusters))


def blind_spots(rule: Rule) -> tuple[str, ...]:
    """What of a rule an agent can't enforce alone, as sentences without a full stop."""
    spots = [_BLIND[kind] for kind in rule.kinds if kind in _BLIND and rule.demands(kind)]
    if rule.demands(Kind.CAP) and rule.verbs <= {"drain", "resume", "weight"}:
        spots = [spot for spot in spots if spot is not _BLIND[Kind.CAP]]
        spots.append("one request is about this node alone: only console and commands count nodes")
    return tuple(spots)


def idle(rules: Guardrails, clusters: tuple[str, ...]) -> tuple[Rule, ...]:
    """The rules that are for none of ``clusters``: most likely a slip of the pen."""
    return tuple(rule for rule in rules.rules if not any(rule.is_for((name,)) for name in clusters))


def _patterns(label: str, globs: Globs) -> Iterator[str]:
    if globs:
        yield f"{label} {listed(globs.patterns)}"


def _named(clusters: Globs) -> Iterator[str]:
    if clusters and clusters.patterns != ("*",):
        yield clusters.patterns[0]


def _demand(rule: Rule, kind: Kind, rules: Guardrails) -> str:
    return _DEMANDS[kind](rule, rules) if rule.demands(kind) else _FREED[kind]


_DEMANDS: Final[dict[Kind, Callable[[Rule, Guardrails], str]]] = {
    Kind.DENY: lambda rule, rules: "denied",
    Kind.PROTECT: lambda rule, rules: "protected",
    Kind.QUIET: lambda rule, rules: f"quiet {listed(rule.quiet.written)} ({rule.quiet.name})" if rule.quiet else "",
    Kind.CAP: lambda rule, rules: f"at most {rule.cap} at once",
    Kind.LAUNCHERS: lambda rule, rules: (
        f"at least {plural(rule.min_launchers or 0, 'node')} of these must still take new sessions"
    ),
    Kind.TICKET: lambda rule, rules: f"a ticket of the form {rule.ticket.pattern}" if rule.ticket else "",
    Kind.TYPED: lambda rule, rules: "confirmed by typing",
    Kind.SECOND: lambda rule, rules: f"a second person within {spoken_duration(rules.approve_within)}",
}
