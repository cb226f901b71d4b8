"""What a term asks of a row: one test for each kind of column and operator.

Unknown values match nothing that compares, whichever way: neither ``cpu>80%`` nor ``cpu<80%`` nor ``cpu!=80%``. They
are found by ``cpu=unknown`` (or ``cpu=?``), and by what excludes others: ``!cpu>80%``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Final, TypeVar

from fxtop.views.filter_syntax import FilterError, Term
from fxtop.views.filter_values import EXAMPLES, Quantity, read_quantity
from fxtop.views.order import natural
from fxtop.views.regex import Regex
from fxtop.views.regex_syntax import RegexError

if TYPE_CHECKING:
    from fxtop.cluster.store import Store
    from fxtop.views.column import Column, Look

R = TypeVar("R")
RowTest = Callable[[R, "Store", "Look"], bool]
TextTest = Callable[[str], bool]

UNKNOWN_WORDS: Final = frozenset({"unknown", "?"})
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def text_test(term: Term) -> TextTest:
    """The test of a term about the whole row, given its case-folded search text; negation is not in it.

    Raises:
        FilterError: where a pattern is none.
    """
    if term.operator == "~":
        return _regex(term).search
    wanted = term.value.casefold()
    return lambda text: wanted in text


def column_test(term: Term, column: Column[R], zone: tzinfo) -> RowTest[R]:
    """The test of a term about one column; negation is not in it.

    Raises:
        FilterError: where the value is none that the column could have, or the operator makes no sense for it.
    """
    if column.unit == "text":
        return _words_test(term, column)
    if term.operator == "~":
        sentence = f"{column.id} holds numbers; a pattern finds only text. Use <, > or = with {EXAMPLES[column.unit]}."
        raise FilterError(term.position, term.length, sentence)
    return _number_test(term, column, zone)


def words_of(column: Column[R], row: R, store: Store, look: Look) -> tuple[str, ...]:
    """All words that a filter finds a row by in ``column``; none where the value is unknown."""
    value = column.value(row, store, look)
    own: tuple[str, ...]
    if value is None:
        own = ()
    elif isinstance(value, bool):
        own = ("yes", "true") if value else ("no", "false")
    elif isinstance(value, tuple | list):
        own = tuple(map(str, value))
    else:
        own = (str(value),)
    return (*own, *column.aliases(row, store, look)) if column.aliases else own


def _words_test(term: Term, column: Column[R]) -> RowTest[R]:
    any_word = _word_test(term)
    wants_unknown = term.value in UNKNOWN_WORDS and term.operator in (":", "=", "!=")
    differs = term.operator == "!="

    def test(row: R, store: Store, look: Look) -> bool:
        if column.aliases is None and isinstance(value := column.value(row, store, look), str):
            return any_word(value) is not differs  # the usual case, without a tuple of one
        words = words_of(column, row, store, look)
        if not words:
            return wants_unknown and not differs
        return any(any_word(word) for word in words) is not differs

    return test


def _word_test(term: Term) -> TextTest:
    """The test of one word of a row."""
    wanted = term.value.casefold()
    if term.operator == "~":
        regex = _regex(term)
        return lambda word: regex.search(word.casefold())
    if term.operator in _COMPARE:
        compare, bound = _COMPARE[term.operator], natural(term.value)
        return lambda word: compare(natural(word), bound)
    if term.operator == ":":
        return lambda word: wanted in word.casefold()
    return lambda word: word.casefold() == wanted


def _number_test(term: Term, column: Column[R], zone: tzinfo) -> RowTest[R]:
    if term.operator in (":", "=", "!="):
        if term.value in UNKNOWN_WORDS:
            wants_unknown = term.operator != "!="
            return lambda row, store, look: (not words_of(column, row, store, look)) is wants_unknown
        if column.aliases is not None and read_quantity(term.value, column.unit, zone) is None:
            return _words_test(term, column)
    quantity = _quantity(term, column, zone)
    measure = _measure(term, column, quantity)
    holds = _comparison(term.operator, quantity)

    def test(row: R, store: Store, look: Look) -> bool:
        value = measure(row, store, look)
        return value is not None and holds(value)

    return test


def _comparison(sign: str, quantity: Quantity) -> Callable[[float], bool]:
    if sign in _COMPARE:
        compare, bound = _COMPARE[sign], quantity.value
        return lambda value: compare(value, bound)
    differs = sign == "!="
    return lambda value: quantity.equals(value) is not differs


def _quantity(term: Term, column: Column[R], zone: tzinfo) -> Quantity:
    quantity = read_quantity(term.value, column.unit, zone)
    if quantity is None:
        raise _bad_value(term, f"{column.id} takes {EXAMPLES[column.unit]}; {term.value} is none.")
    if column.unit == "share" and "%" not in term.value and quantity.scale == "share" and quantity.value > 1:
        better = f"{column.id}{term.operator}{term.value}%"
        raise _bad_value(term, f"{column.id} is a share: write {better} for {term.value} percent.")
    return quantity


def _measure(term: Term, column: Column[R], quantity: Quantity) -> Callable[[R, Store, Look], float | None]:
    """How to get a row's value on the scale of ``quantity``."""
    whole = column.whole
    if quantity.scale == "offset":
        return lambda row, store, look: _less(column.value(row, store, look), look.now)
    if (quantity.scale == "share") == (column.unit == "share"):
        return column.value
    if whole is None:
        raise _bad_value(term, f"{column.id} takes {EXAMPLES[column.unit]}; {term.value} says something else.")
    if column.unit == "share":
        return lambda row, store, look: _times(column.value(row, store, look), whole(row, store, look))
    return lambda row, store, look: _part(column.value(row, store, look), whole(row, store, look))


def _less(value: float | None, by: float) -> float | None:
    return None if value is None else value - by


def _times(value: float | None, whole: float | None) -> float | None:
    return None if value is None or whole is None else value * whole


def _part(value: float | None, whole: float | None) -> float | None:
    return None if value is None or not whole else value / whole


def _regex(term: Term) -> Regex:
    try:
        return Regex(term.value)
    except RegexError as error:
        at = term.value_position + min(error.position, max(0, len(term.value) - 1))
        raise FilterError(at, term.position + term.length - at, error.sentence) from None


def _bad_value(term: Term, sentence: str) -> FilterError:
    return FilterError(term.value_position, term.position + term.length - term.value_position, sentence)
