"""Sending a pending session to another node."""

from __future__ import annotations

from fxtop.agent.order import Deed, Order, Outcome, Refusal, Unsupported
from fxtop.agent.providers.port import Ability, SessionProvider
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.verbs.each import require_listing
from fxtop.protocol.control import RequeueArgs


class Requeue:
    """``requeue``: only what has not started can go elsewhere."""

    name = "requeue"

    def __init__(self, board: SessionBoard, provider: SessionProvider) -> None:
        self._board = board
        self._provider = provider

    def prepare(self, order: Order) -> Deed:
        """Refuses what isn't pending here."""
        if Ability.REQUEUE not in self._provider.abilities:
            raise Unsupported(f"The session provider '{self._provider.name}' can't send a session to another node.")
        require_listing(self._board)
        args = order.arguments(RequeueArgs)
        body = self._board.get(args.session)
        if body is None:
            raise Refusal("unknown_session", f"There is no session {args.session} on this node.")
        if body.state != "pending":
            raise Refusal("not_pending", f"The session {args.session} is {body.state}: only a pending one can move.")
        if args.to == self._board.node:
            raise Refusal("same_node", f"The session {args.session} waits on {args.to} already.")
        move = {"session": args.session, "from": self._board.node, "to": args.to}

        async def do() -> Outcome:
            await self._provider.requeue(args.session, args.to)
            return Outcome(result=move)

        return Deed(move, do)
