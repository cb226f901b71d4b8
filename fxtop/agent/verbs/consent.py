"""Agreeing to a request that waits for a second person, and taking one back (`fxtop.protocol.consent`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from fxtop.agent.order import Deed, Order, Outcome, Refusal, Verb
from fxtop.agent.second_person import SecondPerson
from fxtop.agent.waiting_room import Waiting
from fxtop.protocol.control import ApproveArgs, WithdrawArgs
from fxtop.protocol.ids import PublicKey

May = Callable[[PublicKey | None, str], bool]
"""Whether the role of a key allows a verb."""
Whose = Callable[[PublicKey | None], str]
"""The person that a key is listed for; empty where the list doesn't say."""


class Approve:
    """``approve``: the request goes on. A dry run answers with the request as its sender signed it."""

    name = "approve"

    def __init__(self, second: SecondPerson, verbs: Mapping[str, Verb], whose: Whose) -> None:
        self._second = second
        self._verbs = verbs
        self._whose = whose

    def prepare(self, order: Order) -> Deed:
        """Refuses where nothing waits, where it isn't a second person, and where something else was read."""
        args = order.arguments(ApproveArgs)
        waiting = self._second.find(args.request)
        _require_second(order, waiting.order, self._whose)
        if args.digest != waiting.held.digest and not (order.dry_run and not args.digest):
            raise Refusal("digest", "What waits under that id is not what was read: read it again.")

        async def do() -> Outcome:
            verb = self._verbs[waiting.order.verb]
            outcome = await self._second.approve(waiting, order.operator, verb)
            result = {"request": args.request, "status": outcome.status, "code": outcome.code}
            status = "done" if outcome.status == "accepted" else outcome.status
            return Outcome(status, outcome.code, outcome.detail, result)

        return Deed(msgspec.to_builtins(waiting.held), do)


class Withdraw:
    """``withdraw``: the request is never carried out. Its sender may say so, and whoever might approve it."""

    name = "withdraw"

    def __init__(self, second: SecondPerson, may: May) -> None:
        self._second = second
        self._may = may

    def prepare(self, order: Order) -> Deed:
        """Refuses where nothing waits, and to others than these."""
        args = order.arguments(WithdrawArgs)
        waiting = self._second.find(args.request)
        own = order.key == waiting.order.key
        if not own and not self._may(order.key, Approve.name):
            raise Refusal("role", "Only who asked for it, and who may approve it, can take it back.")

        async def do() -> Outcome:
            code, detail = ("withdrawn", "withdrew it") if own else ("declined", "turned it down")
            why = f": {order.reason}" if order.reason else "."
            detail = f"Nothing was done: {order.operator} {detail}{why}"
            await self._second.withdraw(waiting, code, detail)
            return Outcome(result={"request": args.request})

        return Deed({"request": args.request, **_named(waiting)}, do)


def _named(waiting: Waiting) -> dict[str, str]:
    return {"verb": waiting.order.verb, "operator": waiting.order.operator}


def _require_second(order: Order, first: Order, whose: Whose) -> None:
    """Somebody else, with another key: one person may hold two keys, and two may share one.

    Names are what the two say that they are, and what their keys are listed for.
    """
    if order.key == first.key:
        raise Refusal("same_key", "A second person must approve it: this key asked for it itself.")
    if _names(order, whose) & _names(first, whose):
        raise Refusal("same_person", f"A second person must approve it: {first.operator} asked for it.")


def _names(order: Order, whose: Whose) -> set[str]:
    names = (" ".join(name.casefold().split()) for name in (order.operator, whose(order.key)))
    return {name for name in names if name}
