"""What a check gives: a finding, or that something couldn't be checked.

The vocabulary is the console's own (`fxtop.cluster.findings`): the same severities, and the same kinds where both see
the same trouble.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from fxtop.cluster.records import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, or will be."""

    severity: Severity
    kind: str
    """Stable name of what is wrong, as ``token-mismatch``."""
    subject: str
    """What it is about: a file, a server, a unit."""
    text: str
    evidence: tuple[str, ...] = ()
    """Where it was seen: ``file:line``, or what was measured."""
    consequence: str
    remedy: str


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
