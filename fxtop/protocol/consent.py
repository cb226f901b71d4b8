"""A second person's consent, and the announcement of what somebody is about to do: additions to protocol 4.

Both are optional. Where a rule of the site wants it, or the request itself asks for it (``second``), a receiver keeps a
request instead of carrying it out, answers ``accepted`` with the code ``second_person``, and tells on ``job.<request>``
that it ``waits``. Whoever holds another listed key, under another name, asks it to go on with ``approve``. With
``dry_run`` the result of ``approve`` is the `Held` request itself as its sender signed it, so that what is approved
can be read and checked first; ``digest`` is over what was signed, so that nothing else can be approved by it.
``withdraw`` takes a request back, or turns it down.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from fxtop.protocol.control import HEADER_EXPIRES, HEADER_OPERATOR, HEADER_REQUEST
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.protocol.signed_text import canonical
from fxtop.protocol.wire import Count, Message, Name, Wire

CODE: Final = "second_person"
"""Of the reply to a request that waits."""

INTENT: Final = "intent"
"""The class of `IntentNotice`; the id behind it is the notice's own."""

MOST_NODES: Final = 500
LONGEST: Final = 60.0
"""Seconds that an announcement may hold."""


class Held(Wire, frozen=True, kw_only=True):
    """A request that waits, as its sender signed it. Nothing of it is proven by being in here."""

    subject: str
    headers: dict[str, str]
    payload: str
    until: float
    """Unix seconds by the receiver's clock; it is dropped then."""
    rule: str = ""
    """Why it waits, in the words of the site."""

    @property
    def body(self) -> bytes:
        """The payload's bytes, which the signature is over. UnicodeEncodeError where they can't be any."""
        return self.payload.encode()

    @property
    def digest(self) -> str:
        """What an approval names."""
        return digest(self.subject, self.headers, self.body)


class IntentNotice(Message, frozen=True, kw_only=True, gc=False):
    """``intent.<id>``: somebody has a plan for these nodes before them. Anybody can say so: it is a hint, no more.

    It holds for ``ttl`` seconds from its receipt unless it is said again; 0 takes it back.
    """

    id: Name
    operator: Name
    verb: Name
    nodes: Annotated[list[NodeId], msgspec.Meta(max_length=MOST_NODES)]
    sessions: Count = 0
    """How many sessions it is about."""
    ttl: Annotated[float, msgspec.Meta(ge=0, le=LONGEST)]


def digest(subject: str, headers: Mapping[str, str], payload: bytes) -> str:
    """SHA-256, in hex, of the bytes that the sender of a request signed; ValueError or KeyError for no request."""
    return hashlib.sha256(
        canonical(subject, headers[HEADER_REQUEST], headers[HEADER_OPERATOR], headers[HEADER_EXPIRES], payload)
    ).hexdigest()


def held_id(held: Held) -> RequestId:
    """The id of the request."""
    return RequestId(held.headers.get(HEADER_REQUEST, ""))
