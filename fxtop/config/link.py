"""The line between the console and the terminal, as a person may speak of it."""

from __future__ import annotations

from enum import StrEnum


class Link(StrEnum):
    """How wide it is."""

    AUTO = "auto"
    """As it turns out by measuring."""
    SLOW = "slow"
    FAST = "fast"


def link_named(text: str) -> Link:
    """The link called ``text``; ValueError with half a sentence where there is no such one."""
    try:
        return Link(text.strip().lower())
    except ValueError:
        raise ValueError(f"it is '{text}', and has to be one of {', '.join(Link)}") from None
