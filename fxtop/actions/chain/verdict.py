"""What the examination of a chain comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fxtop.actions.chain.link import START, Head

MOST_FAULTS: Final = 100
"""Faults that are told one by one; a file of another kind would have one in each line."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that no crash and no policy explains."""

    path: Path
    line: int
    """In that file, from 1; 0 for the file as a whole."""
    what: str
    """A sentence."""


@dataclass(slots=True)
class Verdict:
    """How a chain was found."""

    path: Path
    files: int = 0
    lines: int = 0
    """Lines of the chain."""
    unchained: int = 0
    """Lines that an earlier version wrote before the chain began: read, and vouched for by nothing."""
    head: Head = START
    """The chain's end. Kept elsewhere, it shows later whether what was there before is still the same."""
    faults: list[Fault] = field(default_factory=list)
    more_faults: int = 0
    """Faults beyond `MOST_FAULTS`."""
    notes: list[str] = field(default_factory=list)
    """Sentences about what is out of the ordinary and explained."""

    @property
    def whole(self) -> bool:
        """Whether nothing was found that is not explained."""
        return not self.faults

    def accuse(self, path: Path, line: int, what: str) -> None:
        """Add a fault."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(path, line, what))
        else:
            self.more_faults += 1
