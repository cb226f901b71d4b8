"""Bytes in, one validated and inert message out, or one countable reason why not (protocol 1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec

from fxtop.protocol import subjects, text
from fxtop.protocol.control import ARGS, Args, Audit, JobProgress, Reply, Request
from fxtop.protocol.license import LicenseHeartbeat
from fxtop.protocol.node import NodeFacts, NodeHeartbeat
from fxtop.protocol.presence import Bye, Sync
from fxtop.protocol.session import SessionChange, SessionsPart
from fxtop.protocol.share import StoreHeartbeat
from fxtop.protocol.transporter import TransporterHeartbeat
from fxtop.protocol.wire import Wire

MAX_PAYLOAD: Final = 256 * 1024
"""Bytes; larger messages are rejected unread."""


class Rejected(Exception):
    """A message that changes nothing. ``reason`` is one of a small set and is counted; ``detail`` says where."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Decoded(NamedTuple):
    """A message with the class of its subject and that subject's true ids."""

    kind: str
    ids: tuple[str, ...]
    message: Wire


TYPES: Final[dict[str, type[Wire]]] = {
    "hb.node": NodeHeartbeat,
    "facts.node": NodeFacts,
    "session": SessionChange,
    "sessions": SessionsPart,
    "hb.transporter": TransporterHeartbeat,
    "hb.license": LicenseHeartbeat,
    "hb.store": StoreHeartbeat,
    "bye.node": Bye,
    "bye.transporter": Bye,
    "bye.license": Bye,
    "bye.store": Bye,
    "sync": Sync,
    "job": JobProgress,
    "audit": Audit,
    "ctl.node": Request,
    "ctl.manager": Request,
}
"""What each subject class carries."""

_DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    kind: msgspec.json.Decoder(type_) for kind, type_ in TYPES.items()
}
_REPLY: Final = msgspec.json.Decoder(Reply)

_OWN_IDS: Final[dict[str, Callable[[Any], tuple[str, ...]]]] = {
    "hb.node": lambda m: (m.node,),
    "facts.node": lambda m: (m.node,),
    "session": lambda m: (m.node, m.id),
    "sessions": lambda m: (m.node,),
    "hb.transporter": lambda m: (m.server,),
    "hb.license": lambda m: (m.server,),
    "hb.store": lambda m: (m.manager,),
    "job": lambda m: (m.request,),
}
"""The true ids that a payload carries, in the order of its subject."""


def decode(subject: str, payload: bytes, cluster: str | None = None) -> Decoded:
    """The message that ``payload`` is on ``subject``.

    Raises:
        Rejected: with the reason ``subject``, ``too_large``, ``not_json``, ``version``, ``missing_field``,
            ``wrong_type``, ``out_of_range`` or ``id_mismatch``.
    """
    parsed = subjects.parse(subject)
    if parsed is None or (cluster is not None and parsed.cluster != cluster):
        raise Rejected("subject", "no message of the protocol has this subject")
    message = decode_as(_DECODERS[parsed.kind], payload)
    _check_ids(parsed, message)
    if text.is_suspect(payload):
        message = text.clean(message)
    return Decoded(parsed.kind, tuple(text.inert(i, text.ID_BOUND) for i in parsed.ids), message)


def decode_reply(payload: bytes) -> Reply:
    """The reply to a request; Rejected as in `decode`."""
    reply: Reply = decode_as(_REPLY, payload)
    return text.clean(reply)


def decode_args(verb: str, request: Request) -> Args:
    """The arguments of ``request`` for ``verb``; Rejected as in `decode`, and with ``verb`` for an unknown one."""
    kind = ARGS.get(verb)
    if kind is None:
        raise Rejected("verb", f"there is no verb '{verb}'")
    args: Args = decode_as(msgspec.json.Decoder(kind), bytes(request.args))
    return args


def decode_as(decoder: msgspec.json.Decoder[Any], payload: bytes) -> Any:
    """``payload`` through ``decoder``, with msgspec's errors turned into reasons."""
    if len(payload) > MAX_PAYLOAD:
        raise Rejected("too_large", f"{len(payload)} bytes, at most {MAX_PAYLOAD} are read")
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise Rejected(_reason(str(error)), text.inert(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("not_json", text.inert(str(error))) from None


def _reason(error: str) -> str:
    if error.endswith("`$.v`"):
        return "version"
    if "missing required field" in error:
        return "missing_field"
    if ">=" in error or "<=" in error or "out of range" in error:
        return "out_of_range"
    return "wrong_type"


def _check_ids(parsed: subjects.Subject, message: Wire) -> None:
    own = _OWN_IDS.get(parsed.kind)
    if own is not None and own(message) != parsed.ids:
        raise Rejected("id_mismatch", "the payload names another id than the subject")
    if isinstance(message, Bye) and message.id is not None and (message.id,) != parsed.ids:
        raise Rejected("id_mismatch", "the payload names another id than the subject")
    if isinstance(message, SessionsPart) and any(body.node != message.node for body in message.sessions):
        raise Rejected("id_mismatch", "the snapshot holds a session of another node")
