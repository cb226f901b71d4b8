"""A pane: one table with its title, filter and order. Rows come down by `Pane.bring`; keys act on its table."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from fxtop.actions import heap
from fxtop.cluster.records import Dirty
from fxtop.ui.pauses import spare_new
from fxtop.ui.table import FxTable, SortChanged
from fxtop.ui.table.flash import FLASH_SECONDS
from fxtop.ui.widgets.kept import KeptLines
from fxtop.views.column import Look
from fxtop.views.filter import Filter, parse
from fxtop.views.panes import PaneSpec
from fxtop.views.summary_line import pane_title
from fxtop.views.view import SLICE, View

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

GATHERED_TICKS = 4
"""Ticks that a pane which isn't on screen lets gather before it is brought up to date."""
BREATH = 0.001
"""Seconds between two portions of what takes long."""


class Pane(KeptLines, Vertical):
    """One kind of rows in a frame. ``digit`` is the key that leads here."""

    def __init__(
        self, spec: PaneSpec[Any, Any], store: Store, look: Callable[[], Look], digit: str, *, extra: bool
    ) -> None:
        super().__init__(id=f"pane-{spec.id}", classes="-extra" if extra else None)
        self.extra = extra
        """Whether it is shown only when it is asked for."""
        self.spec = spec
        self.digit = digit
        self.filter_text = ""
        self.narrowed_to = ""
        """What the rows are narrowed to, in words; empty when they aren't."""
        self.held_by_hand = False
        self.spared = False
        """Whether no row is followed but those that the pane is narrowed to."""
        self._digit = digit
        self._note = self._hint = ""
        self._narrowed: AbstractSet[Hashable] | None = None
        self._store = store
        self._look = look
        self._title = self._empty = ""
        self._framed = ("", "")
        self._owed: list[Dirty] = []
        self.view: View[Any, Any] = View(spec, store, look)
        self.table: FxTable[Any, Any] = FxTable(
            self.view,
            spec.columns,
            sort=spec.sort,
            descending=spec.descending,
            id=f"table-{spec.id}",
        )

    def compose(self) -> ComposeResult:
        """The table alone."""
        yield self.table

    def bring(self, dirty: Dirty) -> bool:
        """Take in what changed since the last tick, and paint it where it is on screen; else let some ticks gather.

        Returns: whether it took anything in.
        """
        self._owed.append(dirty)
        if due := self.table.is_on_screen or len(self._owed) >= GATHERED_TICKS:
            self.catch_up()
        return due

    def catch_up(self) -> None:
        """Take in what has gathered."""
        dirty, self._owed = Dirty.of(self._owed), []
        self.view.apply(dirty)
        changed = self.view.among(self.spec.changed(dirty)) if self.spec.changed else frozenset(self.view.ids)
        self.table.sync(changed)

    def calm(self, *, on: bool) -> None:
        """Leave out what only draws the eye: over a thin line it costs more than it tells."""
        self.table.flash_seconds = 0.0 if on else FLASH_SECONDS

    def hold(self, busy: bool) -> None:
        """Hold the order while a person is ``busy`` with what is painted, has marks, or asked for it."""
        wanted = busy or self.held_by_hand or len(self.table.marks) > 0
        if wanted != self.view.held:
            self.catch_up()
            self.view.hold(wanted)
            self.table.sync()

    def set_filter(self, text: str) -> None:
        """Show only the rows that ``text`` lets through; empty shows all. FilterError leaves the last one."""
        found: Filter[Any] | None = None
        if text.strip():
            found = parse(text, self.spec.columns, self.spec.search_text, self._look().tz)
        self.filter_text = text.strip()
        table = self.table
        self.catch_up()
        self.view.set_filter(found, enough=table.cursor.index + table.size.height, beyond=table.cursor_id)
        self._show_first()

    def _show_first(self) -> None:
        """Show what there is by now, and ask on for the rest."""
        self._show_found()
        if self.view.asking:
            self._ask_more()

    @work(group="asking", exclusive=True)
    async def _ask_more(self) -> None:
        """Ask all the other rows, in portions between which keys are heard and the screen is painted.

        It sleeps in between, for a key passes through several turns of the loop. What lies beyond the screen is shown
        with the next tick, or when all is known.
        """
        while self.view.asking:
            await asyncio.sleep(BREATH)
            if self.view.go_on():
                self._show_found()
        heap.give_back()

    def _show_found(self) -> None:
        self.table.sync()
        self._say()

    def narrow(self, ids: AbstractSet[Hashable] | None, words: str = "") -> None:
        """Show only ``ids`` beside the filter; None widens again."""
        self.narrowed_to = words if ids is not None else ""
        self._narrowed = ids
        self.catch_up()
        if self.spared:
            self._follow_few()
        else:
            self.view.narrow(ids)
            self.table.sync()

    def spare(self, on: bool) -> None:
        """Follow no row but those that the pane is narrowed to, for there are too many; or all again, bit by bit."""
        self.spared = on
        self.catch_up()
        if on:
            self.workers.cancel_group(self, "ordering")
            self._follow_few()
        else:
            self._carry_out(self.view.uncover(self._narrowed))

    def _follow_few(self) -> None:
        self.view.cover(self._narrowed or frozenset())
        self._show_first()

    def stand_in(self, place: Pane, note: str, hint: str) -> None:
        """Stand among the four in the ``place`` of another, with a ``note`` why and a ``hint`` what to do about it."""
        self.extra, self.digit, self._note, self._hint = False, place.digit, f", {note}", hint
        self.remove_class("-extra")

    def stand_aside(self) -> None:
        """Be shown only when it is asked for, as before."""
        self.extra, self.digit, self._note, self._hint = True, self._digit, "", ""
        self.add_class("-extra")

    def retitle(self, empty: str, *, heard: bool) -> None:
        """Bring the frame's texts up to date; ``empty`` is what to say where there is no row.

        Before anything was ``heard`` a pane of the cluster counts nothing, for unknown is not none.
        """
        title = pane_title(self.spec, self._store) if heard or self.extra else self.spec.title
        self._title, self._empty = f"{self.digit}: {title}{self._note}", empty
        self._say()

    def _say(self) -> None:
        self._frame(self._title, ", ".join(self._notes()))
        self.table.empty_text = self._why_empty(self._empty)

    @on(SortChanged)
    def _sort_changed(self, event: SortChanged) -> None:
        event.stop()
        column = self.spec.column(event.column)
        if column is not None:
            self.catch_up()
            self._carry_out(self.view.reorder(column, event.descending))

    def _carry_out(self, steps: Iterator[None]) -> None:
        """Put the rows in order: at once where they are few, else in portions as a filter."""
        if self.view.total <= SLICE:
            self._finish_order(steps)
        else:
            self._go_on_ordering(steps)

    @work(group="ordering", exclusive=True)
    async def _go_on_ordering(self, steps: Iterator[None]) -> None:
        for _ in steps:
            spare_new()
            await asyncio.sleep(BREATH)
        self._finish_order(steps)
        heap.give_back()

    def _finish_order(self, steps: Iterator[None]) -> None:
        for _ in steps:
            pass
        self._show_first()

    def _why_empty(self, empty: str) -> str:
        if self.view.uncovering:
            return f"The {self.view.total:,} {self.spec.plural} are being put in order."
        if self.view.total and (self.filter_text or self.narrowed_to):
            return f"None of the {self.view.total} {self.spec.plural} fits. Esc shows all again."
        return empty

    def _notes(self) -> list[str]:
        notes = []
        if self.narrowed_to:
            notes.append(f"of {self.narrowed_to}")
        if self.filter_text:
            notes.append(f"/{self.filter_text}")
        if self.narrowed_to or self.filter_text:
            notes.append(f"{len(self.view.ids)}{'+' if self.view.asking else ''} of {self.view.total}")
        if self.view.uncovering:
            notes.append("being put in order")
        if self.table.suffix:
            notes.append(self.table.suffix)
        if self._hint and not notes:
            notes.append(self._hint)
        return notes

    def _frame(self, title: str, subtitle: str) -> None:
        """Each assignment repaints the frame, so only what is new is assigned. A Content is never read as markup."""
        if (title, subtitle) != self._framed:
            self._framed = (title, subtitle)
            self.border_title = Content(title)
            self.border_subtitle = Content(subtitle)
