"""Bytes in, one validated and inert message out, or one countable reason why not (protocol 1)."""

from __future__ import annotations

import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec

from fxtop.protocol import subjects, text
from fxtop.protocol.consent import IntentNotice
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

HEADS_REMEMBERED: Final = 1_024
"""Beginnings of subjects that are remembered, so that a flood of invented clusters can't fill the memory."""


class Rejected(Exception):
    """A message that changes nothing. ``reason`` is one of a small set and is counted; ``detail`` says where."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Decoded(msgspec.Struct, frozen=True, gc=False):
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
    "intent": IntentNotice,
    "ctl.node": Request,
    "ctl.manager": Request,
}
"""What each subject class carries."""

_DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    kind: msgspec.json.Decoder(type_) for kind, type_ in TYPES.items()
}
_ARGS: Final[dict[str, msgspec.json.Decoder[Any]]] = {verb: msgspec.json.Decoder(type_) for verb, type_ in ARGS.items()}
_REPLY: Final = msgspec.json.Decoder(Reply)

_OWN_IDS: Final[dict[str, Callable[[Any], Any]]] = {
    "hb.node": attrgetter("node"),
    "facts.node": attrgetter("node"),
    "session": attrgetter("node", "id"),
    "sessions": attrgetter("node"),
    "hb.transporter": attrgetter("server"),
    "hb.license": attrgetter("server"),
    "hb.store": attrgetter("manager"),
    "job": attrgetter("request"),
    "intent": attrgetter("id"),
}
"""The true id that a payload carries, or all of them in the order of its subject."""

_session_id: Final = attrgetter("id")
_session_node: Final = attrgetter("node")

_FREE_FORM: Final = frozenset({"audit"})
"""Classes with fields of any shape, in which `text.clean` also bounds the depth."""


def _check_bye(message: Bye, ids: tuple[str, ...]) -> None:
    if message.id is not None and (message.id,) != ids:
        raise _other_id()


def _check_part(message: SessionsPart, ids: tuple[str, ...]) -> None:
    if message.part > message.parts:
        raise Rejected("out_of_range", f"part {message.part} of {message.parts}")
    if set(map(_session_node, message.sessions)) - {ids[0]}:
        raise Rejected("id_mismatch", "the snapshot holds a session of another node")


def _unseen_in_heartbeat(beat: NodeHeartbeat) -> int:
    brief = beat.drain is None and not beat.leaving and len(beat.node) <= text.ID_BOUND >= len(beat.boot)
    return MAX_PAYLOAD if brief else text.ID_BOUND


def _unseen_in_change(change: SessionChange) -> int:
    return text.NAME_BOUND if len(change.id) <= text.ID_BOUND >= len(change.node) else text.ID_BOUND


def _unseen_in_part(part: SessionsPart) -> int:
    longest = max(map(len, map(_session_id, part.sessions)), default=0)
    return text.NAME_BOUND if longest <= text.ID_BOUND >= len(part.node) else text.ID_BOUND


_UNSEEN: Final[dict[str, Callable[[Any], int]]] = {
    "hb.node": _unseen_in_heartbeat,
    "session": _unseen_in_change,
    "sessions": _unseen_in_part,
}
"""How long a text of a message may be without being too long, where its ids were asked: a look through its bytes for
longer texts takes the less time the longer they may be, and where all texts were asked it needs none."""

_CHECKS: Final[dict[str, Callable[[Any, tuple[str, ...]], None]]] = {
    "sessions": _check_part,
    "bye.node": _check_bye,
    "bye.transporter": _check_bye,
    "bye.license": _check_bye,
    "bye.store": _check_bye,
}
"""The rules between the fields of one message and its subject's true ids."""


class _Class(msgspec.Struct, frozen=True):
    """What a subject says of every message on it beside the ids."""

    cluster: str
    kind: str
    decoder: msgspec.json.Decoder[Any]
    unseen: Callable[[Any], int] | None
    own_ids: Callable[[Any], Any] | None
    check: Callable[[Any, tuple[str, ...]], None] | None
    free_form: bool


def _class(cluster: str, kind: str) -> _Class:
    return _Class(
        cluster=cluster,
        kind=kind,
        decoder=_DECODERS[kind],
        unseen=_UNSEEN.get(kind),
        own_ids=_OWN_IDS.get(kind),
        check=_CHECKS.get(kind),
        free_form=kind in _FREE_FORM,
    )


_Route = tuple[_Class, tuple[str, ...], str | tuple[str, ...]]
"""A class, the subject's true ids, and the same as the class's ``own_ids`` tells them of a payload."""

_classes_of_one: Final[dict[str, _Class]] = {}
_classes_of_two: Final[dict[str, _Class]] = {}
"""Classes by what stands before the one id, or the two ids, of their subjects; filled as subjects come in."""


