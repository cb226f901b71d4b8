"""Filters: which rows a text such as ``state=draining cpu>80% !user:ann`` lets through.

Words and different fields must all hold; the same field twice is enough once (``user:ann user:bob``); what is excluded
(``!x``, ``field!=value``) is excluded whatever else holds.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from fxtop.views.filter_match import RowTest, TextTest, column_test, text_test
from fxtop.views.filter_syntax import FilterError, Term, read_terms

if TYPE_CHECKING:
    from fxtop.cluster.store import Store
    from fxtop.views.column import Column, Look

__all__ = ["Filter", "FilterError", "parse"]

R = TypeVar("R")


class Filter(msgspec.Struct, Generic[R], frozen=True, eq=False):
    """A filter that was understood. Its text (``str``) reads back as an equal one."""

    terms: tuple[Term, ...]
    ages: bool = False
    """Whether its answer for a row may change by time alone."""
    _search: Callable[[R], str] = str
    _texts: tuple[tuple[TextTest, bool], ...] = ()
    """Tests of the search text, with what each must say."""
    _all: tuple[tuple[RowTest[R], bool], ...] = ()
    """Tests of one column each, with what each must say."""
    _any: tuple[tuple[RowTest[R], ...], ...] = ()
    """Of each group (several terms on one field) one must hold."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Filter) and self._meaning == other._meaning

    def __ne__(self, other: object) -> bool:
        return not self.__eq__(other)  # a struct has one of its own, which doesn't ask `__eq__`

    def __hash__(self) -> int:
        return hash(self._meaning)

    def __str__(self) -> str:
        return " ".join(map(str, self.terms))

    @property
    def _meaning(self) -> tuple[object, ...]:
        return tuple(term.meaning for term in self.terms)

    def matches(self, row: R, store: Store, look: Look) -> bool:
        """Whether the row is let through."""
        for test, wanted in self._all:
            if test(row, store, look) is not wanted:
                return False
        for group in self._any:
            if not any(test(row, store, look) for test in group):
                return False
        if not self._texts:
            return True
        text = self._search(row).casefold()
        return all(test(text) is wanted for test, wanted in self._texts)


def parse(
    text: str,
    columns: Sequence[Column[R]],
    search: Callable[[R], str] = str,
    zone: tzinfo = UTC,
) -> Filter[R]:
    """The filter that ``text`` is; the empty one lets everything through.

    Args:
        text: as it was typed.
        columns: the fields that terms may name, by id.
        search: gives the text of a row that words are looked for in.
        zone: the zone of dates that name none.

    Raises:
        FilterError: at the first mistake, with its place and a sentence.
    """
    by_id = {column.id: column for column in columns}
    texts: list[tuple[TextTest, bool]] = []
    restricting: list[tuple[RowTest[R], bool]] = []
    groups: dict[str, list[RowTest[R]]] = {}
    terms: list[Term] = []
    ages = False
    for raw in read_terms(text):
        term = replace(raw, field=raw.field.lower())
        terms.append(term)
        if not term.field:
            texts.append((text_test(term), not term.negated))
            continue
        column = _column(term, by_id)
        test = column_test(term, column, zone)
        ages = ages or column.ages or (column.unit == "moment" and term.value.startswith(("+", "-")))
        if term.restricts:
            restricting.append((test, not term.negated))
        else:
            groups.setdefault(term.field, []).append(test)
    alone = [(group[0], True) for group in groups.values() if len(group) == 1]
    several = [tuple(group) for group in groups.values() if len(group) > 1]
    return Filter(tuple(terms), ages, search, tuple(texts), (*restricting, *alone), tuple(several))


def _column(term: Term, by_id: dict[str, Column[R]]) -> Column[R]:
    column = by_id.get(term.field)
    if column is not None:
        return column
    near = [id_ for id_ in by_id if id_.startswith(term.field)]
    near = near or difflib.get_close_matches(term.field, by_id, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "put the term in quotes if you mean the text itself."
    raise FilterError(term.field_position, len(term.field), f"There is no field {term.field} here; {hint}")
