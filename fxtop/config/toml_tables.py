"""TOML to structs, with a sentence, the file and the line for whatever is wrong in it."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from fxtop.config.error import ConfigError
from fxtop.config.toml_lines import KeyLines, KeyPath
from fxtop.protocol.text import inert

_WORDS: Final = {
    "array": "a list",
    "str": "text in quotes",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "a table",
}
_SYNTAX = re.compile(r"(?P<what>.*) \(at line (?P<line>\d+), column \d+\)", re.DOTALL)
_EXPECTED = re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<got>[^`]+)`")
_AT = re.compile(r" - at `\$\.(?P<name>\w+)(?P<inner>[^`]*)`")

S = TypeVar("S", bound=msgspec.Struct)


def toml_data(text: str, lines: KeyLines) -> dict[str, Any]:
    """``text`` as plain data; ConfigError where it is no TOML."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(_broken(lines, str(error))) from None


class TableReader:
    """Turns tables of one file into structs. Every method raises ConfigError."""

    def __init__(self, lines: KeyLines) -> None:
        self._lines = lines

    def check_names(self, data: Mapping[str, Any], at: KeyPath, known: Iterable[str]) -> None:
        """Refuse what isn't ``known`` in the table ``at``."""
        names = list(known)
        for name in data:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                hint = f"did you mean '{near[0]}'?" if near else f"known here are {', '.join(names)}."
                where = self._lines.where((*at, name))
                raise ConfigError(f"{where}: there is no setting {_quoted((*at, name))}: {hint}")

    def mapping(self, value: Any, at: KeyPath) -> Mapping[str, Any]:
        """``value`` if it is a table."""
        if not isinstance(value, Mapping):
            raise self.wrong(at, f"has to be a table: write [{'.'.join(at)}] on a line of its own")
        return value

    def table(self, data: Mapping[str, Any], at: KeyPath, kind: type[S]) -> S:
        """``data`` of the table ``at`` as a struct; its fields are the names that are known."""
        self.check_names(data, at, kind.__struct_fields__)
        try:
            return msgspec.convert(data, kind)
        except (msgspec.ValidationError, OverflowError) as error:
            place = _AT.search(str(error))
            name = place["name"] if place else next(iter(data))
            raise self.wrong((*at, name), _understood(str(error), bool(place and place["inner"]))) from None

    def where(self, at: KeyPath) -> str:
        """The file's name, with the line of the key ``at`` where it is known."""
        return self._lines.where(at)

    def lacks(self, at: KeyPath, key: str, what: str) -> ConfigError:
        """The error that says that the table ``at`` has no ``key``, and ``what`` that is."""
        table = inert(".".join(at), 100)
        return ConfigError(f"{self.where(at)}: [{table}] has no '{key}': {what}.")

    def wrong(self, at: KeyPath, what: str) -> ConfigError:
        """The error that says of the key ``at`` that it ``what``."""
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
