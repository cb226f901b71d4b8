"""The small change of sentences: lists of names, and what a person typed made fit to send."""

from __future__ import annotations

import difflib
import heapq
import itertools
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from fxtop.protocol import text

LIKELY: Final = 50
"""Names that are compared closely with a mistyped one; comparing 10,000 so takes more than half a second."""
NOBODY: Final = (
    "no agent is running there, none answered in time, or the cluster has another name on the bus (--cluster)."
)
"""Why nothing is known of a cluster, as the end of a sentence."""


def listed(names: Sequence[str], most: int = 4) -> str:
    """``ann, bob and carl``; from ``most`` names on the rest is counted: ``ann, bob, carl and 7 others``."""
    if len(names) > most:
        shown = names[: most - 1]
        return f"{', '.join(shown)} and {len(names) - len(shown)} others"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def said(words: str, bound: int) -> str:
    """What a person typed, without outer space and without anything that could act on a terminal.

    Undecodable bytes of a command line (lone surrogates) become ``?``. ValueError with the two lengths where it has
    more than ``bound`` characters: nobody's words are cut silently.
    """
    clean = text.inert(words.strip().encode(errors="replace").decode(), max(bound, len(words)))
    if len(clean) > bound:
        raise ValueError(f"it has {len(clean)} characters, and {bound} are the most")
    return clean


def nearest(name: str, known: Collection[str]) -> str | None:
    """What ``name`` was probably meant to be: the only one that begins with it, or the most alike where none does.

    A name without a dot is compared with host names without their domain.
    """
    begins = [candidate for candidate in known if candidate.startswith(name)] if name else []
    if begins:
        return begins[0] if len(begins) == 1 else None
    written = {candidate if "." in name else candidate.partition(".")[0]: candidate for candidate in known}
    likely = heapq.nlargest(LIKELY, written, key=lambda each: _shared(name, each) + _shared(name[::-1], each[::-1]))
    alike = difflib.get_close_matches(name, likely, n=1, cutoff=0.6)
    return written[alike[0]] if alike else None


def _shared(one: str, other: str) -> int:
    """Letters at the beginning that two names share."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Each name once, sorted."""
    return tuple(sorted(set(names)))


def signature_name(name: str) -> str:
    """An operator's name as it may stand in a header (protocol 4); what is too long is cut. Empty stays empty."""
    return text.inert(name.strip().encode(errors="replace").decode(), text.NAME_BOUND).strip()
