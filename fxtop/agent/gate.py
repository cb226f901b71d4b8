"""Who may ask for what: signature, key, role and arguments of a request, in that order (protocol 4)."""

from __future__ import annotations

from typing import Final

import msgspec

from fxtop.agent.identity import Identity
from fxtop.agent.key_list import KeyList
from fxtop.agent.ledger import fingerprint
from fxtop.agent.order import Order, Refusal
from fxtop.agent.proof import require_proof
from fxtop.agent.roles import QUESTIONS, touched
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.trust import Trust
from fxtop.bus.port import Asked
from fxtop.clock import Clock
from fxtop.protocol import text
from fxtop.protocol.control import (
    ARGS,
    HEADER_EVIDENCE,
    HEADER_EXPIRES,
    HEADER_KEY,
    HEADER_OPERATOR,
    HEADER_REQUEST,
    MANAGER_VERBS,
    Args,
    Request,
)
from fxtop.protocol.decode import Rejected, decode_args, decode_as
from fxtop.protocol.evidence import pack
from fxtop.protocol.ids import PublicKey, RequestId
from fxtop.protocol.signing import SignatureRefused, signed_by, verify
from fxtop.protocol.standing import Standing

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


class Untimely(Refusal):
    """A request that a listed key did sign, but for another time: expired, or too far ahead."""

    def __init__(self, code: str, detail: str, key: PublicKey, print_: str) -> None:
        super().__init__(code, detail)
        self.key = key
        self.fingerprint = print_

    def replayed(self) -> Untimely:
        """The same of a request that was answered while it was valid."""
        detail = f"It was answered before, and somebody sends it again. {self.detail}"
        return Untimely("replayed", detail, self.key, self.fingerprint)


_CAUSES: Final = {
    "expired": "it was held up, somebody kept it, or one of the two clocks is wrong.",
    "skew": "one of the two clocks is wrong.",
}


class Gate:
    """Lets through what a listed key signed and its role allows."""

    def __init__(self, keys: KeyList, identity: Identity, board: SessionBoard, clock: Clock) -> None:
        self._keys = keys
        self._identity = identity
        self._board = board
        self._clock = clock

    def relist(self, trust: Trust) -> None:
        """Go by another list of keys from now on."""
        self._keys.replace(trust)

    def admit(self, verb: str, asked: Asked) -> tuple[Order, str]:
        """The order of somebody whose key is listed, and its fingerprint.

        Nothing of the payload is looked at before the signature is known to fit.

        Raises:
            Refusal: with the code ``unsigned``, ``expired``, ``skew``, ``signature``, ``unknown_key`` or ``malformed``.
        """
        try:
            key = verify(asked.subject, asked.headers, asked.payload, self._clock.now())
        except SignatureRefused as refused:
            raise self._unverified(asked, refused) from None
        if self._keys.now().role(key) is None:
            raise Unlisted(key)
        request, args = _read(verb, asked.payload)
        return _order(verb, asked, request, args, key), fingerprint(asked.subject, key, asked.payload)

    def allows(self, key: PublicKey | None, verb: str) -> bool:
        """Whether the role of ``key`` has ``verb``."""
        role = self._keys.now().role(key)
        return role is not None and verb in role.verbs

    def whose(self, key: PublicKey | None) -> str:
        """The person that ``key`` is listed for; empty where the list doesn't say."""
        return self._keys.now().name(key)

    def speaks_for_another(self, order: Order) -> bool:
        """Whether ``order`` is a manager's, that carries out what somebody asked it for."""
        role = self._keys.now().role(order.key)
        return role is not None and role.acts_for_others

    def permit(self, order: Order) -> None:
        """Let pass what the role of the order's key allows.

        Raises:
            Refusal: with the code ``role``, or one of `fxtop.agent.proof.require_proof` for a manager's request.
        """
        trust = self._keys.now()
        role = trust.role(order.key)
        if role is None:
            raise Refusal("unknown_key", f"The key {order.key} is not listed here.")
        if order.verb in QUESTIONS:
            return
        args = order.arguments(ARGS[order.verb])
        living = {body.id: body.user for body in self._board.all()}
        forbidden = (
            role.forbids(order.verb, self._identity.node)
            or role.forbids_extent(args)
            or role.forbids_users(touched(args, living))
        )
        if forbidden is not None:
            raise Refusal("role", forbidden)
        if role.acts_for_others:
            require_proof(order, self._identity, trust, self._clock.now())

    def standing(self, asked: Asked) -> Standing | None:
        """What the key that signed ``asked`` may do here; None where nobody signed it, nor tried to."""
        if HEADER_KEY not in asked.headers:
            return None
        try:
            key = verify(asked.subject, asked.headers, asked.payload, self._clock.now())
        except SignatureRefused as refused:
            return Standing(code=refused.code, detail=_sentence(refused))
        role = self._keys.now().role(key)
        if role is None:
            unlisted = Unlisted(key)
            return Standing(key=key, code=unlisted.code, detail=unlisted.detail)
        node = self._identity.node
        return Standing(
            key=key,
            role=role.name,
            verbs=sorted(verb for verb in role.verbs if role.forbids(verb, node) is None),
            sessions=role.sessions,
            users=list(role.users),
        )

    def _unverified(self, asked: Asked, refused: SignatureRefused) -> Refusal:
        """Tell what is only untimely from what proves nothing."""
        if refused.code in _CAUSES:
            try:
                key = signed_by(asked.subject, asked.headers, asked.payload)
            except SignatureRefused as worse:
                return Refusal(worse.code, _sentence(worse))
            if self._keys.now().role(key) is not None:
                detail = f"{_sentence(refused)} The signature is genuine: {_CAUSES[refused.code]}"
                return Untimely(refused.code, detail, key, fingerprint(asked.subject, key, asked.payload))
        return Refusal(refused.code, _sentence(refused))


def claimed(verb: str, asked: Asked, refusal: Refusal) -> Order:
    """Who a request that was not admitted says to be from, for the record; its payload is not repeated."""
    return Order(
        request=request_id(asked),
        verb=verb,
        operator=text.inert(asked.headers.get(HEADER_OPERATOR, ""), text.NAME_BOUND),
        key=refusal.key if isinstance(refusal, Unlisted | Untimely) else None,
    )


def request_id(asked: Asked) -> RequestId:
    """The id that a request says to have; empty where it has none."""
    return RequestId(text.inert(asked.headers.get(HEADER_REQUEST, ""), text.ID_BOUND))


def _sentence(refused: SignatureRefused) -> str:
    return f"{refused.detail[:1].upper()}{refused.detail[1:]}."


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
        second=request.second,
        args=msgspec.to_builtins(args),
        evidence=_evidence(verb, asked),
    )


def _evidence(verb: str, asked: Asked) -> str:
    """A manager keeps what the operator signed, to show it to the nodes; a node keeps what a manager shows it."""
    if verb in MANAGER_VERBS:
        return pack(asked.subject, asked.headers, asked.payload)
    return asked.headers.get(HEADER_EVIDENCE, "")
