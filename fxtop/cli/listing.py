"""Rows of one pane as ``fxtop get`` prints them: table, wide, CSV or JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from fxtop.cli import json_rows
from fxtop.cli.exits import Usage
from fxtop.cli.output import TableColumn, print_csv, print_json, print_table
from fxtop.views.column import Column, Look
from fxtop.views.panes import PaneSpec
from fxtop.views.view import View

if TYPE_CHECKING:
    from datetime import tzinfo

    from fxtop.cluster.store import Store

FORMATS: Final = ("table", "wide", "json", "csv")

_AS_JSON: Final[dict[str, Callable[[Any, Store], dict[str, Any]]]] = {
    "nodes": json_rows.node,
    "sessions": json_rows.session,
    "users": json_rows.user,
    "transporters": json_rows.transporter,
    "licenses": json_rows.pool,
    "jobs": json_rows.job,
    "findings": json_rows.finding,
}
KINDS: Final = tuple(_AS_JSON)
"""The panes that can be listed."""


class Listing:
    """One pane of a store, filtered and in order, to be printed once or again and again."""

    def __init__(self, pane: PaneSpec[Any, Any], store: Store, *, tz: tzinfo, ascii_only: bool) -> None:
        self._store = store
        self._tz = tz
        self._ascii = ascii_only
        self._view: View[Any, Any] = View(pane, store, self._look)

    @property
    def pane(self) -> PaneSpec[Any, Any]:
        """What is listed."""
        return self._view.pane

    def __len__(self) -> int:
        return len(self._view.ids)

    @property
    def view(self) -> View[Any, Any]:
        """Which rows, and in which order."""
        return self._view

    def print(self, form: str, *, compact: bool = False) -> None:
        """Print the rows as they are now; ``compact`` JSON has them on one line."""
        rows = [row for row in map(self._view.row, self._view.ids) if row is not None]
        if form == "json":
            print_json([_AS_JSON[self.pane.id](row, self._store) for row in rows], compact=compact)
        elif form == "csv":
            self._print_csv(rows)
        else:
            self._print_table(rows, wide=form == "wide")

    def _print_csv(self, rows: Sequence[Any]) -> None:
        look, columns = self._look(), self.pane.columns
        values = ([_plain(column.value(row, self._store, look)) for column in columns] for row in rows)
        print_csv([column.id for column in columns], values)

    def _print_table(self, rows: Sequence[Any], *, wide: bool) -> None:
        look = self._look()
        columns = [column for column in self.pane.columns if wide or not column.wide]
        cells = ([column.cell(row, self._store, look).text for column in columns] for row in rows)
        print_table([TableColumn(column.title, column.right) for column in columns], cells)

    def _look(self) -> Look:
        clock = self._store.clock
        return Look(clock.monotonic(), clock.now(), self._tz, self._ascii)


def sort_order(text: str, pane: PaneSpec[Any, Any]) -> tuple[Column[Any], bool]:
    """The column and direction in ``cpu``, ``-cpu``, ``cpu:asc`` or ``cpu:desc``; True is descending.

    Raises:
        Usage: there is no such column, or no such direction.
    """
    name, colon, direction = text.removeprefix("-").partition(":")
    if colon and direction not in ("asc", "desc"):
        raise Usage(f"--sort {text}: the direction is asc or desc, not '{direction}'.")
    column = pane.column(name)
    if column is None:
        known = ", ".join(column.id for column in pane.columns)
        raise Usage(f"--sort {text}: {pane.plural} have no column '{name}', but {known}.")
    return column, text.startswith("-") or direction == "desc"


def _plain(value: Any) -> Any:
    """A value as one CSV field."""
    if isinstance(value, tuple | list):
        return " ".join(map(str, value))
    return value
