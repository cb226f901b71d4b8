"""The requests that wait for a second person, on disk, so that a restart of the agent changes nothing for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import msgspec

from fxtop.agent import durable
from fxtop.agent.order import Order
from fxtop.protocol.consent import Held
from fxtop.protocol.ids import RequestId


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One of them."""

    order: Order
    held: Held
    """The request as its sender signed it."""
    approved_by: str = ""
    """The second person. Then it waits no longer: it is being carried out, or was when the agent ended."""


_Kept = dict[RequestId, Waiting]


class WaitingRoom:
    """All of them, by request."""

    def __init__(self, path: Path) -> None:
        """StateError: what is kept can't be read."""
        self._path = path
        self._kept: _Kept = {each.order.request: each for each in _load(path)}
        self._writing = asyncio.Lock()

    def get(self, request: RequestId) -> Waiting | None:
        """What is kept of ``request``."""
        return self._kept.get(request)

    async def put(self, waiting: Waiting) -> None:
        """Keep ``waiting`` in the place of what was kept of that request. StateError: nothing was changed."""
        await self._keep(lambda kept: {**kept, waiting.order.request: waiting})

    async def drop(self, request: RequestId) -> None:
        """Keep ``request`` no longer. StateError: nothing was changed."""
        await self._keep(lambda kept: {key: each for key, each in kept.items() if key != request})

    async def _keep(self, change: Callable[[_Kept], _Kept]) -> None:
        async with self._writing:
            kept = change(self._kept)
            content = msgspec.json.encode(list(kept.values()))
            await asyncio.to_thread(durable.replace, self._path, content)
            self._kept = kept


def _load(path: Path) -> list[Waiting]:
    content = durable.read(path)
    if content is None:
        return []
    try:
        return msgspec.json.decode(content, type=list[Waiting])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise durable.damaged(path, error) from error
