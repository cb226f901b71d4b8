"""Telling from the agent's journal what was decided here, and what came of it (`fxtop.protocol.history`)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Iterable
from typing import Final

from fxtop.actions.decisions import line_of
from fxtop.actions.journal import DECISION, Entry, Journal, JournalError
from fxtop.agent.background import Background
from fxtop.agent.identity import Identity
from fxtop.agent.outbox import Line
from fxtop.bus.port import Asked, BusError
from fxtop.protocol.decode import Rejected
from fxtop.protocol.encode import encode
from fxtop.protocol.history import ANSWER_BYTES, History, HistoryAsk, HistoryLine, decode_ask, is_called

log = logging.getLogger(__name__)

AT_ONCE: Final = 8
"""Askers that wait for an answer; more at a time are not answered."""
NEWEST: Final = 2
"""Files of the journal that are read for one answer: nobody can have an agent read through years."""


class HistoryAnswers:
    """Answers each asker from one journal, one after the other."""

    def __init__(self, journal: Journal, bus: Line, identity: Identity) -> None:
        self._journal = journal
        self._bus = bus
        self._node = identity.node
        self._waiting = Background(f"{identity.node} history")
        self._turn = asyncio.Lock()
        self._random = random.SystemRandom()

    async def handle(self, asked: Asked) -> None:
        """Take a question; it is answered later."""
        try:
            ask = decode_ask(asked.payload)
        except Rejected as rejected:
            log.debug("a question for the journal was not understood: %s", rejected)
            return
        meant = ask.nodes is None or any(is_called(self._node, name) for name in ask.nodes)
        if asked.reply and meant and len(self._waiting) < AT_ONCE:
            self._waiting.start(self._answer(asked.reply, ask), "answer")

    async def stop(self) -> None:
        """Leave those that still wait unanswered."""
        await self._waiting.stop()

    async def _answer(self, inbox: str, ask: HistoryAsk) -> None:
        await asyncio.sleep(self._random.uniform(0, ask.spread))
        async with self._turn:
            history = await asyncio.to_thread(self._look_up, ask)
        try:
            await self._bus.publish(inbox, encode(history))
        except BusError as error:
            log.debug("nobody was told of the journal: %s", error)

    def _look_up(self, ask: HistoryAsk) -> History:
        try:
            reading = self._journal.read(since=ask.since, newest=NEWEST)
        except JournalError as error:
            return History(v=1, node=self._node, error=str(error))
        lines, cut = _bounded((entry for entry in reading.entries if _fits(entry, ask)), ask.limit)
        return History(v=1, node=self._node, lines=lines, more=cut or reading.older, damaged=reading.damaged)


def _fits(entry: Entry, ask: HistoryAsk) -> bool:
    return (
        entry.kind == DECISION
        and (ask.until is None or entry.at <= ask.until)
        and ask.operator in (None, entry.operator)
        and ask.verb in (None, entry.verb)
        and ask.request in (None, entry.request)
    )


def _bounded(entries: Iterable[Entry], limit: int) -> tuple[list[HistoryLine], bool]:
    """The newest of ``entries`` that an answer has room for, and whether that left some out."""
    newest = deque(entries, maxlen=limit + 1)
    lines: list[HistoryLine] = []
    room = ANSWER_BYTES
    for entry in reversed(newest):
        line = line_of(entry)
        room -= len(encode(line))
        if room < 0 or len(lines) == limit:
            break
        lines.append(line)
    return lines[::-1], len(lines) < len(newest)
