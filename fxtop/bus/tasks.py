"""Ending a task for certain."""

from __future__ import annotations

import asyncio
from typing import Any


async def end(*tasks: asyncio.Task[Any], patience: float = 0.1) -> None:
    """Cancel ``tasks`` and return when they are over; what they raised is theirs.

    The cancellation is repeated after ``patience`` seconds: `asyncio.wait_for` of Python 3.11 loses one that comes
    together with its result, and nats-py uses it. A task that cleans up needs more patience than its cleaning takes.
    """
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=patience)
    for task in tasks:
        if not task.cancelled():
            task.exception()
