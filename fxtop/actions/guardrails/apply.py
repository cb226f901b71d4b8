"""The site's rules applied to plans: which may not be, and what else has to be done before one is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fxtop.actions import confirmation
from fxtop.actions.guardrails.foresee import act_of, nodes_of
from fxtop.actions.guardrails.judge import Governed, Guardrails, Objection, count
from fxtop.actions.guardrails.rule import Kind, Rule
from fxtop.actions.model import Plan, Refused, RuleNote
from fxtop.actions.words import listed
from fxtop.views.format import plural

if TYPE_CHECKING:
    from fxtop.cluster.store import Store


def under_rules(plan: Plan, rules: Guardrails, store: Store, at: float) -> Plan:
    """``plan`` with all that the rules demand of it, at Unix time ``at``. What can still be said may be missing.

    Raises:
        Refused: a rule forbids it, whatever is said.
    """
    judged = rules.judge(act_of(plan, store, at))
    _refuse(judged.lasting)
    typed = judged.rules(Kind.TYPED)
    confirm = plan.confirmation
    if typed:
        confirm = confirmation.by_rule(confirm, nodes_of(plan), plan.size, " ".join(_words(typed)))
    return replace(
        plan,
        confirmation=confirm,
        rules=tuple(map(_note, judged.governed)),
        second_person=bool(judged.rules(Kind.SECOND)),
    )


def require_allowed(plan: Plan, rules: Guardrails, store: Store, at: float) -> None:
    """Judge ``plan`` once more, as it is about to be sent at Unix time ``at``.

    Raises:
        Refused: a rule forbids it now, or demands what the plan doesn't show.
    """
    judged = rules.judge(act_of(plan, store, at))
    _refuse(judged.objections, "Nothing was sent: ")
    asks_more = (judged.rules(Kind.SECOND) and not plan.second_person) or (
        judged.rules(Kind.TYPED) and plan.confirmation.kind != "type"
    )
    if asks_more:
        raise Refused(
            "rules", "Nothing was sent: the cluster moved, and a rule demands more than was shown. Plan again."
        )


def lacking(plan: Plan, rules: Guardrails, store: Store, at: float) -> str | None:
    """What a rule demands and can still be said, as a sentence: a ticket. None where nothing is missing."""
    judged = rules.judge(act_of(plan, store, at))
    return next((each.sentence for each in judged.objections if each.kind is Kind.TICKET), None)


def _refuse(objections: Iterable[Objection], before: str = "") -> None:
    """Refused by the first of ``objections``, with all of the rules' words."""
    found = list(objections)
    if found:
        sentences = " ".join(dict.fromkeys(each.sentence for each in found))
        raise Refused(found[0].kind.value, f"{before}{sentences}")


def _words(rules: Iterable[Rule]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(rule.words for rule in rules))


def _note(governed: Governed) -> RuleNote:
    return RuleNote(_TELL[governed.kind](governed), governed.rule.words)


def _told_cap(governed: Governed) -> str:
    return f"At most {governed.rule.cap} at once, and these are {count(governed.targets)}."


def _told_quiet(governed: Governed) -> str:
    quiet = governed.rule.quiet
    return f"Not in quiet hours: {listed(quiet.written)} ({quiet.name})." if quiet else ""


def _told_ticket(governed: Governed) -> str:
    return f"It needs a ticket of the form {governed.rule.ticket.pattern}." if governed.rule.ticket else ""


_TELL: Final[dict[Kind, Callable[[Governed], str]]] = {
    Kind.DENY: lambda governed: "Denied.",
    Kind.PROTECT: lambda governed: "Protected.",
    Kind.QUIET: _told_quiet,
    Kind.CAP: _told_cap,
    Kind.LAUNCHERS: lambda governed: (
        f"At least {plural(governed.rule.min_launchers or 0, 'node')} must still take new sessions."
    ),
    Kind.TICKET: _told_ticket,
    Kind.TYPED: lambda governed: "It has to be confirmed by typing.",
    Kind.SECOND: lambda governed: "Nothing happens until a second person approves it.",
}
