"""Asking agents what is in their journals (an optional addition to protocol 3 and 4; who doesn't know it is silent).

Whoever wants to know publishes `HistoryAsk` on ``fxtop.<cluster>.history`` with a reply inbox. Each agent that is meant
answers there with one `History`, at a random moment within ``spread`` seconds. It tells nothing that wasn't on
``audit`` when it happened, so it needs no signature and no role, and like all from the bus it is a claim: the proof is
the chained journal on the node.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from fxtop.protocol import text
from fxtop.protocol.decode import decode_as
from fxtop.protocol.ids import NodeId, PublicKey, RequestId
from fxtop.protocol.wire import Count, Message, Name, Wire

KIND: Final = "history"
"""The subject's class."""

MOST_LINES: Final = 1000
ANSWER_BYTES: Final = 128 * 1024
"""How much one agent tells at most; the newest is told and `History.more` says that there was more."""


class HistoryAsk(Message, frozen=True, kw_only=True, gc=False):
    """What is wanted: decisions from ``since`` to ``until`` (Unix seconds), of these ``nodes`` (null: all).

    A node may be named without its domain.
    """

    since: float
    until: float | None = None
    nodes: list[Name] | None = None
    operator: Name | None = None
    verb: Name | None = None
    request: RequestId | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_LINES)] = 200
    spread: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.3


class HistoryLine(Wire, frozen=True, kw_only=True, gc=False):
    """A decision of a receiver, or the outcome of one, as on ``audit``."""

    ts: float
    request: RequestId
    operator: Name = ""
    key: PublicKey | None = None
    verb: Name
    args: dict[str, Any] = {}
    reason: str = ""
    ticket: Name | None = None
    dry_run: bool = False
    decision: Name
    code: Name = ""
    outcome: Name = ""
    detail: str = ""


class History(Message, frozen=True, kw_only=True, gc=False):
    """One agent's answer, oldest first; without ``lines`` there was nothing that fits."""

    node: NodeId
    lines: list[HistoryLine] = []
    more: bool = False
    """Whether there is more, older, than was told."""
    damaged: Count = 0
    """Lines of its journal that it can't read."""
    error: str | None = None
    """Why it can't read its journal at all, as a sentence."""


_ASK: Final = msgspec.json.Decoder(HistoryAsk)
_ANSWER: Final = msgspec.json.Decoder(History)


def is_called(node: str, name: str) -> bool:
    """Whether ``node`` is meant by ``name``, which may lack the domain."""
    return name in (node, node.partition(".")[0])


def decode_ask(payload: bytes) -> HistoryAsk:
    """The question in ``payload``; Rejected as `fxtop.protocol.decode.decode`."""
    ask: HistoryAsk = decode_as(_ASK, payload)
    return ask


def decode_history(payload: bytes) -> History:
    """The answer in ``payload``, its texts inert; Rejected as `fxtop.protocol.decode.decode`."""
    history: History = decode_as(_ANSWER, payload)
    return text.clean(history)
