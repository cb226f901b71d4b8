"""The details of a finding: what follows, what to do, and what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from fxtop.views.column import Cell, Look
from fxtop.views.details_parts import Line, Section, line, lines_of, section
from fxtop.views.format import spoken_duration
from fxtop.views.states import (
    node_status,
    pool_status,
    session_status,
    severity_status,
    transporter_status,
)

if TYPE_CHECKING:
    from fxtop.cluster.records import Finding, RowKind, RowRef
    from fxtop.cluster.store import Store

ROWS_SHOWN: Final = 50
"""Lines; narrowing the panes to the finding shows all of them."""

_STATES: Final[dict[RowKind, Callable[[Any, Store, Look], str]]] = {
    "nodes": lambda row, store, look: node_status(row).word,
    "sessions": lambda row, store, look: f"{session_status(row).word}, of {row.body.user}",
    "transporters": lambda row, store, look: transporter_status(row).word,
    "pools": lambda row, store, look: pool_status(row, store, look).word,
    "licenses": lambda row, store, look: row.liveness.value,
    "shares": lambda row, store, look: row.liveness.value,
    "jobs": lambda row, store, look: row.state.value,
}


def finding_sections(found: Finding, store: Store, look: Look) -> Iterator[Section]:
    """What is said of a trouble, what was seen of it, and how the rows that it rests on stand now."""
    severity = severity_status(found.severity)
    yield section("What is wrong", _words(found, severity.cell(look)), look=look)
    yield section("Seen", lines_of("Evidence", found.evidence), look=look)
    yield section("Rows", _rows(found, store, look), look=look)


def _words(found: Finding, severity: Cell) -> Iterator[Line]:
    yield Line("Severity", severity)
    yield line("About", found.subject)
    yield line("What", found.text)
    if found.consequence:
        yield line("So", found.consequence)
    if found.remedy:
        yield line("Do", found.remedy)
    yield line("Rule", found.kind)


def _rows(found: Finding, store: Store, look: Look) -> Iterator[Line]:
    for ref in found.rows[:ROWS_SHOWN]:
        yield line(str(ref.id), _row(ref, store, look))
    if len(found.rows) > ROWS_SHOWN:
        yield line("", f"and {len(found.rows) - ROWS_SHOWN} more: n narrows the panes to all of them")
    if not found.rows:
        yield line("Rows", "none: it is about the whole")


def _row(ref: RowRef, store: Store, look: Look) -> str:
    row = getattr(store, ref.kind).get(ref.id)
    if row is None:
        return "gone"
    return f"{_STATES[ref.kind](row, store, look)}, heard {spoken_duration(max(0.0, look.monotonic - row.heard))} ago"
