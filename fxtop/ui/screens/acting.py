"""Sending what was confirmed, and deciding about what others asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App
from textual.screen import Screen

from fxtop.actions.approval import pending_lines, where_it_waits
from fxtop.actions.model import Refused
from fxtop.protocol.ids import NodeId, RequestId
from fxtop.ui.console import Console
from fxtop.ui.screens.approve_dialog import ApproveDialog
from fxtop.ui.screens.countdown import CountdownScreen
from fxtop.ui.screens.plan_dialog import Confirmed


async def send(app: App[Any], console: Console, confirmed: Confirmed) -> None:
    """Send a plan, after the time in which a key stops it. Raises Refused and Stale as `Operator.commit`."""
    operator = console.link.operator
    countdown = CountdownScreen(confirmed.plan, operator, console.badge, ascii_only=console.ascii)
    if not countdown.window.seconds:
        await operator.commit(confirmed.plan, confirmed.typed)
        return
    async with _shown(app, countdown):
        await operator.commit(confirmed.plan, confirmed.typed, countdown.window)


@asynccontextmanager
async def _shown(app: App[Any], screen: Screen[None]) -> AsyncIterator[None]:
    await app.push_screen(screen)
    try:
        yield
    finally:
        if screen.is_current:
            screen.dismiss()


async def decide(app: App[Any], console: Console, request: RequestId) -> str:
    """Have the person read what waits, and say yes or no to it; what was done, as a sentence. Raises Refused."""
    approver = console.link.operator.approver
    pending = await approver.read(request, _keeper(console, request))
    answer = await app.push_screen_wait(ApproveDialog(list(pending_lines(pending, console.look().tz)), console.badge))
    if answer == "approve":
        await approver.approve(pending)
        return f"You approved the {pending.verb} of {pending.target} for {pending.operator}."
    if answer == "decline":
        await approver.withdraw(request, pending.node)
        return f"You turned down the {pending.verb} of {pending.target} that {pending.operator} asked for."
    return f"It waits on: {pending.what}."


async def withdraw(console: Console, request: RequestId) -> str:
    """Take one's own request back; what was done, as a sentence. Raises Refused."""
    await console.link.operator.approver.withdraw(request, _keeper(console, request))
    return "It was taken back: nothing was done."


def _keeper(console: Console, request: RequestId) -> NodeId:
    node = where_it_waits(request, console.link.store)
    if node is None:
        raise Refused("not_waiting", "That job doesn't wait for a second person.")
    return node
