"""Ending sessions."""

from __future__ import annotations

from collections.abc import Iterable

from fxtop.agent.jobs import ITEM_DONE, ITEM_FAILED, ITEM_RUNNING, ITEM_WAITING, Job
from fxtop.agent.order import Deed, Order, Outcome, Refusal, Unsupported, Work, not_begun
from fxtop.agent.providers.port import Ability, ProviderError, SessionProvider
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.verbs.each import each, require_listing
from fxtop.protocol.control import ProgressStatus, TerminateArgs
from fxtop.protocol.ids import SessionId


class Terminate:
    """``terminate``: accepted at once, each session told of as a job's item."""

    name = "terminate"

    def __init__(self, board: SessionBoard, provider: SessionProvider) -> None:
        self._board = board
        self._provider = provider

    def prepare(self, order: Order) -> Deed:
        """Refuses where none of the sessions is here: one that ended meanwhile is no fault, a wrong node is."""
        if Ability.TERMINATE not in self._provider.abilities:
            raise Unsupported(f"The session provider '{self._provider.name}' has no means to end a session.")
        require_listing(self._board)
        args = order.arguments(TerminateArgs)
        sessions = list(dict.fromkeys(args.sessions))
        here = [session for session in sessions if session in self._board]
        if not here:
            raise Refusal("unknown_session", "None of these sessions is on this node: they may have ended meanwhile.")

        async def do() -> Outcome:
            return Outcome("accepted", result={"sessions": sessions}, work=work)

        async def work(job: Job) -> ProgressStatus:
            for session in gone:
                job.tell(session, ITEM_DONE, "It was not there any more.")
            await end_sessions(job, here, args.grace, self._provider)
            return job.verdict()

        users = sorted({body.user for body in map(self._board.get, here) if body is not None})
        gone = [session for session in sessions if session not in self._board]
        return Deed({"sessions": here, "users": users, "gone": gone, "grace": args.grace}, do)

    def aftermath(self, order: Order) -> Outcome:
        """Sessions are ended after the answer only."""
        return not_begun("no session was touched")

    def recover(self, order: Order) -> Work:
        """After a restart nothing is ended again: what is gone by then is done, the rest is not."""

        async def work(job: Job) -> ProgressStatus:
            for session in order.arguments(TerminateArgs).sessions:
                if session in self._board:
                    job.tell(session, ITEM_FAILED, "It was still there when the agent restarted.")
                else:
                    job.tell(session, ITEM_DONE, "It was gone when the agent restarted.")
            return job.verdict()

        return work


async def end_sessions(job: Job, sessions: Iterable[SessionId], grace: float, provider: SessionProvider) -> None:
    """End all ``sessions`` and tell each step of each."""
    targets = list(sessions)
    for session in targets:
        job.tell(session, ITEM_WAITING)

    async def end(session: SessionId) -> str:
        said = ""
        async for step in provider.terminate(session, grace):
            said = step.detail
            if step.gone:
                return said
            job.tell(session, ITEM_RUNNING, said)
        raise ProviderError(f"It is still there. Last step: {said}" if said else "Nothing was tried.")

    await each(job, targets, end, gone=ITEM_DONE)
