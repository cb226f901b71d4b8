"""The text of ``config.toml`` to tables, with sentences about what is wrong in it."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from fxtop.config.error import ConfigError
from fxtop.config.toml_lines import KeyLines, KeyPath
from fxtop.config.toml_schema import ClusterTable, ControlTable, Document, OperatorTable, Table, TopTable, UiTable
from fxtop.protocol.text import inert

_TABLES: Final = ("clusters", "operator", "control", "ui", "keys")
_WORDS: Final = {
    "array": "a list",
    "str": "text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "a table",
}
_LONGEST_NAME: Final = 64

_SYNTAX = re.compile(r"(?P<what>.*) \(at line (?P<line>\d+), column \d+\)", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")
_AT = re.compile(r" - at `\$\.(?P<name>\w+)(?P<inner>[^`]*)`")

A = TypeVar("A", bound=Table)


def parse_toml(text: str, lines: KeyLines) -> Document:
    """The configuration ``text``.

    Raises:
        ConfigError: one sentence with the file and, where it is known, the line.
    """
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(_broken(lines, str(error))) from None
    return _Reader(lines).document(data)


class _Reader:
    """Turns parsed TOML into tables."""

    def __init__(self, lines: KeyLines) -> None:
        self._lines = lines

    def document(self, data: Mapping[str, Any]) -> Document:
        self._check_names(data, (), (*TopTable.__struct_fields__, *_TABLES))
        tables = {name: self._mapping(data.get(name, {}), (name,)) for name in _TABLES}
        top = {name: value for name, value in data.items() if name not in _TABLES}
        return Document(
            top=self._table(top, (), TopTable),
            operator=self._table(tables["operator"], ("operator",), OperatorTable),
            control=self._table(tables["control"], ("control",), ControlTable),
            ui=self._table(tables["ui"], ("ui",), UiTable),
            keys=dict(self._bindings(tables["keys"], ("keys",))),
            clusters={name: self._cluster(table, ("clusters", name)) for name, table in tables["clusters"].items()},
        )

    def _cluster(self, table: Any, at: KeyPath) -> ClusterTable:
        if inert(at[-1], _LONGEST_NAME) != at[-1] or not at[-1].strip():
            raise self._wrong(at, f"can't be a cluster's name: use at most {_LONGEST_NAME} visible characters")
        return self._table(self._mapping(table, at), at, ClusterTable)

    def _mapping(self, value: Any, at: KeyPath) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise self._wrong(at, f"has to be a table: write [{'.'.join(at)}] on a line of its own")
        return value

    def _table(self, data: Mapping[str, Any], at: KeyPath, kind: type[A]) -> A:
        self._check_names(data, at, kind.__struct_fields__)
        try:
            return msgspec.convert(data, kind)
        except (msgspec.ValidationError, OverflowError) as error:
            place = _AT.search(str(error))
            name = place["name"] if place else next(iter(data))
            raise self._wrong((*at, name), _understood(str(error), bool(place and place["inner"]))) from None

    def _bindings(self, data: Mapping[str, Any], at: KeyPath) -> Iterable[tuple[str, str]]:
        """Ids with their keys; ``node.drain`` without quotes is the same to us as with them."""
        for name, value in data.items():
            if isinstance(value, Mapping):
                yield from self._bindings(value, (*at, name))
            elif isinstance(value, str):
                yield ".".join((*at[1:], name)), value
            else:
                raise self._wrong((*at, name), 'has to be a key in quotes, such as "D"')

    def _check_names(self, data: Mapping[str, Any], at: KeyPath, known: Iterable[str]) -> None:
        names = list(known)
        for name in data:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                hint = f"did you mean '{near[0]}'?" if near else f"known here are {', '.join(names)}."
                where = self._lines.where((*at, name))
                raise ConfigError(f"{where}: there is no setting {_quoted((*at, name))}: {hint}")

    def _wrong(self, at: KeyPath, what: str) -> ConfigError:
        return ConfigError(f"{self._lines.where(at)}: {_quoted(at)} {what}.")


def _broken(lines: KeyLines, error: str) -> str:
    """The words of `tomllib` in a sentence of ours."""
    found = _SYNTAX.fullmatch(error)
    where = f"{lines.path}, line {found['line']}" if found else str(lines.path)
    words = inert(found["what"] if found else error, 200)
    return f"{where}: this is not valid TOML: {words[:1].lower()}{words[1:]}."


def _understood(error: str, inner: bool) -> str:
    """What msgspec says of the value of a key, in our words; ``inner`` where it is about a part of that value."""
    found = _EXPECTED.search(error)
    if found is None:
        return f"can't be used: {inert(error, 200)}"
    wanted = " or ".join(_WORDS.get(part, f"a {part}") for part in found["wanted"].split(" | ") if part != "null")
    got = _WORDS.get(found["got"], f"a {found['got']}")
    return f"has to {'hold' if inner else 'be'} {wanted}, not {got}"


def _quoted(at: KeyPath) -> str:
    table = f" in [{inert('.'.join(at[:-1]), 100)}]" if at[:-1] else ""
    return f"'{inert(at[-1], 100)}'{table}"
