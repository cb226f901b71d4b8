"""From FastX's question to a node's id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Final, NamedTuple

from fxtop.agent.node_select.names import Names
from fxtop.agent.node_select.offer import Offer, Request, parse
from fxtop.agent.node_select.policies import LEAST_WEIGHT, POLICIES, Unmeasured, fewest_sessions, pick
from fxtop.agent.node_select.rotation import NoTurns, take_turn
from fxtop.agent.node_select.table import DEFAULT_TABLE, Table, TableError, read_table
from fxtop.agent.node_select.verdict import LAST_RESORT, Candidate, by_input, by_old_table, by_table

ROUND_ROBIN: Final = "round-robin"
FRESH: Final = 30.0
"""Seconds for which a table is the truth: several of the agent's rounds."""
DRAINS_HOLD: Final = 3600.0
"""Seconds for which drains of a table are believed after its last word, as long as other nodes are left."""

Say = Callable[[str], None]
"""Takes a sentence for whoever reads the log."""


class NoNode(Exception):
    """No node may take the session; the text is a sentence that says why."""

    def __init__(self, sentence: str, candidates: Sequence[Candidate] = ()) -> None:
        super().__init__(sentence)
        self.candidates = tuple(candidates)
        """All that were looked at."""


class Options(NamedTuple):
    """How a node is chosen."""

    policy: str = "sessions"
    table: str = DEFAULT_TABLE
    max_age: float = FRESH
    last_resort: bool = False
    """Rather choose a node that may take none than none."""
    wrap: str | None = None
    """A site's own load balancer, which has the choice among the nodes that are left."""
    wrap_limit: float = 3.0
    """Seconds for it."""
    turns: str = ""
    """The file in which round robin keeps whose turn it is."""


class Field(NamedTuple):
    """All offered nodes, and those among which the choice is."""

    candidates: tuple[Candidate, ...]
    allowed: tuple[Candidate, ...]


def choose(raw: bytes, options: Options, rng: Random, now: float, say: Say) -> tuple[str, tuple[Candidate, ...]]:
    """The id of the node that takes the session, and all that were looked at.

    Args:
        raw: FastX's input.
        options: how.
        rng: chance, where nodes are as good as each other.
        now: Unix seconds.
        say: is told what is not as it should be.

    Raises:
        BadInput: ``raw`` is no input of a load balancer.
        NoNode: none is left.
    """
    request = parse(raw, keep_params=options.wrap is not None)
    if not request.offers:
        raise NoNode("FastX offers no node: no launcher is registered with the cluster.")
    field = _field(_judged(request.offers, options, now, say), last_resort=options.last_resort, say=say)
    chosen = _by_script(request, field, options, say) if options.wrap else None
    return chosen or _by_policy(field.allowed, options, rng, say), field.candidates


def _judged(offers: Sequence[Offer], options: Options, now: float, say: Say) -> list[Candidate]:
    """The offered nodes by the table as far as it can be believed, else by FastX's own word."""
    try:
        table = read_table(options.table, now)
    except TableError as error:
        say(f"{error} Drains, capacities and weights are not known; going by FastX's own input.")
        return [by_input(offer) for offer in offers]
    names = Names(table.rows)
    if table.age <= options.max_age:
        return [by_table(offer, names.row_of(offer)) for offer in offers]
    return _by_old(offers, names, table, options, say)


def _by_old(offers: Sequence[Offer], names: Names, table: Table, options: Options, say: Say) -> list[Candidate]:
    """The drains of an old table keep nodes from being chosen, but they never make a start fail."""
    silence = (
        f"The placement table {options.table} was last written {table.age:.0f} s ago: "
        "the agent here doesn't run, or is cut off."
    )
    if table.age <= DRAINS_HOLD:
        candidates = [by_old_table(offer, names.row_of(offer)) for offer in offers]
        if any(candidate.verdict == "open" for candidate in candidates):
            say(f"{silence} Only its drains are believed; all else is FastX's own input.")
            return candidates
    say(f"{silence} Going by FastX's own input alone.")
    return [by_input(offer) for offer in offers]


def _field(candidates: list[Candidate], *, last_resort: bool, say: Say) -> Field:
    """The open nodes; without any, the least bad ones where that is wanted."""
    allowed = [candidate for candidate in candidates if candidate.verdict == "open"]
    if allowed:
        return Field(tuple(candidates), tuple(allowed))
    state = _count(candidates)
    if not last_resort:
        raise NoNode(f"No node is left for a new session: {state}.", candidates)
    tier = next(tier for tier in LAST_RESORT if any(candidate.verdict in tier for candidate in candidates))
    say(f"No node is open for a new session: {state}. As a last resort one is taken that is {' or '.join(tier)}.")
    return Field(tuple(candidates), tuple(candidate for candidate in candidates if candidate.verdict in tier))


def _count(candidates: Sequence[Candidate]) -> str:
    counts = Counter(candidate.verdict for candidate in candidates)
    return f"of {len(candidates)} offered, " + ", ".join(
        f"{count} {verdict}" for verdict, count in counts.most_common()
    )


def _by_script(request: Request, field: Field, options: Options, say: Say) -> str | None:
    """What the site's script chooses, if it may be chosen."""
    from fxtop.agent.node_select.wrapped import NoAnswer, ask  # noqa: PLC0415  # processes are slow to import

    assert options.wrap is not None  # noqa: S101  # the caller looked
    try:
        answer = ask(options.wrap, [each.offer for each in field.allowed], request.rest, options.wrap_limit)
    except NoAnswer as error:
        say(f"{error} Choosing by {options.policy} instead.")
        return None
    if any(candidate.id == answer for candidate in field.allowed):
        return answer
    say(f"The script {options.wrap} chose none of the nodes that it was given. Choosing by {options.policy} instead.")
    return None


def _by_policy(allowed: Sequence[Candidate], options: Options, rng: Random, say: Say) -> str:
    if options.policy == ROUND_ROBIN:
        return _in_turn(allowed, options, rng, say)
    try:
        return pick(POLICIES[options.policy], allowed, rng).id
    except Unmeasured as error:
        say(f"No node tells its {error}. Choosing by sessions instead.")
        return pick(fewest_sessions, allowed, rng).id


def _in_turn(allowed: Sequence[Candidate], options: Options, rng: Random, say: Say) -> str:
    weights = {candidate.id: max(candidate.weight, LEAST_WEIGHT) for candidate in allowed}
    try:
        return take_turn(options.turns, weights, rng)
    except NoTurns as error:
        say(f"{error} Choosing at random by weight instead.")
        return rng.choices(list(weights), list(weights.values()))[0]
