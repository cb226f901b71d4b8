"""The text of ``config.toml`` to tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fxtop.config.guardrails import TABLE as GUARDRAILS
from fxtop.config.guardrails import read_guardrails
from fxtop.config.toml_lines import KeyLines, KeyPath
from fxtop.config.toml_schema import (
    ClusterTable,
    ControlTable,
    Document,
    JournalTable,
    OperatorTable,
    TopTable,
    UiTable,
)
from fxtop.config.toml_tables import TableReader, toml_data
from fxtop.protocol.text import inert

_TABLES: Final = ("clusters", "operator", "control", "journal", "ui", "keys")
_LONGEST_NAME: Final = 64


def parse_toml(text: str, lines: KeyLines) -> Document:
    """The configuration ``text``.

    Raises:
        ConfigError: one sentence with the file and, where it is known, the line.
    """
    data = toml_data(text, lines)
    reader = TableReader(lines)
    reader.check_names(data, (), (*TopTable.__struct_fields__, *_TABLES, GUARDRAILS))
    tables = {name: reader.mapping(data.get(name, {}), (name,)) for name in _TABLES}
    top = {name: value for name, value in data.items() if name not in (*_TABLES, GUARDRAILS)}
    return Document(
        top=reader.table(top, (), TopTable),
        operator=reader.table(tables["operator"], ("operator",), OperatorTable),
        control=reader.table(tables["control"], ("control",), ControlTable),
        journal=reader.table(tables["journal"], ("journal",), JournalTable),
        ui=reader.table(tables["ui"], ("ui",), UiTable),
        keys=dict(_bindings(reader, tables["keys"], ("keys",))),
        guardrails=read_guardrails(reader, data.get(GUARDRAILS, {})),
        clusters={name: _cluster(reader, table, ("clusters", name)) for name, table in tables["clusters"].items()},
    )


def _cluster(reader: TableReader, table: Any, at: KeyPath) -> ClusterTable:
    if inert(at[-1], _LONGEST_NAME) != at[-1] or not at[-1].strip():
        raise reader.wrong(at, f"can't be a cluster's name: use at most {_LONGEST_NAME} visible characters")
    return reader.table(reader.mapping(table, at), at, ClusterTable)


def _bindings(reader: TableReader, data: Mapping[str, Any], at: KeyPath) -> Iterable[tuple[str, str]]:
    """Ids with their keys; ``node.drain`` without quotes is the same to us as with them."""
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _bindings(reader, value, (*at, name))
        elif isinstance(value, str):
            yield ".".join((*at[1:], name)), value
        else:
            raise reader.wrong((*at, name), 'has to be a key in quotes, such as "D"')
