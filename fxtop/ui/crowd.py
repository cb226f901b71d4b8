"""Whether each session can be followed by itself, or there are so many that their users have to stand for them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from fxtop.ui.pace import Pace

MOST: Final = 500_000
"""Sessions that are followed one by one at most. Of a million the order takes 115 MB and a ninth of all time to keep
(one in a hundred changes each second), and a key that has it held, as a mark or a dialog does, waits 86 ms: half of
that is as much as the console may take."""
LARGE: Final = 200_000
"""Sessions from which on it is they who are to blame where ticks can't be made rare enough."""
BACK: Final = 0.8
"""Share of the number that was too many at which it is no longer."""
PATIENCE: Final = 60.0
"""Seconds of easy ticks after which each is followed again; twice as many whenever that has proved too early."""
MOST_PATIENCE: Final = 3600.0


class Grouping(StrEnum):
    """What a person wants in the place of the sessions."""

    AUTO = "auto"
    """The sessions, or their users where that is all the console can follow."""
    USER = "user"
    NONE = "none"
    """The sessions, however many there are."""


def grouping_named(text: str) -> Grouping:
    """The grouping called ``text``; ValueError with half a sentence where there is no such one."""
    try:
        return Grouping(text.strip().lower())
    except ValueError:
        raise ValueError(f"it is '{text}', and has to be one of {', '.join(Grouping)}") from None


class Crowd:
    """Judges after each tick, and changes its mind slowly."""

    def __init__(self, *, most: int = MOST, large: int = LARGE) -> None:
        self.by_user = False
        """Whether users stand for the sessions."""
        self.why = ""
        """The reason of the last change, as the first half of a sentence."""
        self._most = most
        self._large = large
        self._wish = Grouping.AUTO
        self._too_many = most
        """So many sessions have proved to be too many."""
        self._wished = False
        """Whether it is as it is because a person wanted it so."""
        self._easy_since: float | None = None
        self._patience = PATIENCE

    @property
    def note(self) -> str:
        """What stands behind the title of the users."""
        return "as you asked" if self._wish is Grouping.USER else "too many sessions to list each"

    @property
    def wish(self) -> Grouping:
        """What the person wants."""
        return self._wish

    def lists(self, sessions: int) -> bool:
        """Whether so many sessions of one user or node are still few enough to be listed while users stand for all."""
        return sessions <= self._large

    def choose(self, wish: Grouping) -> None:
        """Do as a person wishes, from the next tick on; ``AUTO`` decides anew."""
        self._wish = wish
        self._patience = PATIENCE
        self._easy_since = None

    def judge(self, sessions: int, pace: Pace, now: float) -> bool:
        """Look at how things are at monotonic ``now``; whether that changes anything."""
        if self._wish is not Grouping.AUTO:
            self._wished = True
            return self._turn(self._wish is Grouping.USER, "As you asked")
        if self.by_user and not self._wished:
            return self._return(sessions, pace, now)
        self._wished = False
        excess = self._excess(sessions, pace)
        return self._turn(bool(excess), excess or f"{sessions:,} sessions can be followed one by one")

    def _excess(self, sessions: int, pace: Pace) -> str:
        """Why these are too many, as the first half of a sentence; empty where they aren't."""
        if sessions > self._most:
            self._too_many = self._most
            return f"{sessions:,} sessions are too many to follow one by one here"
        if sessions > self._large and pace.slowest:
            self._too_many = sessions
            return f"A tick takes up to {pace.longest.value * 1000:.0f} ms with {sessions:,} sessions one by one"
        return ""

    def _return(self, sessions: int, pace: Pace, now: float) -> bool:
        """Follow each session again where there are fewer by far, or ticks have been easy for long enough."""
        if pace.slowed or sessions > self._most * BACK:
            self._easy_since = None
            return False
        if self._easy_since is None:
            self._easy_since = now
        if sessions > self._too_many * BACK and now - self._easy_since < self._patience:
            return False
        if sessions > self._too_many * BACK:
            self._patience = min(MOST_PATIENCE, 2 * self._patience)
        return self._turn(False, f"{sessions:,} sessions can be followed one by one again")

    def _turn(self, by_user: bool, why: str) -> bool:
        if by_user is self.by_user:
            return False
        self.by_user, self.why = by_user, why
        self._easy_since = None
        return True
