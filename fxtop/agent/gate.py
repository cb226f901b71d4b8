"""Who may ask for what: signature, key, role and arguments of a request, in that order (protocol 4)."""

from __future__ import annotations

from typing import Final

import msgspec

from fxtop.agent.ledger import fingerprint
from fxtop.agent.order import Order, Refusal
from fxtop.agent.trust import Trust
from fxtop.bus.port import Asked
from fxtop.clock import Clock
from fxtop.protocol import text
from fxtop.protocol.control import ARGS, HEADER_EXPIRES, HEADER_OPERATOR, HEADER_REQUEST, Args, Request
from fxtop.protocol.decode import Rejected, decode_args, decode_as
from fxtop.protocol.ids import PublicKey, RequestId
from fxtop.protocol.signing import SignatureRefused, verify

_REQUEST: Final = msgspec.json.Decoder(Request)


class Malformed(Refusal):
    """A request that can't be read; no decision, but an error of the asker's program."""

    def __init__(self, detail: str) -> None:
        super().__init__("malformed", detail)


class Unlisted(Refusal):
    """A request that somebody signed whose key isn't listed."""

    def __init__(self, key: PublicKey) -> None:
        super().__init__("unknown_key", f"The key {key} is not listed here.")
        self.key = key


class Gate:
    """Lets through what a listed key signed and its role allows."""

    def __init__(self, trust: Trust, clock: Clock) -> None:
        self._trust = trust
        self._clock = clock

    def relist(self, trust: Trust) -> None:
        """Go by another list of keys from now on."""
        self._trust = trust

    def admit(self, verb: str, asked: Asked) -> tuple[Order, str]:
        """The order of somebody whose key is listed, and its fingerprint.

        Nothing of the payload is looked at before the signature is known to fit.

        Raises:
            Refusal: with the code ``unsigned``, ``expired``, ``skew``, ``signature``, ``unknown_key`` or ``malformed``.
        """
        try:
            key = verify(asked.subject, asked.headers, asked.payload, self._clock.now())
        except SignatureRefused as refused:
            raise Refusal(refused.code, f"{refused.detail[:1].upper()}{refused.detail[1:]}.") from None
        if self._trust.role(key) is None:
            raise Unlisted(key)
        request, args = _read(verb, asked.payload)
        return _order(verb, asked, request, args, key), fingerprint(asked.subject, key, asked.payload)

    def permit(self, order: Order) -> None:
        """Let pass what the role of the order's key allows. Raises Refusal with the code ``role``."""
        args = order.arguments(ARGS[order.verb])
        forbidden = self._trust.forbids(order.key, order.verb, args)
        if forbidden is not None:
            raise Refusal("role", forbidden)


def claimed(verb: str, asked: Asked, refusal: Refusal) -> Order:
    """Who a request that was not admitted says to be from, for the record; its payload is not repeated."""
    return Order(
        request=request_id(asked),
        verb=verb,
        operator=text.inert(asked.headers.get(HEADER_OPERATOR, ""), text.NAME_BOUND),
        key=refusal.key if isinstance(refusal, Unlisted) else None,
    )


def request_id(asked: Asked) -> RequestId:
    """The id that a request says to have; empty where it has none."""
    return RequestId(text.inert(asked.headers.get(HEADER_REQUEST, ""), text.ID_BOUND))


def _read(verb: str, payload: bytes) -> tuple[Request, Args]:
    try:
        request: Request = text.clean(decode_as(_REQUEST, payload))
        return request, decode_args(verb, request)
    except Rejected as rejected:
        raise Malformed(f"The request can't be read ({rejected}).") from None


def _order(verb: str, asked: Asked, request: Request, args: Args, key: PublicKey) -> Order:
    stated = asked.headers[HEADER_REQUEST]
    if request_id(asked) != stated:
        raise Malformed(f"The request id is longer than {text.ID_BOUND} characters, or holds one that can't be shown.")
    return Order(
        request=RequestId(stated),
        verb=verb,
        operator=text.inert(asked.headers[HEADER_OPERATOR], text.NAME_BOUND),
        key=key,
        expires=float(asked.headers[HEADER_EXPIRES]),
        reason=request.reason,
        ticket=request.ticket,
        dry_run=request.dry_run,
        args=msgspec.to_builtins(args),
    )
