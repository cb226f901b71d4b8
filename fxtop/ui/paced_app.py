"""An app with a beat: messages are folded in as they come, the screen follows at a pace that machine and line bear."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any, Final

from textual import on
from textual.app import ReturnType
from textual.events import Unmount

from fxtop.config.link import Link
from fxtop.ui.chrome.health_notes import pace_sentence
from fxtop.ui.health import Health
from fxtop.ui.output import DiffedApp

TAKING_EVERY: Final = 0.25
"""Seconds between two looks at what came in, at least."""
PORTION: Final = 50
"""Messages that are folded in at once; a node's sessions are one message, and take as long as ten heartbeats."""
SPELL: Final = 0.004
"""Seconds for which messages are folded in before a key is heard again."""
BREATH: Final = 0.001
"""Seconds between two spells, and two pieces of a tick: a key passes through several turns of the loop until it is
heard."""


class PacedApp(DiffedApp[ReturnType]):
    """Ticks by itself once `begin` was called. Subclasses say what a tick is, and where messages come from."""

    def __init__(self, *, rate: float, link: Link, **options: Any) -> None:
        super().__init__(link=link, **options)
        self.health = Health(rate, time.monotonic, self.link, self.drain, lambda: self.outlet)

    def pieces(self) -> Iterator[None]:
        """Bring the screen up to date, in pieces between which a key is heard."""
        raise NotImplementedError

    def tick(self) -> None:
        """Bring the screen up to date at once."""
        for _ in self.pieces():
            pass

    def take_in(self, most: int) -> bool:
        """Fold in at most so many messages; whether more wait."""
        raise NotImplementedError

    async def news(self) -> None:
        """Return when something has come in, or soon after nothing did."""
        raise NotImplementedError

    def tell(self, sentence: str) -> None:
        """Tell the person something about the console itself."""
        raise NotImplementedError

    def begin(self) -> None:
        """Beat from now on."""
        self.health.pauses.begin()
        if self.link.thin:
            self.link_changed()
        self.set_interval(self.health.pace.beat, self._beat)
        self.run_worker(self._keep_taking(), group="inflow")

    def link_changed(self) -> None:
        """Fewer ticks over a thin line."""
        self.health.pace.thin = self.link.thin

    @on(Unmount)
    def _end(self) -> None:
        self.health.pauses.end()

    async def _beat(self) -> None:
        if self.outlet is not None and self.outlet.gone:
            self.exit(return_code=1)
            return
        pace = self.health.pace
        if not pace.due():
            return
        self.health.note_written()
        spent, began = 0.0, time.monotonic()
        for _ in self.pieces():
            spent += time.monotonic() - began
            await asyncio.sleep(BREATH)
            began = time.monotonic()
        if pace.ticked(spent + time.monotonic() - began):
            self.tell(pace_sentence(self.health))

    async def _keep_taking(self) -> None:
        """Right after it was read, while it is at hand, what came in is folded in."""
        more = False
        while True:
            if not more:
                await self.news()
            more = self._take_a_spell()
            await asyncio.sleep(BREATH if more else TAKING_EVERY)

    def _take_a_spell(self) -> bool:
        """Fold in for as long as a key may have to wait; whether more waits."""
        until = time.monotonic() + SPELL
        while more := self.take_in(PORTION):
            if time.monotonic() >= until:
                break
        return more
