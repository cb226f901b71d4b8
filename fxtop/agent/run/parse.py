"""The text of the agent's file to tables, with a sentence for whatever is wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from fxtop.agent.run.roles import TABLE as ROLES
from fxtop.agent.run.roles import read_roles
from fxtop.agent.run.tables import (
    AgentFile,
    BusTable,
    CollectorTable,
    CollectTables,
    JournalTable,
    LimitsTable,
    LogTable,
    PlacementTable,
    TopTable,
)
from fxtop.config.compose import LEAST_MIB, MOST_KEPT, MOST_MIB
from fxtop.config.guardrails import TABLE as GUARDRAILS
from fxtop.config.guardrails import read_guardrails
from fxtop.config.toml_lines import KeyLines, KeyPath
from fxtop.config.toml_tables import TableReader, toml_data

LEAST_BEAT: Final = 0.2
MOST_BEAT: Final = 300.0
"""Seconds between heartbeats that protocol 2 lets pass."""
MOST_EVERY: Final = 86_400.0
MOST_LIMIT: Final = 300.0
MOST_WEIGHT: Final = 10.0
MOST_SIMULATED: Final = 1000
MOST_LIMITED: Final = 100_000

_TABLES: Final = ("bus", "log", "journal", ROLES, "limits", "placement_table", GUARDRAILS, "collect")
_OTHERS: Final = (
    ("snapshot", 1.0, MOST_EVERY),
    ("command_limit", 0.1, MOST_LIMIT),
    ("schedulers_every", 1.0, MOST_EVERY),
    ("simulated", 0, MOST_SIMULATED),
)
"""Settings that only one collector has, with what they may be."""
_BEATING: Final = ("transporter", "license", "store")
"""Collectors whose readings are heartbeats of their own."""


def parse(text: str, lines: KeyLines) -> AgentFile:
    """The tables of ``text``.

    Raises:
        ConfigError: one sentence with the file and, where it is known, the line.
    """
    data = toml_data(text, lines)
    reader = TableReader(lines)
    reader.check_names(data, (), (*TopTable.__struct_fields__, *_TABLES))
    bus, log, journal, roles, limits, placement, guardrails, collect = (
        reader.mapping(data.get(name, {}), (name,)) for name in _TABLES
    )
    file = AgentFile(
        top=reader.table({name: value for name, value in data.items() if name not in _TABLES}, (), TopTable),
        bus=reader.table(bus, ("bus",), BusTable),
        log=reader.table(log, ("log",), LogTable),
        journal=_journal(reader, journal),
        roles=read_roles(reader, roles),
        limits=_limits(reader, limits),
        placement_table=reader.table(placement, ("placement_table",), PlacementTable),
        guardrails=read_guardrails(reader, guardrails),
        collect=_collect(reader, collect),
    )
    _check_top(file.top, reader)
    return file


def _limits(reader: TableReader, data: Mapping[str, Any]) -> LimitsTable:
    table = reader.table(data, ("limits",), LimitsTable)
    for name in table.__struct_fields__:
        _within(reader, ("limits", name), getattr(table, name), 1, MOST_LIMITED)
    return table


def _journal(reader: TableReader, data: Mapping[str, Any]) -> JournalTable:
    table = reader.table(data, ("journal",), JournalTable)
    _within(reader, ("journal", "file_mib"), table.file_mib, LEAST_MIB, MOST_MIB)
    _within(reader, ("journal", "keep"), table.keep, 0, MOST_KEPT)
    return table


def _collect(reader: TableReader, data: Mapping[str, Any]) -> CollectTables:
    known = {each.name: each.type for each in msgspec.structs.fields(CollectTables)}
    reader.check_names(data, ("collect",), known)
    tables: dict[str, CollectorTable] = {}
    for name, value in data.items():
        at = ("collect", name)
        tables[name] = reader.table(reader.mapping(value, at), at, known[name])
        _check_collector(tables[name], at, reader)
    return msgspec.structs.replace(CollectTables(), **tables)


def _check_top(top: TopTable, reader: TableReader) -> None:
    _within(reader, ("heartbeat",), top.heartbeat, LEAST_BEAT, MOST_BEAT)
    _within(reader, ("weight",), top.weight, 0.0, MOST_WEIGHT)
    if top.capacity is not None:
        _within(reader, ("capacity",), top.capacity, 0, 2**31)


def _check_collector(table: CollectorTable, at: KeyPath, reader: TableReader) -> None:
    most = MOST_BEAT if at[-1] in _BEATING else MOST_EVERY
    _within(reader, (*at, "every"), table.every, LEAST_BEAT, most)
    _within(reader, (*at, "limit"), table.limit, 0.1, MOST_LIMIT)
    for name, least, upper in _OTHERS:
        if name in table.__struct_fields__:
            _within(reader, (*at, name), getattr(table, name), least, upper)


def _within(reader: TableReader, at: KeyPath, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise reader.wrong(at, f"has to be {least:g} to {most:g}, not {value:g}")