def _route(subject: str, cluster: str | None) -> _Route:
    """What ``subject`` says of a message on it.

    Only what all ids have in common is remembered: to remember each subject takes more memory than most of what is
    known of a node, and where there are more nodes than it remembers it never finds one again. To take each subject
    apart costs up to 5 us, more than all the rest of decoding.

    Raises:
        Rejected: it is no subject of the protocol, or not one of ``cluster``'s.
    """
    ids: tuple[str, ...]
    own: str | tuple[str, ...]
    head, _, last = subject.rpartition(".")
    class_ = _classes_of_one.get(head)
    if class_ is not None:
        ids, own = (last,), last
    else:
        head, _, first = head.rpartition(".")
        class_ = _classes_of_two.get(head)
        ids = own = (first, last)
    if class_ is None or "%" in subject or "" in ids or (cluster is not None and class_.cluster != cluster):
        return _parsed(subject, cluster)
    return class_, ids, own


def _parsed(subject: str, cluster: str | None) -> _Route:
    parsed = subjects.parse(subject)
    if parsed is None or (cluster is not None and parsed.cluster != cluster):
        raise Rejected("subject", "no message of the protocol has this subject")
    class_ = _class(parsed.cluster, parsed.kind)
    _remember(class_, len(parsed.ids))
    return class_, parsed.ids, parsed.ids[0] if len(parsed.ids) == 1 else parsed.ids


def _remember(class_: _Class, ids: int) -> None:
    known = {1: _classes_of_one, 2: _classes_of_two}.get(ids)
    if known is not None and len(known) < HEADS_REMEMBERED:
        known[f"{subjects.ROOT}.{class_.cluster}.{class_.kind}"] = class_


def decode(subject: str, payload: bytes, cluster: str | None = None) -> Decoded:
    """The message that ``payload`` is on ``subject``.

    Raises:
        Rejected: with the reason ``subject``, ``too_large``, ``not_json``, ``version``, ``missing_field``,
            ``wrong_type``, ``out_of_range`` or ``id_mismatch``.
    """
    return Decoded(*take_apart(subject, payload, cluster))


def take_apart(subject: str, payload: bytes, cluster: str | None) -> tuple[str, tuple[str, ...], Any]:
    """`decode` for who has thousands a second: the kind, the ids and the message, without a struct around them."""
    class_, ids, own = _route(subject, cluster)
    message = decode_as(class_.decoder, payload)
    own_ids, unseen = class_.own_ids, class_.unseen
    if own_ids is not None and own_ids(message) != own:
        raise _other_id()
    if class_.check is not None:
        class_.check(message, ids)
    bound = text.ID_BOUND if unseen is None else unseen(message)
    suspect = text.has_unsafe(payload) or class_.free_form or (len(payload) > bound and text.has_long(payload, bound))
    if suspect:
        message = text.clean(message)
    if suspect or own_ids is None:  # else the payload holds the ids too, and nothing in it is suspect
        ids = tuple([text.inert(i, text.ID_BOUND) for i in ids])
    return class_.kind, ids, message


def _other_id() -> Rejected:
    return Rejected("id_mismatch", "the payload names another id than the subject")


def decode_reply(payload: bytes) -> Reply:
    """The reply to a request; Rejected as in `decode`."""
    reply: Reply = decode_as(_REPLY, payload)
    return text.clean(reply)


def decode_args(verb: str, request: Request) -> Args:
    """The arguments of ``request`` for ``verb``; Rejected as in `decode`, and with ``verb`` for an unknown one."""
    decoder = _ARGS.get(verb)
    if decoder is None:
        raise Rejected("verb", f"there is no verb '{text.inert(verb, text.ID_BOUND)}'")
    args: Args = decode_as(decoder, bytes(request.args))
    return text.clean(args)


def decode_as(decoder: msgspec.json.Decoder[Any], payload: bytes) -> Any:
    """``payload`` through ``decoder``, with msgspec's errors turned into reasons."""
    if len(payload) > MAX_PAYLOAD:
        raise Rejected("too_large", f"{len(payload)} bytes, at most {MAX_PAYLOAD} are read")
    try:
        if not payload.isascii():
            payload.decode()  # msgspec doesn't look into the fields that it skips
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise Rejected(_reason(str(error)), text.inert(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Rejected("not_json", text.inert(str(error))) from None


_REASONS: Final = (
    (re.compile(r" - at `\$\.v`$"), "version"),
    (re.compile(r"^Object missing required field "), "missing_field"),
    (re.compile(r"^Expected `\w+` (of length )?[<>]=|^(Number|Integer value) out of range"), "out_of_range"),
)
"""What msgspec's sentences begin or end with; anything else is a value of the wrong type."""


def _reason(error: str) -> str:
    return next((reason for pattern, reason in _REASONS if pattern.search(error)), "wrong_type")
