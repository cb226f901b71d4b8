"""Keeping what many messages have in common once.

A cluster's nodes are alike: ten thousand of them tell the same services, units and versions. Decoded anew for each,
that is most of what is known of a node. Nobody writes into what was decoded, so all may have the same.
"""

from __future__ import annotations

import sys
from operator import attrgetter
from typing import Any, Final, TypeVar

import msgspec

from fxtop.protocol.node import Directory, NodeFacts
from fxtop.protocol.session import SessionBody, SessionChange

MOST: Final = 4_096
"""Values that are known to be common; those of a flood are forgotten together and stay with the rows that hold them."""
MOST_NUMBERS: Final = 16_384
"""The same of numbers, of which there are more: each second of an hour, each thousandth of a core."""
LONGEST: Final = 4_096
"""Bytes of a value that is looked up, so that few large ones don't fill the memory."""

_ALIKE: Final = ("services", "versions", "units", "config", "metadata", "notes", "withheld", "transporters")
"""What of a node's facts is the same on many nodes."""
_TEXTS: Final = ("user", "command", "geometry", "display", "app", "name")
"""Texts that many sessions have in common, beside the state, which the decoder gives out of a fixed set."""
LOAD: Final = ("idle", "clients", "cpu", "mem")
"""What of a session walks while all else stays."""
_NUMBERS: Final = ("idle", "cpu")
"""Numbers of sessions that are rounded by whoever measures them, so that few different ones occur."""
_NO_PARAMS: Final[dict[str, str]] = {}
_texts: Final = attrgetter(*_TEXTS)
_numbers: Final = attrgetter(*_NUMBERS)
_PLACES: Final = ("name", "path", "fstype", "note")

_set: Final = msgspec.structs.force_setattr
_encode: Final = msgspec.msgpack.Encoder().encode

T = TypeVar("T")


class Sharing:
    """The values of one store that are common."""

    def __init__(self) -> None:
        self._values: dict[object, Any] = {}
        self._numbers: dict[float | None, float | None] = {}

    def facts(self, facts: NodeFacts, node: str, boot: str) -> NodeFacts:
        """``facts``, which nobody else has seen yet, with what is common in the place of its own."""
        _set(facts, "node", node)
        _set(facts, "boot", boot)
        _set(facts, "provider", sys.intern(facts.provider))
        for directory in facts.dirs:
            _intern(directory, _PLACES)
        for field in _ALIKE:
            _set(facts, field, self._common(getattr(facts, field)))
        return facts

    def session(self, body: SessionBody, node: str, session: str) -> SessionBody:
        """``body`` with what is common in the place of its own, and without the envelope of a `SessionChange`."""
        _set(body, "node", node)
        _set(body, "id", session)
        for field, value in zip(_TEXTS, _texts(body), strict=True):
            if value is not None:
                _set(body, field, sys.intern(value))
        for field, number in zip(_NUMBERS, _numbers(body), strict=True):
            _set(body, field, self._number(number))
        _set(body, "params", self._common(body.params) if body.params else _NO_PARAMS)
        if type(body) is SessionChange:
            _set(body, "ts", 0.0)
            _set(body, "boot", "")
            _set(body, "seq", 0)
        return body

    def load(self, known: SessionBody, told: SessionBody) -> SessionBody:
        """``known`` with the load that is ``told`` of it; cheaper than to make all else of ``told`` common again."""
        return msgspec.structs.replace(
            known, idle=self._number(told.idle), clients=told.clients, cpu=self._number(told.cpu), mem=told.mem
        )

    def links(self, links: frozenset[T]) -> frozenset[T]:
        """An equal set that others have too."""
        shared: frozenset[T] | None = self._values.get(links)
        return self._keep(links, links) if shared is None else shared

    def _number(self, number: float | None) -> float | None:
        numbers = self._numbers
        if len(numbers) >= MOST_NUMBERS:
            numbers.clear()
        return numbers.setdefault(number, number)

    def _common(self, value: T) -> T:
        key = _encode(value)
        shared: T | None = self._values.get(key)
        if shared is None:
            return value if len(key) > LONGEST else self._keep(key, value)
        return shared

    def _keep(self, key: object, value: T) -> T:
        if len(self._values) >= MOST:
            self._values.clear()
        self._values[key] = value
        return value


def _intern(struct: Directory, fields: tuple[str, ...]) -> None:
    for field in fields:
        value = getattr(struct, field)
        if value is not None:
            _set(struct, field, sys.intern(value))
