"""Judging an action by the rules: what forbids it, and what has to be done before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from fxtop.actions.guardrails.quiet import spoken
from fxtop.actions.guardrails.rule import Kind, Rule, Target
from fxtop.actions.words import listed
from fxtop.views.format import plural

NAMED: Final = 3
"""Targets that a sentence names."""


@dataclass(frozen=True, slots=True)
class Act:
    """What is about to be done, as far as rules ask for it."""

    verb: str
    targets: tuple[Target, ...]
    at: float
    """Unix seconds."""
    ticket: str | None = None
    takes: frozenset[str] = frozenset()
    """Nodes that take new sessions now and don't after it."""
    leaves: frozenset[str] = frozenset()
    """Nodes that are known to take new sessions after it."""


@dataclass(frozen=True, slots=True)
class Governed:
    """What one rule demands, in one kind, of some of the targets."""

    kind: Kind
    rule: Rule
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an action can't be: ``what`` is a sentence about it, the rule has the site's own words."""

    kind: Kind
    rule: Rule
    what: str

    @property
    def sentence(self) -> str:
        """Both."""
        return f"{self.what} {self.rule.words}"


@dataclass(frozen=True)
class Judgement:
    """What the rules say to an action."""

    act: Act
    governed: tuple[Governed, ...] = ()

    @cached_property
    def objections(self) -> tuple[Objection, ...]:
        """What forbids it, in the order of the kinds; a ticket that it lacks is among them."""
        return tuple(
            Objection(each.kind, each.rule, what)
            for each in self.governed
            if (what := _objection(each, self.act)) is not None
        )

    @property
    def lasting(self) -> tuple[Objection, ...]:
        """What forbids it whatever else is said: all but a ticket that it lacks."""
        return tuple(each for each in self.objections if each.kind is not Kind.TICKET)

    def rules(self, kind: Kind) -> tuple[Rule, ...]:
        """The rules that demand something of that kind."""
        return tuple(each.rule for each in self.governed if each.kind is kind)


@dataclass(frozen=True, slots=True)
class Guardrails:
    """Rules in their order."""

    rules: tuple[Rule, ...] = ()
    approve_within: float = 900.0
    """Seconds that a request waits for a second person."""

    def of_cluster(self, *names: str) -> Guardrails:
        """Those for the cluster that goes by these names."""
        return Guardrails(tuple(rule for rule in self.rules if rule.is_for(names)), self.approve_within)

    def judge(self, act: Act) -> Judgement:
        """What they say to ``act``."""
        return Judgement(act, tuple(_governed(self.rules, act)))

    def ask_of(self, verb: str, kind: Kind) -> bool:
        """Whether any rule demands something of that kind of ``verb``."""
        return any(verb in rule.verbs and rule.demands(kind) for rule in self.rules)

    def ask_for_users(self, verb: str) -> bool:
        """Whether it depends on sessions and their users what is demanded of ``verb``."""
        return any(verb in rule.verbs and rule.of_sessions for rule in self.rules)


def _governed(rules: Sequence[Rule], act: Act) -> Iterable[Governed]:
    asked = [rule for rule in rules if act.verb in rule.verbs]
    for kind in Kind:
        of_kind = [rule for rule in asked if rule.says(kind)]
        found: dict[int, list[Target]] = {}
        for target in act.targets if of_kind else ():
            first = next((at for at, rule in enumerate(of_kind) if rule.concerns(target)), None)
            if first is not None and of_kind[first].demands(kind):
                found.setdefault(first, []).append(target)
        yield from (Governed(kind, of_kind[at], tuple(found[at])) for at in sorted(found))


def count(targets: Iterable[Target]) -> int:
    """How many things these are: the nodes or the sessions, whichever are more."""
    on_sessions = [bool(target.session) for target in targets]
    return max(sum(on_sessions), len(on_sessions) - sum(on_sessions))


def _objection(governed: Governed, act: Act) -> str | None:
    """Why the rule forbids ``act``, as a sentence; None where what it demands is fulfilled or can still be.

    Kinds that aren't in the table are about what people do, not about the action.
    """
    judge = _JUDGES.get(governed.kind)
    return judge(governed, act) if judge else None


def _names(governed: Governed) -> str:
    return listed([str(target) for target in governed.targets], NAMED)


def _denied(governed: Governed, act: Act) -> str:
    return f"A rule denies the {act.verb} of {_names(governed)}."


def _protected(governed: Governed, _: Act) -> str:
    return f"A rule protects {_names(governed)}."


def _too_many(governed: Governed, _: Act) -> str | None:
    number = count(governed.targets)
    limit = governed.rule.cap or number
    return f"A rule allows {limit} at once, and these are {number}." if number > limit else None


def _quiet(governed: Governed, act: Act) -> str | None:
    quiet = governed.rule.quiet
    end = quiet.until(act.at) if quiet else None
    if quiet is None or end is None:
        return None
    now = spoken(quiet.local(act.at))
    return f"It is {now} in {quiet.name}: quiet for the {act.verb} of {_names(governed)} until {spoken(end)}."


def _too_few(governed: Governed, act: Act) -> str | None:
    """Only what takes a launcher of the rule's nodes away can break it."""
    rule = governed.rule
    if not any(rule.nodes.fit_node(node) for node in act.takes):
        return None
    left = sum(rule.nodes.fit_node(node) for node in act.leaves)
    least = rule.min_launchers or 0
    if left >= least:
        return None
    of_them = f" of {', '.join(rule.nodes.patterns)}" if rule.nodes else ""
    return (
        f"{plural(left, 'node')}{of_them} that {'is' if left == 1 else 'are'} known to take new sessions would be left,"
        f" and a rule wants {least}."
    )


def _ticketless(governed: Governed, act: Act) -> str | None:
    rule = governed.rule
    if rule.ticket is None or rule.ticket.fits(act.ticket):
        return None
    said = f"'{act.ticket}' is none" if act.ticket else "none was named"
    return f"A ticket of the form {rule.ticket.pattern} is needed, and {said}."


_JUDGES: Final[dict[Kind, Callable[[Governed, Act], str | None]]] = {
    Kind.DENY: _denied,
    Kind.PROTECT: _protected,
    Kind.QUIET: _quiet,
    Kind.CAP: _too_many,
    Kind.LAUNCHERS: _too_few,
    Kind.TICKET: _ticketless,
}
