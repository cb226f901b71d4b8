"""Looking into many homes, some of which may lie on a filesystem that doesn't answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fxtop.agent.collectors.apart import Apart
from fxtop.agent.providers.fastx.accounts import Account, Place
from fxtop.agent.providers.fastx.folders import Sight, look

LIMIT: Final = 1.5
"""Seconds for all homes together, well below what a listing may take."""


@dataclass(frozen=True, slots=True)
class Home:
    """A user with processes, and where that user's session directories are."""

    account: Account
    place: Place


class Homes:
    """Looks at the session directories of users.

    The home on which a look hangs is left alone until it answers; of the others that were not reached in time the last
    look counts. So every listing meets one dead filesystem at most.
    """

    def __init__(self, limit: float = LIMIT, looking: Callable[[Account, Place], Sight] = look) -> None:
        self._limit = limit
        self._looking = looking
        self._known: dict[int, Sight] = {}
        self._stuck: dict[int, _Round] = {}

    async def look(self, homes: Sequence[Home]) -> Mapping[int, Sight]:
        """What is seen in ``homes``, by uid."""
        self._stuck = {uid: round_ for uid, round_ in self._stuck.items() if not round_.ended}
        round_ = _Round([home for home in homes if home.account.uid not in self._stuck], self._looking)
        try:
            async with asyncio.timeout(self._limit):
                await Apart("session directories").run(round_.run)
        except TimeoutError:
            pass  # what was not reached is taken from the last time, with a note
        finally:
            self._give_up(round_)
        self._known = {home.account.uid: self._sight(home.account, round_) for home in homes}
        return self._known

    def _give_up(self, round_: _Round) -> None:
        round_.wanted = False
        at = round_.at
        if not round_.ended and at is not None:
            self._stuck[at.account.uid] = round_

    def _sight(self, account: Account, round_: _Round) -> Sight:
        seen = round_.found.get(account.uid)
        if seen is not None:
            return seen
        note = f"The session directories of {account.name} didn't answer in time; what is told of them may be old."
        return replace(self._known.get(account.uid, Sight(None)), note=note)


class _Round:
    """One look at several homes, in a thread of its own."""

    def __init__(self, homes: Sequence[Home], looking: Callable[[Account, Place], Sight]) -> None:
        self.found: dict[int, Sight] = {}
        self.at: Home | None = None
        self.ended = False
        self.wanted = True
        self._homes = homes
        self._looking = looking

    def run(self) -> None:
        """Look at one after the other, until nobody wants to know any more."""
        try:
            for home in self._homes:
                self.at = home
                sight = self._looking(home.account, home.place)
                if not self.wanted:
                    return
                self.found[home.account.uid] = sight
        finally:
            self.ended = True
