"""The three kinds of packets that are read (Moleculer protocol 4 and 5), taken apart.

What a field is not needed for stays behind here: the parameters of actions, the settings of services, and all else.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, Final, NamedTuple

import msgspec

from fxtop.protocol.text import ID_BOUND, inert

SUBJECTS: Final = ("*.HEARTBEAT", "*.INFO", "*.INFO.>", "*.DISCONNECT")
"""What is listened to. A namespace is part of the first token, and an INFO to one node ends in its id, which may hold
dots; a namespace that holds dots itself isn't heard. EVENT, REQ and RES may carry users' data and never reach us."""

_PREFIX: Final = re.compile(r"MOL(?:-[^\s.*>]+)?")


class Trouble(StrEnum):
    """Why a packet can't be used."""

    UNREADABLE = "unreadable"
    """It isn't JSON: another serializer, compressed, or encrypted."""
    MALFORMED = "malformed"
    """It is JSON and not what the protocol says."""


class Unread(Exception):
    """A packet that can't be used; holds nothing of it but where it came."""

    def __init__(self, prefix: str, trouble: Trouble) -> None:
        super().__init__(f"{trouble} packet under {prefix}")
        self.prefix = prefix
        self.trouble = trouble


class Heartbeat(msgspec.Struct, frozen=True):
    """``HEARTBEAT``: a broker lives. ``cpu`` is percent of all cores, null before the first reading."""

    ver: str
    sender: str
    cpu: float | None = None


class Goodbye(msgspec.Struct, frozen=True):
    """``DISCONNECT``: a broker stops in good order."""

    ver: str
    sender: str


class Service(msgspec.Struct, frozen=True):
    """A service of a broker; ``full_name`` has its version before it (``v1.launcher``)."""

    name: str
    full_name: str | None = msgspec.field(default=None, name="fullName")


class Software(msgspec.Struct, frozen=True, rename="camel"):
    """What a broker is made of: ``type`` names the language's implementation (``nodejs``)."""

    type: str = ""
    version: str = ""
    lang_version: str = ""


class Info(msgspec.Struct, frozen=True):
    """``INFO``: what a broker is and offers. ``instance`` is new at each start of its process."""

    ver: str
    sender: str
    services: list[Service] | None = None
    addresses: list[str] | None = msgspec.field(default=None, name="ipList")
    hostname: str | None = None
    client: Software | None = None
    instance: str | None = msgspec.field(default=None, name="instanceID")
    metadata: dict[str, Any] | None = None
    config: dict[str, Any] | None = None


Body = Heartbeat | Info | Goodbye

_heartbeat = msgspec.json.Decoder(Heartbeat)
_info = msgspec.json.Decoder(Info)
_goodbye = msgspec.json.Decoder(Goodbye)


class Packet(NamedTuple):
    """A packet that was understood. ``target`` is the broker that an INFO was meant for, empty for all."""

    prefix: str
    target: str
    body: Body


def read(subject: str, payload: bytes) -> Packet | None:
    """The packet on ``subject``; None where that is none of the three kinds under a prefix of Moleculer's.

    Raises:
        Unread: it is one, and can't be used.
    """
    prefix, _, rest = subject.partition(".")
    kind, _, target = rest.partition(".")
    decoder = _decoder(kind, target)
    if decoder is None or not _PREFIX.fullmatch(prefix) or inert(prefix, ID_BOUND) != prefix:
        return None
    if not payload.startswith(b"{"):
        raise Unread(prefix, Trouble.UNREADABLE)
    try:
        body: Body = decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unread(prefix, Trouble.MALFORMED) from None
    if not body.sender or inert(body.sender, ID_BOUND) != body.sender:
        raise Unread(prefix, Trouble.MALFORMED)
    return Packet(prefix, target, body)


def _decoder(kind: str, target: str) -> msgspec.json.Decoder[Any] | None:
    match kind, target:
        case "INFO", _:
            return _info
        case "HEARTBEAT", "":
            return _heartbeat
        case "DISCONNECT", "":
            return _goodbye
    return None
