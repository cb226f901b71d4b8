"""What must hold before a plan may be sent. Each guard raises `Refused` with a sentence; the first to object decides.

The site's own rules (`fxtop.actions.guardrails`) are one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fxtop.actions.arming import Arming
from fxtop.actions.guardrails.apply import require_allowed
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.model import ActionId, Plan, Refused, Stale
from fxtop.bus.port import BusStatus
from fxtop.clock import Clock
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.signing import Signer
from fxtop.views.format import plural, spoken_duration

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

PLAN_LASTS: Final = 600.0
"""Seconds after which what a person read is too old to act on."""


@dataclass(frozen=True, slots=True)
class Situation:
    """All that decides whether a request may be sent now."""

    clock: Clock
    cluster: ClusterSlug
    """The cluster that requests would go to."""
    arming: Arming
    signer: Signer | None
    operator: str
    bus: BusStatus
    rules: Guardrails
    """The site's."""
    store: Store


@dataclass(frozen=True, slots=True)
class Decision:
    """A plan with what the person typed to confirm it, and the plans that were sent before."""

    plan: Plan
    typed: str
    sent: Collection[ActionId]


def armed(now: Situation) -> None:
    """Control must be armed."""
    if now.arming.armed:
        return
    if now.arming.fixed:
        raise Refused("read_only", f"Nothing was sent: {now.arming.why}. Use a console or command that may act.")
    raise Refused("disarmed", f"Nothing was sent: control is disarmed, {now.arming.why}. Arm it, then confirm again.")


def signed(now: Situation) -> None:
    """There must be a key to sign with and a name to sign as."""
    if now.signer is None:
        raise no_key()
    if not now.operator:
        raise Refused(
            "no_name", "Nothing was sent: the operator has no name. Set `name` under [operator] in the config."
        )


def no_key() -> Refused:
    """That there is nothing to sign with, and how to change that."""
    return Refused(
        "no_key",
        "Nothing was sent: there is no operator key to sign with. Make one with `fxtop keys new`, "
        "and have its public key listed on the agents.",
    )


def connected(now: Situation) -> None:
    """The bus must be there now; nothing is ever sent late."""
    if not now.bus.connected:
        cause = f" ({now.bus.last_error})" if now.bus.last_error else ""
        raise Refused("bus", f"Nothing was sent: the bus is {now.bus.phase}{cause}. Try again when it is connected.")


def same_cluster(now: Situation, decision: Decision) -> None:
    """The plan must be for the cluster that the requests would go to."""
    made_for = decision.plan.cluster
    if made_for != now.cluster:
        raise Refused(
            "cluster", f"Nothing was sent: the plan is for cluster {made_for}, and this is {now.cluster}. Plan again."
        )


def confirmed(_: Situation, decision: Decision) -> None:
    """What had to be typed must have been typed."""
    wanted = decision.plan.confirmation
    if wanted.kind == "type" and decision.typed.strip() != wanted.expect:
        raise Refused("confirmation", f"Nothing was sent: type {wanted.expect} to confirm. {wanted.why}".rstrip())


def fresh(now: Situation, decision: Decision) -> None:
    """What the person read must not be old, nor a manager's plan or a deadline over."""
    plan = decision.plan
    age = max(now.clock.monotonic() - plan.born, now.clock.now() - plan.made_at)
    if age > PLAN_LASTS:
        raise Refused(
            "old", f"Nothing was sent: the plan is {spoken_duration(age)} old and the cluster has moved. Plan again."
        )
    if plan.balance and plan.balance.expires <= now.clock.now():
        raise Stale(plan.intent, "Nothing was sent: the managers' plan has expired. Plan again.")
    if plan.intent.deadline is not None and plan.intent.deadline <= now.clock.now():
        raise Refused("deadline", "Nothing was sent: the deadline is over. Plan again with a later one.")


def reasoned(_: Situation, decision: Decision) -> None:
    """A reason is required."""
    if not decision.plan.intent.reason:
        raise Refused(
            "reason", "Nothing was sent: say why. The reason is kept in the journals and shown to other operators."
        )


def allowed(now: Situation, decision: Decision) -> None:
    """The site's rules must allow it now: a quiet hour may have begun since the plan was shown."""
    require_allowed(decision.plan, now.rules, now.store, now.clock.now())


def once(_: Situation, decision: Decision) -> None:
    """A plan is sent once, however often its key is pressed."""
    if decision.plan.id in decision.sent:
        steps = plural(len(decision.plan.steps), "request")
        raise Refused("sent", f"Nothing more was sent: this plan went out already ({steps}); look at its jobs.")


STANDING: Final[tuple[Callable[[Situation], None], ...]] = (armed, signed, connected)
"""What must hold for any plan."""

GUARDS: Final[tuple[Callable[[Situation, Decision], None], ...]] = (
    same_cluster,
    confirmed,
    fresh,
    reasoned,
    allowed,
    once,
)
"""What must hold for this one."""

UNARMED: Final[tuple[Callable[[Situation], None], ...]] = (signed, connected)
"""What must hold for a request that changes nothing: a manager's plan, a dry run."""


def check_standing(now: Situation) -> None:
    """Refused by the first guard that objects to sending anything at all."""
    for standing in STANDING:
        standing(now)


def check(now: Situation, decision: Decision) -> None:
    """Refused by the first guard that objects to sending."""
    check_standing(now)
    for guard in GUARDS:
        guard(now, decision)


def check_rehearsal(now: Situation, decision: Decision) -> None:
    """Refused by the first guard that objects to a dry run, which changes nothing and needs no confirmation."""
    for standing in UNARMED:
        standing(now)
    same_cluster(now, decision)
    fresh(now, decision)


def check_question(now: Situation) -> None:
    """Refused by the first guard that objects to asking the managers for a plan."""
    for standing in UNARMED:
        standing(now)
