"""The site's rules on the node itself, which hold whatever program a request comes from.

They are asked after the gate and after the verb's own look at a request. What an agent can't know alone, it leaves to
the console's rules; `fxtop.actions.guardrails.explain.blind_spots` says what that is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from fxtop.actions.guardrails.judge import Act, Guardrails, Judgement
from fxtop.actions.guardrails.rule import VERBS, Kind, Target
from fxtop.agent.gate import Gate
from fxtop.agent.launchers import Launchers
from fxtop.agent.order import Deed, Order, Refusal, Verb, Work
from fxtop.agent.placement import Placement
from fxtop.agent.second_person import SecondPerson
from fxtop.agent.sessions import SessionBoard
from fxtop.bus.port import Asked
from fxtop.clock import Clock
from fxtop.protocol.control import ApproveArgs
from fxtop.protocol.ids import SessionId

AskLaunchers = Callable[[], Awaitable[Launchers]]
"""The nodes that take new sessions now."""

ASK_LAUNCHERS: Final = 3
"""Times that the other nodes are asked while one of them says that it may go, and has to wait for us."""

_BY_PEOPLE = (Kind.TICKET, Kind.SECOND)
"""What is demanded of people; where a manager carries out what somebody asked it for, they were asked there."""


class NodeGuardrails:
    """The rules of one agent.

    Args:
        rules: those of its cluster.
        second: keeps what has to wait.
        gate: judges a request once more when it is approved, for keys are revoked meanwhile; knows managers.
        board: whose the sessions are.
        placement: whether this node takes new sessions.
        ask_launchers: asked only where a rule wants to know.
        clock: time.
    """

    def __init__(
        self,
        rules: Guardrails,
        second: SecondPerson,
        gate: Gate,
        board: SessionBoard,
        placement: Placement,
        ask_launchers: AskLaunchers,
        clock: Clock,
    ) -> None:
        self._rules = rules
        self._second = second
        self._gate = gate
        self._board = board
        self._placement = placement
        self._ask_launchers = ask_launchers
        self._clock = clock

    async def consider(self, verb: Verb, order: Order, deed: Deed, asked: Asked) -> Deed:
        """What is to be done for ``order``: its own ``deed``, or to keep it until a second person agrees.

        Raises:
            Refusal: a rule forbids it; the code is the kind of the rule.
        """
        if order.verb == "approve" and not order.dry_run:
            await self._judge_again(self._second.find(order.arguments(ApproveArgs).request).order)
        if order.verb not in VERBS:
            return deed
        judged = await self._judge(order, deed.preview)
        seconds = judged.rules(Kind.SECOND)
        if self._gate.speaks_for_another(order) or not (seconds or order.second):
            return deed
        words = " ".join(dict.fromkeys(rule.words for rule in seconds))
        return self._second.hold(order, asked, deed, words, self._rules.approve_within)

    def decided(self, order: Order) -> None:
        """The node has gone by now, or stays."""
        if self._placement.leaving == order.request:
            self._placement.leaving = ""

    def recover(self, verb: Verb, order: Order) -> Work | None:
        """How ``order`` goes on after a restart, where it waited for a second person; None where it didn't."""
        return self._second.recover(verb, order)

    async def _judge_again(self, order: Order) -> None:
        """Refuse an approval where what was asked for has become forbidden while it waited, or too late."""
        self._gate.permit(order)
        deadline = order.args.get("deadline")
        if deadline is not None and deadline <= self._clock.now():
            raise Refusal("deadline", "Its deadline passed while it waited: it has to be asked for anew.")
        await self._judge(order, {})

    async def _judge(self, order: Order, preview: Mapping[str, Any]) -> Judgement:
        self._require_users(order.verb)
        judged = self._rules.judge(await self._act(order, preview))
        exempt = _BY_PEOPLE if self._gate.speaks_for_another(order) else ()
        objections = [each for each in judged.objections if each.kind not in exempt]
        if objections:
            sentences = " ".join(dict.fromkeys(each.sentence for each in objections))
            raise Refusal(objections[0].kind.value, sentences)
        return judged

    def _require_users(self, verb: str) -> None:
        if not self._board.seen and self._rules.ask_for_users(verb):
            raise Refusal(
                "not_ready",
                f"The sessions of {self._board.node} could not be listed yet, and a rule asks whose they are: "
                "try again in a moment.",
            )

    async def _act(self, order: Order, preview: Mapping[str, Any]) -> Act:
        takes = self._takes(order, preview)
        leaves: frozenset[str] = frozenset()
        if takes and self._rules.ask_of(order.verb, Kind.LAUNCHERS):
            leaves = await self._remaining(order, takes)
        return Act(
            verb=order.verb,
            targets=tuple(self._targets(order, preview)),
            at=self._clock.now(),
            ticket=order.ticket,
            takes=takes,
            leaves=leaves,
        )

    async def _remaining(self, order: Order, takes: frozenset[str]) -> frozenset[str]:
        """The launchers that would be left, if this node goes.

        Two nodes may be asked to go at the same time, each seeing the other stay. So a node says that it may go before
        it asks, and counts no other one that says so: at least one of the two sees the other. Where each saw the other
        the one with the lower request asks again, until the other has refused.
        """
        if self._board.node in takes and not order.dry_run:
            self._placement.leaving = order.request
        for _ in range(ASK_LAUNCHERS):
            found = await self._ask_launchers()
            others = [request for node, request in found.leaving.items() if node != self._board.node]
            if not others or order.request > min(others):
                break
        return found.staying - takes

    def _takes(self, order: Order, preview: Mapping[str, Any]) -> frozenset[str]:
        """The launchers that it takes away: this node, or those that a plan gives no weight."""
        if order.verb == "rebalance":
            return frozenset(node for node, weight in preview.get("weights", {}).items() if weight <= 0)
        stops = order.verb == "drain" or (order.verb == "weight" and order.args.get("weight") == 0)
        takes_now = self._placement.taking and self._placement.weight > 0
        return frozenset({self._board.node}) if stops and takes_now else frozenset()

    def _targets(self, order: Order, preview: Mapping[str, Any]) -> Iterable[Target]:
        if order.verb == "rebalance":
            yield from (Target(node) for node in preview.get("weights", {}))
            yield from (Target(move["from"], move["session"]) for move in preview.get("moves", ()))
            return
        named = _named(order)
        if named is None:
            yield Target(self._board.node)
        ends = named is not None or order.verb == "message" or order.args.get("then") == "terminate"
        sessions = [body.id for body in self._board.all()] if named is None else named
        for session in sessions if ends else ():
            body = self._board.get(session)
            yield Target(self._board.node, session, body.user if body else "")


def _named(order: Order) -> list[SessionId] | None:
    """The sessions that an order names; None where it is about the node."""
    if order.verb == "requeue":
        return [order.args["session"]]
    named = order.args.get("sessions")
    return list(named) if named is not None else None
