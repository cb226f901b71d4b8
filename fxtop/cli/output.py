"""Data on standard output: tables, CSV and JSON. Everything else that is said goes to standard error."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from fxtop.protocol.text import inert_lines
from fxtop.views.fit import fit, width_of

GAP = "  "


class TableColumn(NamedTuple):
    """How one column of a table is set."""

    title: str
    right: bool = False


def print_json(data: Any, *, compact: bool = False) -> None:
    """``data`` as one JSON document: over several lines for people, or on one line in a stream of them."""
    encoded = msgspec.json.encode(data)
    text = encoded if compact else msgspec.json.format(encoded, indent=2)
    write(text.decode() + "\n")
    sys.stdout.flush()


def print_table(columns: Sequence[TableColumn], rows: Iterable[Sequence[str]]) -> None:
    """``rows`` of plain text under the titles, each column as wide as its widest cell."""
    lines = [[column.title.upper() for column in columns], *rows]
    widths = [max(width_of(line[at]) for line in lines) for at in range(len(columns))]
    for line in lines:
        cells = (
            fit(cell, width, right=column.right) for cell, width, column in zip(line, widths, columns, strict=True)
        )
        write(GAP.join(cells).rstrip() + "\n")


def print_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """``rows`` as CSV (RFC 4180, but with bare line feeds); what is unknown is an empty field."""
    writer = csv.writer(_Inert(), lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


class _Inert:
    """What `csv` writes to."""

    def write(self, text: str) -> None:
        """As `write`."""
        write(text)


def write(text: str) -> None:
    """Onto standard output, with nothing in it that a terminal would act on but the ends of lines.

    Most of it was made inert when it came in; here nothing gets past. What the terminal's encoding can't show is
    replaced, never fatal.
    """
    sys.stdout.write(inert_lines(text))


def say(sentence: str) -> None:
    """A sentence for the person at the terminal, on standard error, as inert as what `write` writes."""
    print(inert_lines(sentence), file=sys.stderr)
