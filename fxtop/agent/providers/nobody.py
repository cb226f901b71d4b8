"""A node of whose sessions nobody tells."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NoReturn

from fxtop.agent.providers.port import Ability, ProviderError, Step
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import SessionBody


class NobodyTells:
    """Sees no session and can do nothing. ``why`` is a sentence that is told in their place."""

    name = "none"
    abilities: frozenset[Ability] = frozenset()

    def __init__(self, why: str) -> None:
        self._why = why

    async def sessions(self) -> Sequence[SessionBody]:
        """Raises ProviderError."""
        self._refuse()

    async def changed(self) -> None:
        """Never return."""
        await asyncio.Event().wait()

    async def placement(self, taking: bool, weight: float) -> None:
        """Take note; who starts sessions reads the placement table."""

    def terminate(self, session: SessionId, grace: float) -> AsyncIterator[Step]:
        """Raises ProviderError."""
        self._refuse()

    async def message(self, session: SessionId, text: str) -> None:
        """Raises ProviderError."""
        self._refuse()

    async def requeue(self, session: SessionId, to: NodeId) -> None:
        """Raises ProviderError."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise ProviderError(self._why)
