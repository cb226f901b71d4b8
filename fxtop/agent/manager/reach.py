"""Asking other nodes in a manager's own name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from fxtop.agent.identity import Identity
from fxtop.agent.order import Order
from fxtop.agent.providers.port import ProviderError
from fxtop.bus.port import Answer, Bus, BusError, NoAnswer
from fxtop.clock import Clock
from fxtop.protocol import subjects
from fxtop.protocol.control import HEADER_EVIDENCE, Args, Reply, Request
from fxtop.protocol.decode import Rejected, decode_reply
from fxtop.protocol.encode import encode
from fxtop.protocol.evidence import derived_id, with_way
from fxtop.protocol.ids import NodeId
from fxtop.protocol.signing import Signer, sign
from fxtop.protocol.text import NAME_BOUND

VALID_FOR: Final = 30.0
ANSWER_WITHIN: Final = 5.0


class NotDone(ProviderError):
    """A node did not do what a manager asked of it."""


class NotKnown(NotDone):
    """Nobody knows whether a node did what a manager asked of it."""


class Reach:
    """Sends signed requests to nodes on behalf of an order that a manager was given."""

    def __init__(self, bus: Bus, identity: Identity, clock: Clock, signer: Signer) -> None:
        self._bus = bus
        self._identity = identity
        self._clock = clock
        self._signer = signer

    async def ask(self, node: NodeId, verb: str, args: Args, target: str, order: Order, way: list[str]) -> str:
        """Have ``node`` do ``verb`` about ``target``; what it said. ``way`` leads from that to the order's plan.

        The request's id follows from the order's, so that an order that is carried out twice (by two managers) has
        its effect once; and what the operator signed goes with it, for the node believes no manager by itself.

        Raises:
            NotDone: it was not done.
            NotKnown: it may have been.
        """
        subject = subjects.build(self._identity.cluster, "ctl.node", node, verb)
        payload = encode(
            Request(v=1, reason=order.reason, ticket=order.ticket, args=msgspec.Raw(msgspec.json.encode(args)))
        )
        headers = sign(
            self._signer,
            subject=subject,
            request=derived_id(order.request, verb, target),
            operator=self._in_the_name_of(order),
            expires=self._clock.now() + VALID_FOR,
            payload=payload,
        )
        headers[HEADER_EVIDENCE] = with_way(order.evidence, way)
        try:
            answer = await self._insist(subject, payload, headers)
            reply = decode_reply(answer.payload)
        except BusError as error:
            raise NotDone(str(error)) from error
        except Rejected as rejected:
            raise NotKnown(f"{node} answered something that can't be read ({rejected}).") from rejected
        return _judged(node, reply)

    async def _insist(self, subject: str, payload: bytes, headers: Mapping[str, str]) -> Answer:
        """The answer. Where none comes the same bytes go out once more: a node does one id only once."""
        try:
            return await self._bus.request(subject, payload, headers, ANSWER_WITHIN)
        except NoAnswer as lost:
            try:
                return await self._bus.request(subject, payload, headers, ANSWER_WITHIN)
            except BusError:
                raise NotKnown(str(lost)) from lost

    def _in_the_name_of(self, order: Order) -> str:
        return f"{order.operator} via {self._identity.node}"[:NAME_BOUND].strip()


def _judged(node: NodeId, reply: Reply) -> str:
    if reply.status not in ("done", "accepted"):
        raise NotDone(f"{node}: {reply.detail or reply.code or reply.status}")
    return reply.detail
