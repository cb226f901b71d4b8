"""One line of a chain: a JSON object whose last members are its number, its predecessor's digest and its own.

``sum`` is the SHA-256, in hex, of the line's bytes before it, with ``prev`` among them: so it vouches for every line
since the first.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

NEWLINE: Final = b"\n"
_LINE: Final = re.compile(
    rb'(?P<told>\{.*,"n":(?P<n>[1-9]\d{0,14}),"prev":"(?P<prev>[0-9a-f]{64})"),"sum":"(?P<sum>[0-9a-f]{64})"\}\n'
)


@dataclass(frozen=True, slots=True)
class Head:
    """How far a chain has come: the number and the digest of its last line."""

    n: int
    sum: str


START: Final = Head(0, "0" * 64)
"""Before the first line."""


class Link(NamedTuple):
    """What a line says of its place in the chain."""

    head: Head
    prev: str
    whole: bool
    """Whether the line is the one that was written, by its own digest."""

    def follows(self, head: Head) -> bool:
        """Whether the line is the next one after ``head``."""
        return self.head.n == head.n + 1 and self.prev == head.sum


def link_of(line: bytes) -> Link | None:
    """The place of ``line``, with its line end, in a chain; None where it claims none."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    sum_ = found["sum"].decode()
    whole = hashlib.sha256(found["told"]).hexdigest() == sum_
    return Link(Head(int(found["n"]), sum_), found["prev"].decode(), whole)


def unended(line: bytes) -> Link | None:
    """The place of a whole line that lacks nothing but its line end, as a crash may leave the last one."""
    link = None if line.endswith(NEWLINE) else link_of(line + NEWLINE)
    return link if link is not None and link.whole else None


def linked(bodies: Iterable[bytes], after: Head) -> tuple[bytes, Head]:
    """The lines of ``bodies``, JSON objects with at least one member, that follow ``after``; and the new head."""
    lines: list[bytes] = []
    head = after
    for body in bodies:
        told = b'%s,"n":%d,"prev":"%s"' % (body[:-1], head.n + 1, head.sum.encode())
        head = Head(head.n + 1, hashlib.sha256(told).hexdigest())
        lines.append(b'%s,"sum":"%s"}\n' % (told, head.sum.encode()))
    return b"".join(lines), head
