"""Commands that act while a fault befalls the bus: what each says, how it ends, and what was done by it.

README's table and the tests are made from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from fxtop.cli.exits import Exit
from tests.bus.faults.table import FAULTS, Fault


@dataclass(frozen=True)
class Errands:
    """What becomes of two commands: one begun during a fault, one in whose middle it came."""

    fault: str
    begun: str
    """What a ``terminate`` says that is begun during it (a regular expression)."""
    begun_ends: Exit
    amid: str
    """What a ``drain --wait`` says in whose middle it comes."""
    amid_ends: Exit
    reaches: bool = False
    """Whether the request of the first reaches the agent in spite of it, and is done, once."""
    before_mending: bool = False
    """Whether the second ends before anybody mends it."""

    @property
    def cause(self) -> Fault:
        return next(fault for fault in FAULTS if fault.name == self.fault)


ERRANDS = (
    Errands(
        "server killed",
        begun="no connection to the bus", begun_ends=Exit.NO_BUS, amid="The bus is ", amid_ends=Exit.DONE,
    ),
    Errands(
        "server frozen",
        begun="no connection to the bus", begun_ends=Exit.NO_BUS, amid="The bus is ", amid_ends=Exit.DONE,
    ),
    Errands(
        "server restarted with another token",
        begun="refuses the token", begun_ends=Exit.NO_BUS, amid="refuses the token", amid_ends=Exit.DONE,
    ),
    Errands(
        "cluster partitioned, the agent on the other side",
        begun="viz07", begun_ends=Exit.REFUSED, amid="asked again: no agent answers for viz07",
        amid_ends=Exit.NO_EVIDENCE, before_mending=True,
    ),
    Errands(
        "permissions withdrawn",
        begun="terminate +accepted", begun_ends=Exit.DONE, amid="doesn't let this login listen|allows less",
        amid_ends=Exit.DONE, reaches=True,
    ),
    Errands(
        "disk of the journal full",
        begun="Nothing was sent, because it could not be recorded first", begun_ends=Exit.REFUSED,
        amid="drain running", amid_ends=Exit.DONE,
    ),
)  # fmt: skip
