"""From what a person wants to a frozen plan: exactly who is concerned, what comes of it, and what must be typed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fxtop.actions import confirmation, consequences, steps
from fxtop.actions.model import ActionId, Confirmation, Consequences, Intent, Plan, Refused, Step, Verb
from fxtop.actions.targets import nodes_to_drain, nodes_to_resume, nodes_to_tell, sessions_to_end, sessions_to_tell
from fxtop.actions.words import said
from fxtop.clock import Clock
from fxtop.protocol.control import RebalancePlan
from fxtop.protocol.ids import NodeId
from fxtop.protocol.text import NAME_BOUND, TEXT_BOUND

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

MAX_GRACE: Final = 600.0
"""Seconds (protocol 4)."""

MAX_AHEAD: Final = 366 * 86400.0
"""Seconds that a deadline may be away."""

SKIPPED_TOLD: Final = 3
"""Sentences about targets left out that a refusal repeats."""

SAME_WEIGHT: Final = 0.005
"""A weight that differs by less is no change."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What a verb makes of an intent."""

    steps: tuple[Step, ...]
    consequences: Consequences
    confirmation: Confirmation
    size: int
    skipped: Sequence[tuple[str, str]] = ()
    balance: RebalancePlan | None = None


def plan(intent: Intent, store: Store, *, clock: Clock, bulk: int = 10) -> Plan:
    """The plan for ``intent`` as the cluster stands now. The reason may still be missing; see `with_words`.

    Over ``bulk`` targets the person must type their number.

    Raises:
        Refused: a target doesn't exist, nothing is left to do, or an option can't be.
        ValueError: for a rebalance, which is planned by the managers; see `plan_balance`.
    """
    draft = _DRAFTS.get(intent.verb)
    if draft is None:
        raise ValueError(f"there is no planning of a {intent.verb} without a manager")
    intent = _checked(intent, clock)
    return _freeze(intent, draft(intent, store, bulk), store, clock, bulk)


def plan_balance(intent: Intent, balance: RebalancePlan, store: Store, *, clock: Clock, bulk: int = 10) -> Plan:
    """The plan that applies the managers' ``balance``.

    Raises:
        Refused: it changes nothing, or has expired already.
    """
    intent = _checked(intent, clock)
    if balance.expires <= clock.now():
        raise Refused("stale", "The managers' plan had expired when it came: compare this host's clock with theirs.")
    if not balance.moves and not any(_changes(store, node, weight) for node, weight in balance.weights.items()):
        told = f" They say: {' '.join(balance.notes)}" if balance.notes else ""
        raise Refused(
            "nothing", f"The cluster is balanced by {intent.policy} already: the managers change nothing.{told}"
        )
    draft = _Draft(
        steps.rebalance_steps(balance),
        consequences.of_rebalance(balance, store),
        confirmation.for_number(len(balance.moves), "pending session", bulk),
        len(balance.moves),
        balance=balance,
    )
    return _freeze(intent, draft, store, clock, bulk)


def with_words(made: Plan, reason: str, ticket: str | None) -> Plan:
    """``made`` with the reason and ticket that a dialog asked for; all else stays as it was shown.

    Raises:
        Refused: one of them is too long.
    """
    return replace(made, intent=_worded(made.intent, reason, ticket))


def _drain(intent: Intent, store: Store, bulk: int) -> _Draft:
    chosen = nodes_to_drain(intent, store)
    _require_some(intent, "node", len(chosen.rows), chosen.skipped)
    ids = [row.id for row in chosen.rows]
    foreseen = consequences.of_drain(chosen.rows, intent, store)
    ending = len(foreseen.sessions) if intent.then == "terminate" else 0
    size, noun = (ending, "session") if ending > len(ids) else (len(ids), "node")
    if consequences.takes_the_last(chosen.rows, store):
        confirm = confirmation.for_the_last(ids)
    else:
        confirm = confirmation.for_number(size, noun, bulk)
    return _Draft(steps.drain_steps(chosen.rows, intent), foreseen, confirm, size, chosen.skipped)


