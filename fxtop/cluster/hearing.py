"""Whether we can hear at all: while there is no connection to the bus, nobody's silence tells anything."""

from __future__ import annotations

from typing import Final

from fxtop.clock import Clock
from fxtop.cluster.herald import Herald
from fxtop.cluster.records import Severity
from fxtop.cluster.words import span

GRACE: Final = 12.0
"""Seconds after a reconnect in which whoever is still silent may not have had the time to speak.

What cut us off may have cut off the agents too, and those try to come back every 8 s at most.
"""


class Hearing:
    """What the reader of the bus says of its connection. Until told otherwise we can hear."""

    def __init__(self, clock: Clock, herald: Herald) -> None:
        self._clock = clock
        self._herald = herald
        self.deaf_since: float | None = None
        """Monotonic seconds at which the connection was lost, or found not to be there; None while there is one."""
        self.why = ""
        """Why there is none, and what to do: a sentence."""
        self._server = ""
        self._since = float("-inf")

    def lose(self, since: float, why: str) -> None:
        """There is no connection since monotonic ``since``."""
        if self.deaf_since is None:
            self.deaf_since = since
            self._herald.announce(Severity.CRIT, f"There is no connection to the bus. {why}".rstrip())
        self.why = why

    def regain(self, server: str) -> None:
        """There is a connection, to ``server``."""
        now = self._clock.monotonic()
        if self.deaf_since is not None:
            away = span(now - self.deaf_since)
            self._herald.announce(Severity.INFO, f"The bus is connected to {server}, after {away} without one.")
        elif self._server not in ("", server):
            self._herald.announce(Severity.WARN, f"The bus is connected to {server}; {self._server} was lost.")
        elif self._server:
            return
        if self._server:
            self._since = now
        self.deaf_since, self.why, self._server = None, "", server

    def silence_counts(self) -> bool:
        """Whether somebody of whom nothing is heard now may be called silent."""
        return self.deaf_since is None and self._clock.monotonic() >= self._since + GRACE
