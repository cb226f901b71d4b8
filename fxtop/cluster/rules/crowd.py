"""How one trouble of many rows is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fxtop.cluster.words import span

ONE_BY_ONE: Final = 20
"""Rows with the same trouble that get a finding each; more are told in one."""

EXPIRY_WARNED: Final = 14 * 86_400.0
"""Seconds ahead of an expiry at which it is worth a word."""


def subject_of(ids: Sequence[object], many: str) -> str:
    """What a finding about ``ids`` is about: the only one, or ``many``."""
    return str(ids[0]) if len(ids) == 1 else many


def expiry(left: float) -> str:
    """What is said of something that expires in ``left`` seconds."""
    return f"expires in {span(left)}" if left > 0 else f"expired {span(-left)} ago"