def _resume(intent: Intent, store: Store, bulk: int) -> _Draft:
    chosen = nodes_to_resume(intent, store)
    _require_some(intent, "node", len(chosen.rows), chosen.skipped)
    return _Draft(
        steps.resume_steps(chosen.rows),
        consequences.of_resume(chosen.rows, store),
        confirmation.for_number(len(chosen.rows), "node", bulk),
        len(chosen.rows),
        chosen.skipped,
    )


def _terminate(intent: Intent, store: Store, bulk: int) -> _Draft:
    chosen = sessions_to_end(intent, store)
    _require_some(intent, "session", len(chosen.rows), chosen.skipped)
    return _Draft(
        steps.terminate_steps(chosen.rows, intent),
        consequences.of_terminate(chosen.rows, store),
        confirmation.for_number(len(chosen.rows), "session", bulk),
        len(chosen.rows),
        chosen.skipped,
    )


def _message(intent: Intent, store: Store, bulk: int) -> _Draft:
    nodes, sessions = nodes_to_tell(intent, store), sessions_to_tell(intent, store)
    skipped = [*nodes.skipped, *sessions.skipped]
    number = len(nodes.rows) + len(sessions.rows)
    _require_some(intent, "node or session", number, skipped)
    return _Draft(
        steps.message_steps(nodes.rows, sessions.rows, intent),
        consequences.of_message(nodes.rows, sessions.rows, store),
        confirmation.for_number(number, "target", bulk),
        number,
        skipped,
    )


_DRAFTS: Final[dict[Verb, Callable[[Intent, Store, int], _Draft]]] = {
    "drain": _drain,
    "resume": _resume,
    "terminate": _terminate,
    "message": _message,
}


def _freeze(intent: Intent, draft: _Draft, store: Store, clock: Clock, bulk: int) -> Plan:
    return Plan(
        id=ActionId(secrets.token_hex(12)),
        cluster=store.cluster,
        intent=intent,
        steps=draft.steps,
        consequences=draft.consequences,
        confirmation=draft.confirmation,
        made_at=clock.now(),
        skipped=tuple(draft.skipped),
        balance=draft.balance,
        size=draft.size,
        mass=draft.size > bulk,
        born=clock.monotonic(),
    )


def _require_some(intent: Intent, noun: str, found: int, skipped: Sequence[tuple[str, str]]) -> None:
    if found:
        return
    if not skipped:
        raise Refused("no_target", f"Name at least one {noun} to {intent.verb}.")
    told = " ".join(sentence for _, sentence in skipped[:SKIPPED_TOLD])
    more = len(skipped) - SKIPPED_TOLD
    rest = f" So it is with {more} more." if more > 0 else ""
    raise Refused("nothing", f"There is nothing to {intent.verb}. {told}{rest}")


def _checked(intent: Intent, clock: Clock) -> Intent:
    """``intent`` with its words made fit to send; Refused where an option can't be."""
    intent = _worded(intent, intent.reason, intent.ticket)
    if intent.deadline is not None and not clock.now() < intent.deadline <= clock.now() + MAX_AHEAD:
        raise Refused("deadline", "The deadline is over, or more than a year away. Give one that is still to come.")
    if not 0 <= intent.grace <= MAX_GRACE:
        raise Refused("grace", f"A grace of {intent.grace:g} s can't be: give 0 to {MAX_GRACE:g} s.")
    if intent.verb != "message":
        return intent
    words = _said(intent.text, "text", "The message", TEXT_BOUND)
    if not words:
        raise Refused("text", "The message is empty: say what the users are to read.")
    return replace(intent, text=words)


def _worded(intent: Intent, reason: str, ticket: str | None) -> Intent:
    said_ticket = _said(ticket or "", "ticket", "The ticket", NAME_BOUND)
    return replace(intent, reason=_said(reason, "reason", "The reason", TEXT_BOUND), ticket=said_ticket or None)


def _said(words: str, code: str, what: str, bound: int) -> str:
    try:
        return said(words, bound)
    except ValueError as error:
        raise Refused(code, f"{what} is too long: {error}.") from None


def _changes(store: Store, node: str, weight: float) -> bool:
    """Whether ``weight`` is another than the node says it has, or nothing is known of that."""
    row = store.nodes.get(NodeId(node))
    return row is None or row.beat is None or abs(row.beat.weight - weight) >= SAME_WEIGHT
