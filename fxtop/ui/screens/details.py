"""All that is known of one row: facts in full words, its recent past, and the rows that belong to it."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from fxtop.cluster.records import Dirty
from fxtop.ui.chrome.line import TONES
from fxtop.ui.console import Console
from fxtop.ui.screens.box import Box
from fxtop.ui.widgets.spark import Spark
from fxtop.views.column import Cell
from fxtop.views.details import DETAILED, Details, details
from fxtop.views.details_parts import Line, Section
from fxtop.views.panes import PANES, PaneSpec

LABEL_WIDTH = 24
SHOWN_RELATED = 8
"""So many related rows of a pane are named; the rest is counted."""


class DetailsScreen(Box):
    """Follows its row while it is open, and says so when the row is gone."""

    def __init__(self, console: Console, spec: PaneSpec[Any, Any], row_id: Hashable) -> None:
        super().__init__()
        self.fx = console
        self._spec = spec
        self._row_id = row_id
        self._found = self._look_up()

    def compose(self) -> ComposeResult:
        """Title, sparklines, facts."""
        title = self._found.title if self._found else f"This {self._spec.singular} is gone"
        with Vertical(classes="dialog -tall"):
            yield Static(title, classes="dialog-title", id="details-title", markup=False)
            for series in self._found.series if self._found else ():
                yield Spark(series.name, label_width=LABEL_WIDTH, ascii_only=self.fx.ascii, classes="details-spark")
            with VerticalScroll(id="details-scroll", classes="box-scroll"):
                yield Static("", id="details-text")
            yield Static("Arrows scroll, Esc goes back", classes="dialog-foot", markup=False)

    def on_mount(self) -> None:
        """Show what there is."""
        self.bring(Dirty())

    def bring(self, _dirty: Dirty) -> None:
        """Bring facts and history up to date."""
        found = self._look_up()
        if found is None:
            gone = f"This {self._spec.singular} is gone. What follows is from before."
            self.query_one("#details-title", Static).update(gone)
            return
        self._found = found
        for spark, series in zip(self.query(Spark), found.series, strict=False):
            spark.show(series.values, series.now.text)
        self.query_one("#details-text", Static).update(Content("\n").join(_text(found)))

    def _look_up(self) -> Details | None:
        store, look = self.fx.link.store, self.fx.look()
        if self._spec.id in DETAILED:
            return details(store, self._spec.id, self._row_id, look)
        row = self._spec.rows(store).get(self._row_id)
        if row is None:
            return None
        cells = tuple(Line(column.title or column.id, column.cell(row, store, look)) for column in self._spec.columns)
        section = Section(self._spec.singular.capitalize(), cells)
        return Details(self._spec.id, self._row_id, section.title, (section,))


def _text(found: Details) -> Iterator[Content]:
    for section in found.sections:
        yield Content.styled(section.title, "bold underline")
        for line in section.lines:
            yield _pair(line.label, line.cell)
        yield Content("")
    related = {pane: ids for pane, ids in found.related.items() if pane in PANES}
    if related:
        yield Content.styled("What belongs to it", "bold underline")
        for pane, ids in related.items():
            names = ", ".join(str(id_) for id_ in ids[:SHOWN_RELATED])
            more = f" and {len(ids) - SHOWN_RELATED} more" if len(ids) > SHOWN_RELATED else ""
            yield _pair(f"{PANES[pane].title} ({len(ids)})", Cell(names + more if ids else "none"))


def _pair(label: str, cell: Cell) -> Content:
    return Content.assemble((label.ljust(LABEL_WIDTH) + " ", "$fx-muted"), (cell.text, TONES[cell.tone]))
