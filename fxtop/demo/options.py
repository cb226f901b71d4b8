"""What the demo is to be like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fxtop.demo.errors import DemoError

FEWEST_NODES: Final = 3
MOST_NODES: Final = 500
MOST_SESSIONS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Options:
    """The size of the cluster, and what happens on it."""

    nodes: int = 24
    sessions: int = 180
    seed: int = 7
    scenario: str = "calm"
    speed: float = 1.0
    """How many times faster than told the scenario goes."""

    def check(self) -> None:
        """Raise DemoError where a demo like that can't be made here."""
        if not FEWEST_NODES <= self.nodes <= MOST_NODES:
            raise DemoError(f"The demo has {FEWEST_NODES} to {MOST_NODES} nodes, not {self.nodes}.")
        if not 0 <= self.sessions <= MOST_SESSIONS:
            raise DemoError(f"The demo has up to {MOST_SESSIONS} sessions, not {self.sessions}.")
        if not 0 < self.speed <= 1000:
            raise DemoError(f"The demo's story goes up to 1000 times as fast as told, not {self.speed:g} times.")
