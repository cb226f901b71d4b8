"""A plan in words, for the person who is asked to confirm it on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fxtop.actions.model import Consequences, Plan
from fxtop.views.format import plural

_INDENT = "  "
_MOST_NAMED = 24
"""Names in one line; ``-o json`` has all."""


def plan_lines(plan: Plan, badge: str) -> Iterator[str]:
    """What will be sent, what comes of it, and what is left out."""
    verb = plan.intent.verb.capitalize()
    yield f"{verb} on cluster {plan.cluster} [{badge}], {plural(len(plan.steps), 'request')}:"
    yield from (f"{_INDENT}{step.target}: {step.summary}" for step in plan.steps)
    yield from _consequences(plan.consequences)
    if plan.balance is not None:
        yield from (f"{_INDENT}{note}" for note in plan.balance.notes)
    yield from (f"{_INDENT}left out: {why}" for _, why in plan.skipped)
    yield from (f"{_INDENT}rule: {note.demand} {note.words}" for note in plan.rules)
    if plan.confirmation.why:
        yield f"{_INDENT}{plan.confirmation.why}"


def _consequences(found: Consequences) -> Iterator[str]:
    if found.sessions:
        yield f"{_INDENT}sessions concerned: {_counted(map(str, found.sessions))}"
    if found.users:
        yield f"{_INDENT}users: {_counted(found.users)}"
    figures = (
        ("seats that come free", found.seats_freed),
        ("session places left", found.capacity_left),
        ("nodes that still take sessions", found.launchers_left),
    )
    yield from (f"{_INDENT}{label}: {'unknown' if figure is None else figure}" for label, figure in figures)
    yield from (f"{_INDENT}{note}" for note in found.notes)


def _counted(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _MOST_NAMED} more" if len(every) > _MOST_NAMED else ""
    return f"{len(every)}: {', '.join(every[:_MOST_NAMED])}{more}"
