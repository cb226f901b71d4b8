"""The sessions of the node as they were last listed, and what differs from the time before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from fxtop.agent.signal import Signal
from fxtop.protocol import text
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.node import SessionCounts
from fxtop.protocol.session import SessionBody, SessionsPart

PART_LIMIT: Final = 200 * 1024
"""Bytes of one part of a snapshot; receivers take 256 KiB (protocol 1)."""
_ENVELOPE: Final = 1024
"""Bytes left for what surrounds the sessions of a part."""

_CPU_STEP: Final = 0.5
_MEM_STEP: Final = 0.25
_IDLE_STEP: Final = 60.0
_NOT_HERE: Final = frozenset(("ghost", "ended"))
"""States without a process: nothing of them is left to wait for."""


class SessionBoard:
    """All sessions of one node, by id. ``changed`` is notified after each listing that differed."""

    def __init__(self, node: NodeId, changed: Signal) -> None:
        self.node = node
        self.changed = changed
        self.seen = False
        """Whether the sessions could be listed at all since the agent began; before that nobody knows of any."""
        self._bodies: dict[SessionId, SessionBody] = {}
        self._told: dict[SessionId, SessionBody] = {}

    def __contains__(self, session: SessionId) -> bool:
        return session in self._bodies

    def __len__(self) -> int:
        return len(self._bodies)

    def get(self, session: SessionId) -> SessionBody | None:
        """The session of that id."""
        return self._bodies.get(session)

    def all(self) -> list[SessionBody]:
        """Every session, in the order in which they were first seen."""
        return list(self._bodies.values())

    def living(self) -> list[SessionBody]:
        """The sessions that a drain waits for: all but ghosts."""
        return [body for body in self._bodies.values() if body.state not in _NOT_HERE]

    def counts(self) -> SessionCounts:
        """As in a heartbeat: ``running`` are all that live and are neither pending nor known to be disconnected."""
        living = self.living()
        pending = sum(body.state == "pending" for body in living)
        disconnected = sum(body.state == "disconnected" for body in living)
        return SessionCounts(pending=pending, running=len(living) - pending - disconnected, disconnected=disconnected)

    def update(self, listing: Iterable[SessionBody]) -> list[SessionBody]:
        """Take over a new ``listing``; what is worth telling of it, sessions that are gone as ``ended``.

        Load, memory and idle time change all the time: they are told with the next snapshot, unless by much.
        """
        new = {body.id: _inert(body) for body in listing}
        told = [body for body in new.values() if _worth_telling(self._told.get(body.id), body)]
        gone = [msgspec.structs.replace(body, state="ended") for key, body in self._bodies.items() if key not in new]
        self._bodies = new
        first, self.seen = not self.seen, True
        for body in gone:
            self._told.pop(body.id, None)
        for body in told:
            self._told[body.id] = body
        if told or gone or first:
            self.changed.notify()
        return told + gone

    def told(self) -> None:
        """Everybody has heard of all sessions as they are now: a snapshot was published."""
        self._told = dict(self._bodies)

    def snapshot(self) -> list[SessionsPart]:
        """All sessions in as few parts as the size of a message allows; at least one."""
        chunks = _chunks(self.all())
        return [
            SessionsPart(v=1, ts=0.0, boot="", seq=0, node=self.node, part=number, parts=len(chunks), sessions=chunk)
            for number, chunk in enumerate(chunks, 1)
        ]


def _inert(body: SessionBody) -> SessionBody:
    """``body`` with all its text made inert; nearly always it is already, which is seen at a tenth of the cost."""
    try:
        suspect = text.is_suspect(msgspec.json.encode(body))
    except UnicodeEncodeError:  # a lone surrogate
        suspect = True
    return text.clean(body) if suspect else body


def _worth_telling(old: SessionBody | None, new: SessionBody) -> bool:
    if old is None:
        return True
    if msgspec.structs.replace(old, cpu=new.cpu, mem=new.mem, idle=new.idle) != new:
        return True
    return (
        _moved(old.cpu, new.cpu, _CPU_STEP)
        or _moved(old.mem, new.mem, _MEM_STEP * (old.mem or 0))
        or (old.idle is None) != (new.idle is None)
        or (old.idle or 0) > max(new.idle or 0, _IDLE_STEP)  # somebody came back to it
    )


def _moved(old: float | None, new: float | None, step: float) -> bool:
    if old is None or new is None:
        return old is not new
    return abs(new - old) > step


def _chunks(bodies: list[SessionBody]) -> list[list[SessionBody]]:
    chunks: list[list[SessionBody]] = [[]]
    size = _ENVELOPE
    for body in bodies:
        weight = len(msgspec.json.encode(body)) + 1
        if chunks[-1] and size + weight > PART_LIMIT:
            chunks.append([])
            size = _ENVELOPE
        chunks[-1].append(body)
        size += weight
    return chunks
