"""How one of several nodes is chosen.

Each policy gives a node a cost. All starts of the same second see the same figures, on each gateway, and would all go
to the one node that is least by a hair; so the choice is made at random, by weight, among all that are nearly as good
as the best. A weight multiplies what a node takes: of two nodes alike, one of twice the weight ends up with twice the
sessions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final, NamedTuple

from fxtop.agent.node_select.verdict import Candidate

NEAR: Final = 0.1
"""Share by which sessions or free memory may be worse than the best and count as good."""
NEAR_LOAD: Final = 0.05
"""Load for each core by which a node may be worse than the best and count as good."""
_LESS_THAN_ONE: Final = 1 - 1e-9
"""Of a session: a whole one makes a difference, whatever rounding does to it."""
LEAST_WEIGHT: Final = 0.01
"""What a node of weight 0 counts for where nothing else is left."""


class Standing(NamedTuple):
    """A candidate before the choice."""

    candidate: Candidate
    cost: float
    share: float
    """Its part of the random choice, before it is set against those of the others."""


Policy = Callable[[Sequence[Candidate]], tuple[list[Standing], float]]
"""Gives each candidate its standing, and the cost below which one is nearly the best."""


class Unmeasured(Exception):
    """No candidate tells what the policy goes by; the text says what that is."""


def pick(policy: Policy, candidates: Sequence[Candidate], rng: Random) -> Candidate:
    """One of ``candidates``, which there must be.

    Raises:
        Unmeasured: the policy has nothing to go by.
    """
    standings, limit = policy(candidates)
    best = min(standing.cost for standing in standings)
    near = [standing for standing in standings if standing.cost < limit or standing.cost == best]
    return rng.choices(near, [standing.share for standing in near])[0].candidate


def fewest_sessions(candidates: Sequence[Candidate]) -> tuple[list[Standing], float]:
    """The least of what a node is meant to carry. Less than one session, or a tenth, makes no difference."""
    rooms = _filled([candidate.capacity or None for candidate in candidates], default=1.0)
    counts = _filled([candidate.sessions for candidate in candidates], default=0.0)
    standings = [
        Standing(candidate, (count + 1) / (_weight(candidate) * room), _weight(candidate) * room)
        for candidate, count, room in zip(candidates, counts, rooms, strict=True)
    ]
    best = min(standings, key=lambda standing: standing.cost)
    return standings, best.cost + max(_LESS_THAN_ONE / best.share, NEAR * best.cost)


def least_load(candidates: Sequence[Candidate]) -> tuple[list[Standing], float]:
    """The least load for each core."""
    loads = _measured([candidate.load for candidate in candidates], "load")
    return _by_cost(candidates, [load / _weight(each) for load, each in zip(loads, candidates, strict=True)], NEAR_LOAD)


def most_memory(candidates: Sequence[Candidate]) -> tuple[list[Standing], float]:
    """The most free memory: in bytes, or by its share where no node tells bytes."""
    frees = [candidate.free for candidate in candidates]
    if not any(free is not None for free in frees):
        frees = [candidate.offer.free_share for candidate in candidates]
    costs = [-free * _weight(each) for free, each in zip(_measured(frees, "free memory"), candidates, strict=True)]
    return _by_cost(candidates, costs, -NEAR * min(costs))


POLICIES: Final[Mapping[str, Policy]] = {
    "sessions": fewest_sessions,
    "load": least_load,
    "memory": most_memory,
}
"""By the names on the command line; ``round-robin`` (`rotation`) is no matter of cost."""


def _by_cost(candidates: Sequence[Candidate], costs: list[float], near: float) -> tuple[list[Standing], float]:
    standings = [Standing(each, cost, _weight(each)) for each, cost in zip(candidates, costs, strict=True)]
    return standings, min(costs) + near


def _weight(candidate: Candidate) -> float:
    return max(candidate.weight, LEAST_WEIGHT)


def _measured(figures: Sequence[float | None], what: str) -> list[float]:
    if all(figure is None for figure in figures):
        raise Unmeasured(what)
    return _filled(figures, default=0.0)


def _filled(figures: Sequence[float | None], default: float) -> list[float]:
    """Figures with the mean of those that are known in the place of the others, so that not to tell is no advantage."""
    known = [figure for figure in figures if figure is not None]
    mean = sum(known) / len(known) if known else default
    return [mean if figure is None else float(figure) for figure in figures]
