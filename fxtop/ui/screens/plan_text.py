"""A plan in words: its title, what will be sent, what comes of it, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from fxtop.actions.model import Consequences, Plan
from fxtop.cluster.records import SessionKey
from fxtop.cluster.store import Store
from fxtop.ui.chrome.header import Badge
from fxtop.views.fit import fit
from fxtop.views.format import plural

LABEL_WIDTH = 22


def plan_title(plan: Plan, badge: Badge) -> Content:
    """What is done to how many things, and on which cluster."""
    verb = plan.intent.verb.capitalize()
    return Content.assemble(f"{verb} {_extent(plan)} on ", badge.span, f" cluster {plan.cluster}")


def plan_text(plan: Plan, store: Store) -> Content:
    """The body of the dialog; ``store`` tells whose the sessions are."""
    lines: list[Content] = []
    if plan.rules:  # first, for they are to be read however long the rest is
        lines += [_heading("The site's rules"), *(_note(f"{note.demand} {note.words}") for note in plan.rules)]
        lines += [Content("")]
    lines += [_heading("Will be sent"), *(_pair(step.target, step.summary) for step in plan.steps)]
    lines += [Content(""), _heading("What comes of it"), *_consequences(plan.consequences)]
    if plan.consequences.sessions:
        lines += [Content(""), _heading("Those sessions")]
        lines += [_session(key, store) for key in plan.consequences.sessions]
    if plan.balance is not None:
        lines += [_note(note) for note in plan.balance.notes]
    if plan.skipped:
        lines += [Content(""), _heading("Left out"), *(_pair(name, why) for name, why in plan.skipped)]
    if plan.confirmation.why:
        lines += [Content(""), _note(plan.confirmation.why)]
    return Content("\n").join(lines)


def _extent(plan: Plan) -> str:
    intent = plan.intent
    if intent.verb == "rebalance":
        return f"by {intent.policy}"
    if intent.verb in ("drain", "resume"):
        return plural(len(plan.steps), "node")
    return plural(len(plan.consequences.sessions), "session")


def _consequences(found: Consequences) -> Iterable[Content]:
    yield _pair("Sessions concerned", str(len(found.sessions)) if found.sessions else "none")
    yield _pair("Users", _several(found.users))
    yield _pair("Seats that come free", _number(found.seats_freed))
    yield _pair("Places left", _number(found.capacity_left))
    yield _pair("Nodes that take new", _number(found.launchers_left))
    for note in found.notes:
        yield _note(note)


def _session(key: SessionKey, store: Store) -> Content:
    row = store.sessions.get(key)
    if row is None:
        return _pair("ended meanwhile", str(key))
    what = row.body.app or row.body.name or row.body.command or ""
    return Content.assemble((fit(row.body.user, LABEL_WIDTH) + " ", "$fx-muted"), f"{row.body.state:<13}{key}  {what}")


def _several(names: Iterable[str]) -> str:
    every = list(names)
    return f"{len(every)}: {', '.join(every)}" if every else "none"


def _number(value: int | None) -> str:
    return "unknown" if value is None else str(value)


def _heading(text: str) -> Content:
    return Content.styled(text, "bold underline")


def _note(text: str) -> Content:
    return Content.assemble(("! ", "$fx-warn bold"), (text, "$fx-warn"))


def _pair(label: str, text: str) -> Content:
    return Content.assemble((label.ljust(LABEL_WIDTH) + " ", "$fx-muted"), text)
