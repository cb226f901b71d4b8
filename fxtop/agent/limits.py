"""How much one key, and all together, may have an agent do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fxtop.agent.jobs import Jobs
from fxtop.agent.order import Order, Refusal
from fxtop.clock import Clock
from fxtop.protocol.ids import PublicKey

MINUTE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What is taken on. A plan moves 500 pending sessions at most, each by a request of its own to one node."""

    requests: int = 600
    """New requests of one key in a minute."""
    jobs: int = 64
    """Jobs that run at the same time."""
    jobs_of_key: int = 16
    """Those of one key."""


class Allowances:
    """Counts what listed keys ask for. What a key may ask for at once fills up again over a minute."""

    def __init__(self, limits: Limits, jobs: Jobs, clock: Clock) -> None:
        self._limits = limits
        self._jobs = jobs
        self._clock = clock
        self._left: dict[PublicKey | None, tuple[float, float]] = {}
        """Requests that are left to a key, and the monotonic seconds at which that was so."""

    def check(self, order: Order) -> None:
        """Refuse with the code ``limit`` what is too much."""
        self._count_request(order)
        if order.dry_run:
            return
        running = self._jobs.orders()
        own = sum(other.key == order.key for other in running)
        if len(running) >= self._limits.jobs or own >= self._limits.jobs_of_key:
            jobs = f"{len(running)} jobs are running here, {own} of them of this key"
            raise Refusal("limit", f"{jobs}, and no more are taken on: ask again later.")

    def _count_request(self, order: Order) -> None:
        most, now = float(self._limits.requests), self._clock.monotonic()
        left, at = self._left.get(order.key, (most, now))
        left = min(most, left + (now - at) * most / MINUTE)
        if left < 1:
            self._left[order.key] = left, now
            raise Refusal("limit", f"This key asked for more than {most:.0f} things within a minute: ask again later.")
        self._left[order.key] = left - 1, now
