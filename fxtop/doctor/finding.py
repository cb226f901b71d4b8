"""What a check gives: a finding, or that something couldn't be checked.

A finding is the console's own. What both of them look for is written once, in `fxtop.cluster.rules.troubles`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from fxtop.cluster.records import Finding

__all__ = ["Broken", "Finding", "Missing", "NotChecked", "Outcome"]


@dataclass(frozen=True, slots=True)
class NotChecked:
    """A check that couldn't be made."""

    what: str
    """What would have been looked at, as in «not checked: …»."""
    why: str


Outcome: TypeAlias = Finding | NotChecked


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that couldn't be had."""

    why: str


@dataclass(frozen=True, slots=True)
class Broken(Missing):
    """A fact that couldn't be had because its file is wrong: ``why`` begins with file and line."""
