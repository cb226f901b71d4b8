"""Node names as people say them: without the domain that all of them share."""

from __future__ import annotations

from collections.abc import Iterable


def shared_domain(names: Iterable[str]) -> str:
    """The longest domain that every qualified name ends in, with its dot (``.viz.example.edu``), or nothing.

    Nothing too where it would make two names look alike, and where names are addresses.
    """
    unique = set(names)
    qualified = [name.split(".") for name in unique if "." in name]
    if not qualified or any(parts[-1].isdigit() for parts in qualified):
        return ""
    tail = _common_tail(qualified)
    domain = "." + ".".join(tail) if tail else ""
    return domain if len({short(name, domain) for name in unique}) == len(unique) else ""


def short(name: str, domain: str) -> str:
    """``name`` without ``domain``."""
    return name.removesuffix(domain) if domain else name


def _common_tail(names: list[list[str]]) -> list[str]:
    """The labels that all names end in; the first label of each stays its own."""
    first = names[0]
    longest = min(len(parts) for parts in names) - 1
    length = 0
    while length < longest and all(parts[-1 - length] == first[-1 - length] for parts in names):
        length += 1
    return first[len(first) - length :]
