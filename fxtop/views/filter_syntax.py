"""The filter language as text: terms, and where a mistake stands.

A term is a word (``ann``), a pattern (``~^viz0[12]``), or a field with an operator and a value (``user:ann``,
``state=draining``, ``cpu>80%``, ``app~fire.*``). ``!`` before a term turns it around. Quotes keep spaces together
(``reason:"kernel patch"``) and make plain text of what would otherwise be an operator (``"a=b"``); within them a
backslash stands before a quote or a backslash that is meant.
"""

from __future__ import annotations

import re
from typing import Final, Literal

import msgspec

from fxtop.protocol.text import inert

Operator = Literal["", ":", "=", "!=", "<", "<=", ">", ">=", "~"]
"""The empty one is a word's: it is looked for in the whole row."""

MAX_LENGTH: Final = 1000
"""Characters of a filter."""
MAX_TERMS: Final = 50

_FIELD: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(!=|<=|>=|==|[:=<>~])")
_BARE: Final = re.compile(r"\S+")
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"(?!\S)', re.DOTALL)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_NEEDS_QUOTES: Final = re.compile(r'[\s"]|^[!~=]')


class FilterError(Exception):
    """A mistake in a filter: where it begins, how long it is, and a sentence that says what is wrong."""

    def __init__(self, position: int, length: int, sentence: str) -> None:
        self.position = position
        self.length = length
        self.sentence = inert(sentence)
        super().__init__(self.sentence)


class Term(msgspec.Struct, frozen=True, eq=False):
    """One condition, and where it stands."""

    field: str
    """Empty where it is about the whole row."""
    operator: Operator
    value: str
    negated: bool = False
    position: int = 0
    """Where the term begins in the text."""
    field_position: int = 0
    value_position: int = 0
    length: int = 0

    @property
    def meaning(self) -> tuple[str, Operator, str, bool]:
        """What tells it from others, wherever it stands."""
        return self.field, self.operator, self.value, self.negated

    @property
    def restricts(self) -> bool:
        """Whether it must hold whatever others say: what is excluded stays excluded."""
        return self.negated or self.operator == "!="

    def __str__(self) -> str:
        plain = not self.field and not self.operator and _FIELD.match(self.value)
        quoted = not self.value or plain or _NEEDS_QUOTES.search(self.value)
        return f"{'!' if self.negated else ''}{self.field}{self.operator}{quote(self.value) if quoted else self.value}"


def quote(value: str) -> str:
    """``value`` in quotes."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def read_terms(text: str) -> tuple[Term, ...]:
    """The terms of ``text``, whose fields and values are not looked at yet.

    Raises:
        FilterError: where a quote isn't closed, a value is missing, or the filter is too long.
    """
    if len(text) > MAX_LENGTH:
        raise FilterError(MAX_LENGTH, len(text) - MAX_LENGTH, f"A filter may have {MAX_LENGTH} characters at most.")
    terms: list[Term] = []
    at = _skip_spaces(text, 0)
    while at < len(text):
        if len(terms) == MAX_TERMS:
            raise FilterError(at, len(text) - at, f"A filter may have {MAX_TERMS} terms at most.")
        term = _read_term(text, at)
        terms.append(term)
        at = _skip_spaces(text, at + term.length)
    return tuple(terms)


def _read_term(text: str, start: int) -> Term:
    at = start
    while text.startswith("!", at):
        at += 1
    negated = (at - start) % 2 == 1
    name_at = at
    head = _FIELD.match(text, at)
    field_, operator = (head[1], head[2]) if head else ("", "~" if text.startswith("~", at) else "")
    operator = "=" if operator == "==" else operator
    at = head.end() if head else at + len(operator)
    value, end = _read_value(text, at, start)
    return Term(field_, operator, value, negated, start, name_at, at, end - start)  # type: ignore[arg-type]  # as _FIELD has it


def _read_value(text: str, at: int, start: int) -> tuple[str, int]:
    """The value at ``at`` of the term that began at ``start``, and where it ends."""
    if text.startswith('"', at):
        quoted = _QUOTED.match(text, at)
        if quoted is None:
            raise FilterError(at, len(text) - at, 'This quote is never closed; a quote ends with " before a space.')
        return _ESCAPED.sub(r"\1", quoted[1]), quoted.end()
    bare = _BARE.match(text, at)
    if bare is None:
        raise FilterError(start, at - start, f"There is nothing after {text[start:at]}; write what to look for.")
    return bare[0], bare.end()


def _skip_spaces(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at
