"""Sorting: a key for each row such that plain comparison gives the order, whichever column and direction.

Texts sort as people read them (``viz2`` before ``viz10``, capitals and small letters alike). The unknown comes last in
both directions. Rows that are equal keep the order of their ids in both directions, so that they never trade places.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from fxtop.cluster.store import Store
    from fxtop.views.column import Column, Look

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")

SortKey = tuple[bool, Any, str, Hashable]
"""Whether the value is unknown; the value in a form that sorts; the id as people sort it, and exactly."""

_DIGITS: Final = re.compile(r"[0-9]+")
_COMPLEMENT: Final = bytes(255 - byte for byte in range(256))


def sort_key(id_: Hashable, row: R, column: Column[R], *, descending: bool, store: Store, look: Look) -> SortKey:
    """The key of a row in the order of ``column``. Only keys of the same column and direction compare."""
    value = (column.sort or column.value)(row, store, look)
    if value is None or value != value:  # noqa: PLR0124  # NaN, which is as unknown as None
        return (True, 0, _leading(id_), id_)
    if isinstance(value, int | float):
        return (False, -value if descending else value, _leading(id_), id_)
    text = natural(_text(value))
    return (False, _flipped(text) if descending else text, _leading(id_), id_)


def sorted_ids(
    rows: Iterable[tuple[K, R]], column: Column[R], *, descending: bool, store: Store, look: Look
) -> list[K]:
    """The ids of ``rows`` in order, for whoever sorts just once."""
    keyed = [(sort_key(id_, row, column, descending=descending, store=store, look=look), id_) for id_, row in rows]
    return [id_ for _, id_ in sorted(keyed)]


@lru_cache(maxsize=16384)
def natural(text: str) -> str:
    """A text that compares as people sort: numbers in it by size, letters without their case.

    Each run of digits is preceded by its length, so that ``2`` (``012``) comes before ``10`` (``0210``).
    """
    return _DIGITS.sub(_by_size, text.casefold())


def _leading(id_: Hashable) -> str:
    """An id, or the first part of one that has several, as people sort it; the text is shared by all that begin so."""
    first = id_[0] if isinstance(id_, tuple) else id_
    return natural(first) if isinstance(first, str) else ""


def _by_size(match: re.Match[str]) -> str:
    digits = match[0].lstrip("0") or "0"
    return f"0{chr(0x30 + len(digits))}{digits}"


def _text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _flipped(text: str) -> bytes:
    """Bytes that sort in the opposite order of ``text``; the end mark makes the longer of two come first."""
    return text.encode("utf-8", "surrogatepass").translate(_COMPLEMENT) + b"\xff"
