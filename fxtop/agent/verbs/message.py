"""Showing a text to the users of sessions."""

from __future__ import annotations

from fxtop.agent.jobs import ITEM_FAILED, ITEM_WAITING, Job
from fxtop.agent.order import Deed, Order, Outcome, Refusal, Unsupported, Work, not_begun
from fxtop.agent.providers.port import Ability, SessionProvider
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.verbs.each import each, require_listing, restarted
from fxtop.protocol.control import MessageArgs, ProgressStatus
from fxtop.protocol.ids import SessionId


class SendMessage:
    """``message``: accepted at once, each session told of as a job's item."""

    name = "message"

    def __init__(self, board: SessionBoard, provider: SessionProvider) -> None:
        self._board = board
        self._provider = provider

    def prepare(self, order: Order) -> Deed:
        """Refuses where nobody would read it."""
        if Ability.MESSAGE not in self._provider.abilities:
            raise Unsupported(f"The session provider '{self._provider.name}' has no means to show a message.")
        require_listing(self._board)
        args = order.arguments(MessageArgs)
        sessions = self._targets(args)
        if not any(session in self._board for session in sessions):
            raise Refusal("unknown_session", "None of these sessions is on this node, so nobody would read it.")

        async def do() -> Outcome:
            return Outcome("accepted", result={"sessions": sessions}, work=work)

        async def show(session: SessionId) -> str:
            await self._provider.message(session, args.text)
            return "It was shown."

        async def work(job: Job) -> ProgressStatus:
            here = [session for session in sessions if session in self._board]
            for session in sessions:
                job.tell(session, ITEM_WAITING)
                if session not in here:
                    job.tell(session, ITEM_FAILED, "It is not on this node.")
            await each(job, here, show, gone=ITEM_FAILED)
            return job.verdict()

        return Deed({"sessions": sessions, "text": args.text}, do)

    def _targets(self, args: MessageArgs) -> list[SessionId]:
        if args.sessions is None:
            return [body.id for body in self._board.living() if body.state != "pending"]
        return list(dict.fromkeys(args.sessions))

    def aftermath(self, order: Order) -> Outcome:
        """It is shown after the answer only."""
        return not_begun("nobody was shown the message")

    def recover(self, order: Order) -> Work:
        """A message is not shown twice, and nobody knows who has seen it."""

        async def work(job: Job) -> ProgressStatus:
            restarted(job, self._targets(order.arguments(MessageArgs)))
            return "failed"

        return work
