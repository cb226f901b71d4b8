"""Whether a manager's request is what an operator asked for: the evidence that it brings along, judged by the node."""

from __future__ import annotations

from typing import Final

import msgspec

from fxtop.agent.identity import Identity
from fxtop.agent.order import Order, Refusal
from fxtop.agent.trust import Trust
from fxtop.protocol import subjects
from fxtop.protocol.control import (
    HEADER_EXPIRES,
    HEADER_REQUEST,
    RebalanceArgs,
    Request,
    RequeueArgs,
    WeightArgs,
)
from fxtop.protocol.decode import Rejected, decode_args, decode_as
from fxtop.protocol.evidence import Evidence, derived_id, unpack
from fxtop.protocol.ids import NodeId, PlanId, RequestId
from fxtop.protocol.plan_parts import belongs, move_part, weight_part
from fxtop.protocol.signing import MAX_AHEAD, SignatureRefused, signed_by

LASTS: Final = 600.0
"""Seconds after the operator's request expired for which a manager may still be carrying it out."""

_REQUEST: Final = msgspec.json.Decoder(Request)


def require_proof(order: Order, identity: Identity, trust: Trust, now: float) -> None:
    """Refuse a manager's ``order`` that is no part of a plan which a listed operator asked for.

    Raises:
        Refusal: with the code ``evidence`` where there is none or it is for something else, and else with the code that
            the operator's own request would be refused with.
    """
    evidence = _read(order)
    _require_operator(evidence, trust, identity.node)
    _require_recent(evidence, now)
    _require_part(evidence, order, identity)


def _read(order: Order) -> Evidence:
    if not order.evidence:
        raise _unfit("it comes without the operator's request that it serves")
    try:
        return unpack(order.evidence)
    except ValueError as error:
        raise _unfit(str(error)) from None


def _require_operator(evidence: Evidence, trust: Trust, node: NodeId) -> None:
    try:
        key = signed_by(evidence.subject, evidence.headers, evidence.body)
    except SignatureRefused as refused:
        raise _behind(refused.code, refused.detail) from None
    except UnicodeEncodeError:
        raise _unfit("the evidence isn't text") from None
    role = trust.role(key)
    if role is None:
        raise _behind("unknown_key", f"the key {key} is not listed here")
    forbidden = role.forbids("rebalance", node)
    if forbidden is not None:
        raise Refusal("role", f"The operator's request behind this one may not be acted on: {forbidden}")


def _require_recent(evidence: Evidence, now: float) -> None:
    try:
        expires = float(evidence.headers[HEADER_EXPIRES])
    except ValueError:
        raise _behind("unsigned", "its expiry is not a number") from None
    if not expires > now - LASTS:  # also refuses NaN
        raise _behind("stale", "it expired too long ago")
    if expires > now + MAX_AHEAD:
        raise _behind("skew", "it expires too far ahead")


def _require_part(evidence: Evidence, order: Order, identity: Identity) -> None:
    """The operator must have asked this cluster's managers for a plan, and this request must be a part of that."""
    plan = _plan(evidence, identity)
    target, part = _part(order, identity.node)
    if derived_id(RequestId(evidence.headers[HEADER_REQUEST]), order.verb, target) != order.request:
        raise _unfit("the operator's request is about something else")
    if not belongs(part, evidence.way, plan):
        raise _unfit("this is no part of the plan that the operator asked for")


def _part(order: Order, node: NodeId) -> tuple[str, bytes]:
    """What an order is about, a node or a session, and what stands of it in the plan."""
    if order.verb == "requeue":
        move = order.arguments(RequeueArgs)
        return move.session, move_part(move.session, node, move.to)
    return node, weight_part(node, order.arguments(WeightArgs).weight)


def _plan(evidence: Evidence, identity: Identity) -> PlanId:
    if evidence.subject != subjects.build(identity.cluster, "ctl.manager", "rebalance"):
        raise _unfit("the operator's request is not for this cluster's managers to rebalance")
    try:
        request: Request = decode_as(_REQUEST, evidence.body)
        args = decode_args("rebalance", request)
    except Rejected as rejected:
        raise _unfit(f"the operator's request can't be read ({rejected})") from None
    if not isinstance(args, RebalanceArgs) or not args.plan or request.dry_run:
        raise _unfit("the operator's request names no plan to apply")
    return args.plan


def _unfit(why: str) -> Refusal:
    return Refusal("evidence", f"A manager's request is only carried out with an operator's behind it, and {why}.")


def _behind(code: str, why: str) -> Refusal:
    return Refusal(code, f"The operator's request behind this one can't be acted on: {why}.")
