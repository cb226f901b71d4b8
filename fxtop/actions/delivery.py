"""Sending the confirmed requests of one plan, a few at a time, and putting what came of each into the job book."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from fxtop.actions.arming import Arming
from fxtop.actions.courier import AT_ONCE, Courier, Heard, Letter, whose
from fxtop.actions.record import Record
from fxtop.cluster.records import JobState
from fxtop.protocol.ids import NodeId
from fxtop.views.format import spoken_duration

if TYPE_CHECKING:
    from fxtop.cluster.store import Store


class Delivery:
    """The requests of one plan on their way. Their jobs are open in the store already."""

    def __init__(self, courier: Courier, arming: Arming, store: Store, record: Record) -> None:
        self._courier = courier
        self._arming = arming
        self._store = store
        self._record = record
        self._room = asyncio.Semaphore(AT_ONCE)
        self._left: set[str] = set()
        """Requests that have left, or were about to when we were stopped."""

    async def send(self, letters: Sequence[Letter]) -> None:
        """Send each letter once; return when each has its first answer or can't have one.

        Where this is cancelled, what has not left is failed and what has is unknown: no job is left hanging.
        """
        try:
            async with asyncio.TaskGroup() as group:
                for letter in letters:
                    group.create_task(self._send_one(letter))
        finally:
            for letter in letters:
                self._settle(letter, self._interrupted(letter))

    async def _send_one(self, letter: Letter) -> None:
        async with self._room:
            if self._arming.armed:  # a person who disarms in the middle stops what has not left
                self._left.add(letter.request)
                self._store.book.left(letter.request)
                heard = await self._courier.carry(letter)
            else:
                heard = self._withheld(letter)
        self._record.note(self._record.reply(letter, heard))
        self._settle(letter, heard)

    def _settle(self, letter: Letter, heard: Heard) -> None:
        """Put ``heard`` into the job book, unless progress was faster and told more."""
        job = self._store.jobs.get(letter.request)
        if job is None or job.state is not JobState.REQUESTED:
            return
        if heard.reply is not None:
            self._store.book.reply(letter.request, heard.reply)
        else:
            known = self._last_word(letter) if heard.state is JobState.UNKNOWN else ""
            self._store.book.fail(letter.request, heard.state, heard.code, heard.detail + known)

    def _last_word(self, letter: Letter) -> str:
        """What the node said of itself last: all that is known beside an unknown outcome."""
        node = self._store.nodes.get(NodeId(letter.target))
        if node is None or node.beat is None:
            return ""
        return f"; {spoken_duration(self._store.age(node))} ago it said that it is {node.beat.state}"

    def _withheld(self, letter: Letter) -> Heard:
        detail = f"nothing was sent to {whose(letter.target)}: control was disarmed, {self._arming.why}"
        return Heard(None, JobState.FAILED, "disarmed", detail)

    def _interrupted(self, letter: Letter) -> Heard:
        whom = whose(letter.target)
        if letter.request in self._left:
            detail = f"the answer of {whom} was not waited for; whether it acted is not known"
            return Heard(None, JobState.UNKNOWN, "interrupted", detail)
        return Heard(None, JobState.FAILED, "interrupted", f"nothing was sent to {whom}: sending was stopped before it")
