"""Doing the same thing to several sessions, and telling how far each is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from fxtop.agent.jobs import ITEM_DONE, ITEM_FAILED, Job
from fxtop.agent.order import Refusal
from fxtop.agent.providers.port import ProviderError, UnknownSession
from fxtop.agent.sessions import SessionBoard
from fxtop.protocol.ids import SessionId

AT_ONCE: Final = 20
"""Sessions worked on at the same time; ending hundreds at once would stall a node."""

Act = Callable[[SessionId], Awaitable[str]]
"""Does it to one session and returns what was done. Raises UnknownSession or ProviderError."""


def require_listing(board: SessionBoard) -> None:
    """Refuse what is about sessions while nobody knows which there are."""
    if not board.seen:
        raise Refusal("not_ready", f"The sessions of {board.node} could not be listed yet: try again in a moment.")


async def each(job: Job, sessions: Iterable[SessionId], act: Act, *, gone: str) -> None:
    """Do ``act`` to all ``sessions``; ``gone`` is the status of those that are not there any more."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(session: SessionId) -> None:
        async with places:
            try:
                job.tell(session, ITEM_DONE, await act(session))
            except UnknownSession:
                job.tell(session, gone, "It was not there any more.")
            except ProviderError as error:
                job.tell(session, ITEM_FAILED, str(error))

    await asyncio.gather(*(one(session) for session in sessions))


def restarted(job: Job, ids: Iterable[str]) -> None:
    """Mark as failed what nobody can tell the end of."""
    for id_ in ids:
        job.tell(id_, ITEM_FAILED, "The agent restarted before it was known to be done.")
