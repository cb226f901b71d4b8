"""What the demo is to be like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fxtop.demo.errors import DemoError

FEWEST_NODES: Final = 3
MOST_NODES: Final = 20_000
MOST_SESSIONS: Final = 200_000
MOST_CHURN: Final = 0.1
AGENTS_UP_TO: Final = 100
"""Nodes with an agent each that has its own connection; of more, those that are no managers share a few."""
LARGE_CHURN: Final = 0.01
"""Share of the sessions that change in a second on a large site, where nobody says."""


@dataclass(frozen=True, slots=True)
class Options:
    """The size of the cluster, and what happens on it."""

    nodes: int = 24
    sessions: int = 180
    seed: int = 7
    scenario: str = "calm"
    speed: float = 1.0
    """How many times faster than told the scenario goes."""
    churn: float | None = None
    """Share of the sessions that change in a second; None for what people do, and on a large site for `LARGE_CHURN`."""

    @property
    def large(self) -> bool:
        """Whether the nodes are a fleet."""
        return self.nodes > AGENTS_UP_TO

    def check(self) -> None:
        """Raise DemoError where a demo like that can't be made here."""
        if not FEWEST_NODES <= self.nodes <= MOST_NODES:
            raise DemoError(f"The demo has {FEWEST_NODES} to {MOST_NODES} nodes, not {self.nodes}.")
        if not 0 <= self.sessions <= MOST_SESSIONS:
            raise DemoError(f"The demo has up to {MOST_SESSIONS} sessions, not {self.sessions}.")
        if not 0 < self.speed <= 1000:
            raise DemoError(f"The demo's story goes up to 1000 times as fast as told, not {self.speed:g} times.")
        if self.churn is not None and not 0 < self.churn <= MOST_CHURN:
            raise DemoError(
                f"Up to {MOST_CHURN:g} of the demo's sessions can change in a second, and some have to, "
                f"not {self.churn:g}."
            )
        if self.large and self.scenario != "calm":
            raise DemoError(
                f"The story '{self.scenario}' is played with up to {AGENTS_UP_TO} nodes: each of them has an agent "
                f"that can be ended by itself. Leave out --scenario, or ask for fewer than {self.nodes} nodes."
            )
