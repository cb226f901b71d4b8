"""Asking a whole cluster for its state on a new connection: first who is there, then the sessions, at a pace.

Ten thousand agents that answer at once say 50 MB within a second, which takes five to fold in and lies in memory
meanwhile. What is told of nodes is a tenth of it. So that is asked first, and the sessions, when it is known how many
agents there are, over as long as their answers take.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from fxtop.protocol.presence import ALL_CLASSES, HeartbeatClass

SPREAD: Final = 0.5
"""Seconds over which a cluster of any size tells all but its sessions."""
LOOK: Final = 0.1
"""Seconds without another answer, after which those who are there have told."""
LONGEST: Final = 3.0
"""Seconds after which the sessions are asked for, whoever may still answer."""
ANSWERS_A_SECOND: Final = 7_000
"""An agent gives two answers, heartbeat and facts. The sessions of half as many are folded in within a second."""
LEAST: Final = 0.3
MOST: Final = 30.0
"""Seconds over which sessions are told at least and at most."""
SESSIONS: Final[tuple[HeartbeatClass, ...]] = ("session",)
OTHERS: Final[tuple[HeartbeatClass, ...]] = tuple(each for each in ALL_CLASSES if each not in SESSIONS)

Ask = Callable[[float, Sequence[HeartbeatClass]], Awaitable[None]]


async def ask_all(ask: Ask, answers: Callable[[], int]) -> None:
    """Ask for everything in two steps.

    Args:
        ask: sends a sync with a spread in seconds and its classes; raises BusDown where there is no connection.
        answers: how many answers to syncs ever came.
    """
    before = answers()
    await ask(SPREAD, OTHERS)
    await asyncio.sleep(SPREAD)
    await _quiet(answers)
    await ask(spread_for(answers() - before), SESSIONS)


def spread_for(answers: int) -> float:
    """Seconds over which sessions are to be told by as many agents as gave so many ``answers``."""
    return min(MOST, max(LEAST, answers / ANSWERS_A_SECOND))


async def _quiet(answers: Callable[[], int]) -> None:
    """Return when no more answers come, or after `LONGEST`."""
    for _ in range(round(LONGEST / LOOK)):
        before = answers()
        await asyncio.sleep(LOOK)
        if answers() == before:
            return
