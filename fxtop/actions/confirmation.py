"""What it takes to confirm a plan: a key, or typing a number or name where many or the last launchers are meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fxtop.actions.model import Confirmation
from fxtop.views.format import plural

PRESS: Final = Confirmation("press")

NO_LAUNCHERS: Final = "No node that is known to take new sessions is left after this."


def for_number(number: int, noun: str, bulk: int) -> Confirmation:
    """Type the number where there are more than ``bulk`` of ``noun``."""
    if number <= bulk:
        return PRESS
    return Confirmation("type", str(number), f"This concerns {plural(number, noun)}, more than {bulk} at once.")


def by_rule(present: Confirmation, nodes: Sequence[str], size: int, words: str) -> Confirmation:
    """What a rule of the site wants typed: the name of the one node, or how many things the plan is about.

    Where something has to be typed anyway, that stays.
    """
    if present.kind == "type":
        return Confirmation("type", present.expect, f"{present.why} {words}".strip())
    return Confirmation("type", nodes[0] if len(nodes) == size == 1 else str(size), words)


def for_the_last(nodes: Sequence[str]) -> Confirmation:
    """Type the node's name, or how many there are, where no node that takes new sessions is left."""
    return Confirmation("type", nodes[0] if len(nodes) == 1 else str(len(nodes)), NO_LAUNCHERS)
