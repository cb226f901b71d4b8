"""The id of a rebalance's plan, so made that one part of it can be shown to belong to it without the rest.

A plan can be for 2,000 nodes, and each of them must be able to tell whether the weight that a manager sets is the one
that the operator signed for. So the id is the root of a tree of SHA-256 hashes (as in RFC 6962, 2.1: a leaf is hashed
behind a byte 0, two nodes behind a byte 1) over the plan's parts, cut to its first 32 hex digits. A part is shown with
the hashes beside its way to the root, each behind ``<`` or ``>`` for the side that it stands on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import msgspec

from fxtop.protocol.ids import NodeId, PlanId, SessionId

ID_LENGTH: Final = 32
MOST_STEPS: Final = 24
"""Hashes beside a way; enough for more parts than any plan has."""
_STEP: Final = re.compile(r"[<>][0-9a-f]{64}")


def weight_part(node: NodeId, weight: float) -> bytes:
    """That ``node`` gets ``weight``."""
    return msgspec.json.encode(("weight", node, float(weight)))


def move_part(session: SessionId, from_: NodeId, to: NodeId) -> bytes:
    """That a pending session goes elsewhere."""
    return msgspec.json.encode(("requeue", session, from_, to))


class PlanTree:
    """The tree over the ``parts`` of a plan, of which there is one at least and none twice."""

    def __init__(self, parts: Sequence[bytes]) -> None:
        self._at = {part: at for at, part in enumerate(parts)}
        self._levels = [[_leaf(part) for part in parts]]
        while len(self._levels[-1]) > 1:
            self._levels.append(_above(self._levels[-1]))

    @property
    def id(self) -> PlanId:
        """The plan's id."""
        return _cut(self._levels[-1][0])

    def way(self, part: bytes) -> list[str]:
        """What shows that ``part`` belongs to the plan. KeyError where it doesn't."""
        at, way = self._at[part], []
        for level in self._levels[:-1]:
            beside = at ^ 1
            if beside < len(level):
                way.append(f"{'<' if beside < at else '>'}{level[beside].hex()}")
            at //= 2
        return way


def belongs(part: bytes, way: Sequence[str], plan: PlanId) -> bool:
    """Whether ``way`` leads from ``part`` to ``plan``."""
    if len(way) > MOST_STEPS or not all(_STEP.fullmatch(step) for step in way):
        return False
    reached = _leaf(part)
    for step in way:
        beside = bytes.fromhex(step[1:])
        reached = _pair(beside, reached) if step[0] == "<" else _pair(reached, beside)
    return _cut(reached) == plan


def _above(level: Sequence[bytes]) -> list[bytes]:
    """The next level; one without a neighbour goes up as it is."""
    pairs = [_pair(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
    return [*pairs, level[-1]] if len(level) % 2 else pairs


def _leaf(part: bytes) -> bytes:
    return hashlib.sha256(b"\0" + part).digest()


def _pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


def _cut(root: bytes) -> PlanId:
    return PlanId(root.hex()[:ID_LENGTH])
