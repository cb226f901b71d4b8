"""What a manager shows to a node for its requests: the operator's own signed request (an addition to protocol 4).

The header ``Fxtop-Evidence`` is the standard base64 of a JSON object: ``subject``, the five ``headers`` and the
``payload`` (as text) of the ``rebalance`` that the operator signed, and the ``way`` from what the manager asks for to
the plan (`fxtop.protocol.plan_parts`). So it proves by itself who wants which plan and what that says of this node; and
the id of the manager's request follows from it (`derived_id`), so that it serves for one request about each target.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from fxtop.protocol.ids import RequestId
from fxtop.protocol.signing import REQUIRED
from fxtop.protocol.wire import Wire

MAX_EVIDENCE: Final = 16_384
"""Characters of the header; a ``rebalance`` with the longest reason has about 3,000."""


class Evidence(Wire, frozen=True, kw_only=True):
    """A signed request as it came."""

    subject: str
    headers: dict[str, str]
    payload: str
    way: list[str] = []

    @property
    def body(self) -> bytes:
        """The payload's bytes, which the signature is over. UnicodeEncodeError where they can't be any."""
        return self.payload.encode()


_DECODER: Final = msgspec.json.Decoder(Evidence)


def pack(subject: str, headers: Mapping[str, str], payload: bytes) -> str:
    """The header for a request; empty where it is too long to be one, or isn't text."""
    try:
        body = payload.decode()
    except UnicodeDecodeError:
        return ""
    evidence = Evidence(subject=subject, headers={name: headers[name] for name in REQUIRED}, payload=body)
    packed = base64.b64encode(msgspec.json.encode(evidence)).decode()
    return packed if len(packed) <= MAX_EVIDENCE else ""


def with_way(header: str, way: list[str]) -> str:
    """The header with the ``way`` in it; as it was where there is no evidence in it to begin with."""
    if not header:
        return header
    evidence = msgspec.structs.replace(unpack(header), way=way)
    return base64.b64encode(msgspec.json.encode(evidence)).decode()


def unpack(header: str) -> Evidence:
    """The request in a header; nothing of it is proven yet.

    Raises:
        ValueError: it holds none.
    """
    if len(header) > MAX_EVIDENCE:
        raise ValueError(f"the evidence has {len(header)} characters, at most {MAX_EVIDENCE} are read")
    try:
        return _DECODER.decode(base64.b64decode(header, validate=True))
    except (ValueError, msgspec.MsgspecError, RecursionError):
        raise ValueError("the evidence is no request") from None


def derived_id(request: RequestId, verb: str, target: str) -> RequestId:
    """The id of a manager's request about ``target``, a node or a session, that serves the operator's ``request``.

    Two managers that carry out the same request ask for the same thing under the same id, so it has its effect once.
    """
    return RequestId(hashlib.sha256(f"{request}/{verb}/{target}".encode()).hexdigest()[:24])
