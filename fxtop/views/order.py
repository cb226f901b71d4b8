"""Sorting: a key for each row such that plain comparison gives the order, whichever column and direction.

Texts sort as people read them (``viz2`` before ``viz10``, capitals and small letters alike). The unknown comes last in
both directions. Rows that are equal keep the order of their ids in both directions, so that they never trade places.
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fxtop.cluster.records import SessionKey

if TYPE_CHECKING:
    from fxtop.cluster.store import Store
    from fxtop.views.column import Column, Look

R = TypeVar("R")

SortValue = float | str | bytes
SortKey = tuple[Any, str, Any]
"""The value in a form that sorts; the id as people sort it; the id itself, which makes the key unique."""

REMEMBERED: Final = 32_768
"""Texts whose sortable form is kept: all users and nodes of a large cluster, whose sessions then have it in common."""
_NUMBER: Final = (int, float)
_DIGITS: Final = re.compile(r"[0-9]+")
_COMPLEMENT: Final = bytes(255 - byte for byte in range(256))
_AFTER_ALL_TEXT: Final = "\U0010ffff"
_AFTER_ALL_BYTES: Final = b"\xff\xff"
"""Greater than what `_flipped` makes of any text: there only the end mark is 0xFF."""


def sort_key(id_: Hashable, row: R, column: Column[R], *, descending: bool, store: Store, look: Look) -> SortKey:
    """The key of a row in the order of ``column``. Only keys of the same column and direction compare."""
    return key_of(id_, sort_value(row, column, descending=descending, store=store, look=look))


def key_of(id_: Hashable, value: SortValue) -> SortKey:
    """The key of a row that sorts by ``value``."""
    return (value, _leading(id_), id_)


def sort_value(row: R, column: Column[R], *, descending: bool, store: Store, look: Look) -> SortValue:
    """What a row sorts by in the order of ``column``: a row's key is another one only if this is.

    Numbers as they are or negative, texts as `natural` or the reverse of it, and the unknown after all others. What a
    column sorts by is of one kind throughout: numbers where ``sort`` gives ranks or the unit is one of numbers.
    """
    value = (column.sort or column.value)(row, store, look)
    if isinstance(value, str):
        return _flipped(natural(value)) if descending else natural(value)
    if isinstance(value, _NUMBER):
        return math.inf if value != value else -value if descending else value  # noqa: PLR0124  # NaN is unknown too
    if value is None:
        if column.unit != "text":
            return math.inf
        return _AFTER_ALL_BYTES if descending else _AFTER_ALL_TEXT
    text = natural(" ".join(map(str, value)))
    return _flipped(text) if descending else text


@lru_cache(maxsize=REMEMBERED)
def natural(text: str) -> str:
    """A text that compares as people sort: numbers in it by size, letters without their case.

    Each run of digits is preceded by its length, so that ``2`` (``012``) comes before ``10`` (``0210``).
    """
    return _DIGITS.sub(_by_size, text.casefold())


def _leading(id_: Hashable) -> str:
    """An id, or the first part of one that has several, as people sort it; the text is shared by all that begin so."""
    first = id_.node if isinstance(id_, SessionKey) else id_[0] if isinstance(id_, tuple) else id_
    return natural(first) if isinstance(first, str) else ""


def _by_size(match: re.Match[str]) -> str:
    digits = match[0].lstrip("0") or "0"
    return f"0{chr(0x30 + len(digits))}{digits}"


def _flipped(text: str) -> bytes:
    """Bytes that sort in the opposite order of ``text``; the end mark makes the longer of two come first."""
    return text.encode("utf-8", "surrogatepass").translate(_COMPLEMENT) + b"\xff"
