"""Completing a filter while it is typed: names of fields, then values that rows have."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from fxtop.views.filter_match import words_of
from fxtop.views.filter_syntax import quote
from fxtop.views.filter_values import EXAMPLES

if TYPE_CHECKING:
    from fxtop.cluster.store import Store
    from fxtop.views.column import Column, Look

R = TypeVar("R")

ROWS_LOOKED_AT: Final = 1_000
"""For known values, evenly among all; it is done at each letter, and more would be felt."""
OFFERED: Final = 50

_TERM: Final = re.compile(r'(?:[^\s"]|"(?:[^"\\]|\\.)*(?:"|$))*$')
_HEAD: Final = re.compile(r"(!*)([A-Za-z_]\w*)?(!=|<=|>=|==|[:=<>~])?")


class Suggestion(NamedTuple):
    """What could stand there, and what it means."""

    text: str
    help: str


class Completion(NamedTuple):
    """What could take the place of the text from ``start`` to ``end``, the likeliest first."""

    start: int
    end: int
    suggestions: tuple[Suggestion, ...]

    def applied(self, text: str, suggestion: Suggestion) -> str:
        """``text`` with a suggestion taken."""
        return text[: self.start] + suggestion.text + text[self.end :]


def complete(
    text: str,
    cursor: int,
    columns: Sequence[Column[R]],
    values: Callable[[Column[R]], Iterable[str]],
) -> Completion:
    """What could be typed at ``cursor``.

    ``values`` gives the known values of a column, the likeliest first (`known_values`); it is asked only for columns
    of text.
    """
    found = _TERM.search(text, 0, cursor)
    start = found.start() if found else cursor
    head = _HEAD.match(text, start, cursor)
    negation, name, operator = head.groups() if head else ("", None, None)
    if name and operator and head:
        column = next((column for column in columns if column.id == name.lower()), None)
        offers = _values(column, text[head.end() : cursor], values) if column else ()
        return Completion(head.end(), cursor, offers)
    begun = start + len(negation or "")
    return Completion(begun, cursor, _fields(columns, text[begun:cursor]))


def known_values(column: Column[R], rows: Collection[R], store: Store, look: Look, limit: int = OFFERED) -> list[str]:
    """Words that rows have in a column of text, the most frequent first; of very many rows, those of some of them."""
    counts: Counter[str] = Counter()
    for row in islice(rows, 0, None, -(-len(rows) // ROWS_LOOKED_AT) or 1):
        counts.update(words_of(column, row, store, look))
    del counts[""]
    return [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]]


def _fields(columns: Sequence[Column[Any]], typed: str) -> tuple[Suggestion, ...]:
    wanted = typed.lower()
    return tuple(
        Suggestion(f"{column.id}{':' if column.unit == 'text' else '>'}", column.help)
        for column in columns
        if column.id.startswith(wanted)
    )


def _values(column: Column[R], typed: str, values: Callable[[Column[R]], Iterable[str]]) -> tuple[Suggestion, ...]:
    if column.unit != "text":
        return (Suggestion(typed, EXAMPLES[column.unit]),)
    wanted = typed.lstrip('"').casefold()
    words = list(dict.fromkeys([*values(column), "unknown"]))
    ranked = [word for word in words if word.casefold().startswith(wanted)]
    ranked += [word for word in words if wanted in word.casefold() and word not in ranked]
    return tuple(Suggestion(_written(word), column.title) for word in ranked[:OFFERED])


def _written(word: str) -> str:
    return quote(word) if re.search(r'[\s"]|^[=~]', word) else word
