"""Whether and how much a node takes new sessions: its drain and its weight, kept across restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

import msgspec

from fxtop.agent import durable
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.signal import Signal
from fxtop.protocol.ids import RequestId, SessionId
from fxtop.protocol.node import Drain, NodeState


class DrainOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A drain that is in force, with what is needed to follow it to its end after a restart too."""

    request: RequestId
    drain: Drain
    then: Literal["wait", "terminate"] = "wait"
    sessions: tuple[SessionId, ...] = ()
    """Those that were there when it began."""


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    drain: DrainOrder | None = None
    weight: float


class Placement:
    """The drain state and weight of one node. A change is on disk before it is true; ``changed`` is notified then."""

    def __init__(self, path: Path, changed: Signal, weight: float = 1.0) -> None:
        """``weight`` holds until another one is set. StateError: what is kept can't be read."""
        self._path = path
        self._kept = _load(path) or _Kept(weight=weight)
        self.changed = changed
        self.ended: dict[RequestId, str] = {}
        """Why drains of this life ended before the node was empty, by request, as sentences."""
        self.leaving = ""
        """The request that is being decided and would have the node take no more sessions."""
        self._listeners: list[Callable[[], Awaitable[None]]] = []

    def listen(self, listener: Callable[[], Awaitable[None]]) -> None:
        """Have ``listener`` called after each change, before the change is reported as done."""
        self._listeners.append(listener)

    @property
    def order(self) -> DrainOrder | None:
        """The drain in force."""
        return self._kept.drain

    @property
    def drain(self) -> Drain | None:
        """The drain in force, as a heartbeat tells it."""
        return self._kept.drain.drain if self._kept.drain else None

    @property
    def weight(self) -> float:
        """As a heartbeat tells it."""
        return self._kept.weight

    @property
    def taking(self) -> bool:
        """Whether new sessions may come."""
        return self._kept.drain is None

    def state(self, board: SessionBoard) -> NodeState:
        """As a heartbeat tells it. A node is only drained when its sessions could be seen, and none is left."""
        if self._kept.drain is None:
            return "active"
        return "drained" if board.seen and not board.living() else "draining"

    async def begin(self, order: DrainOrder) -> None:
        """Put ``order`` in force, in the place of another where there is one. StateError: nothing was changed."""
        before = self._kept.drain
        await self._keep(_Kept(drain=order, weight=self.weight))
        if before is not None:
            self.ended[before.request] = f"A later drain by {order.drain.by} took its place."
        await self._tell()

    async def resume(self, by: str, reason: str) -> None:
        """End the drain in force. StateError: nothing was changed."""
        before = self._kept.drain
        await self._keep(_Kept(weight=self.weight))
        if before is not None:
            self.ended[before.request] = f"{by} resumed the node: {reason}" if reason else f"{by} resumed the node."
        await self._tell()

    async def weigh(self, weight: float) -> None:
        """Set the weight. StateError: nothing was changed."""
        await self._keep(_Kept(drain=self._kept.drain, weight=weight))
        await self._tell()

    async def _keep(self, kept: _Kept) -> None:
        await asyncio.to_thread(durable.replace, self._path, msgspec.json.encode(kept))
        self._kept = kept

    async def _tell(self) -> None:
        self.changed.notify()
        for listener in self._listeners:
            await listener()


def _load(path: Path) -> _Kept | None:
    content = durable.read(path)
    if content is None:
        return None
    try:
        return msgspec.json.decode(content, type=_Kept)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise durable.damaged(path, error) from error
