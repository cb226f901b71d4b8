"""A cell's text with the blanks that fill its column kept apart, so that a line drawn through text spares them."""

from __future__ import annotations

from typing import NamedTuple

from fxtop.protocol.text import inert
from fxtop.views.fit import clip, plain_ascii, width_of


class Fitted(NamedTuple):
    """A text with the blanks before and after it."""

    lead: int
    text: str
    trail: int


def plain(text: str, *, ascii_only: bool) -> str:
    """``text`` as it may be painted: no control character, and nothing but ASCII where only that can be shown.

    Text from the bus is inert already; this holds whatever a column made of it.
    """
    safe = text if text.isprintable() else inert(text)
    return plain_ascii(safe) if ascii_only else safe


def fitted(text: str, width: int, *, right: bool = False, ascii_only: bool = False) -> Fitted:
    """Cut ``text`` to ``width`` cells and say how many blanks are missing on which side."""
    cells = width_of(text)
    if cells > width:
        text = clip(text, width, ascii=ascii_only)
        cells = width_of(text)
    spare = max(0, width - cells)
    return Fitted(spare, text, 0) if right else Fitted(0, text, spare)
