"""Looking around: panes, rows, marks, order, columns, filters, narrowing. Nothing here can change the cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from textual import on, work
from textual.message import Message

from fxtop.bus.port import BusError
from fxtop.cluster.records import Severity
from fxtop.config.link import Link
from fxtop.ui import screens
from fxtop.ui.chrome.prompt import Kind, Prompt
from fxtop.ui.commands import CommandError, complete, read
from fxtop.ui.crowd import Grouping
from fxtop.ui.keyentry import Entry, Takes
from fxtop.ui.pane import Pane
from fxtop.ui.screens.crowded import CrowdedScreen
from fxtop.ui.table import RowSelected
from fxtop.views.filter import FilterError
from fxtop.views.filter_complete import complete as complete_filter
from fxtop.views.filter_complete import known_values
from fxtop.views.narrow import narrowed

_CHOICES: Final[dict[Takes, Sequence[str]]] = {
    "policy": ("sessions", "load", "memory"),
    "link": tuple(Link),
    "grouping": tuple(Grouping),
}


class BrowsingScreen(CrowdedScreen):
    """The main screen as far as it only looks."""

    @dataclass
    class CommandGiven(Message):
        """A command was typed or chosen that is not this screen's to carry out."""

        entry: Entry
        argument: str

    # Panes

    def action_pane(self, id_: str, filter_text: str = "") -> None:
        """Go to a pane; with a filter, show only those."""
        self.activate(self.standing(id_))
        if filter_text:
            self._filter(filter_text)

    def action_next_pane(self) -> None:
        """Go to the next pane."""
        self._step_pane(1)

    def action_previous_pane(self) -> None:
        """Go to the pane before."""
        self._step_pane(-1)

    def action_zoom(self) -> None:
        """Give the pane the whole room, or give it back."""
        self.zoomed = not self.zoomed
        self.activate(self.active)

    def action_placement(self) -> None:
        """Show the sessions of each node against its capacity."""
        self.app.push_screen(screens.PlacementScreen(self.fx))

    def action_bus_panel(self) -> None:
        """Show the state of the bus in full."""
        self.app.push_screen(screens.BusPanel(self.fx))

    # Rows and marks: the table's own doing

    def action_table(self, action: str) -> None:
        """Have the table of the active pane do something."""
        getattr(self.active.table, f"action_{action}")()

    def action_details(self) -> None:
        """Show all that is known of the row under the cursor."""
        self.active.table.action_select()

    @on(RowSelected)
    def _open_details(self, event: RowSelected) -> None:
        event.stop()
        pane = next(pane for pane in self.panes.values() if pane.table is event.table)  # not the active one any longer?
        if self.among_users:
            self.action_narrow()  # for the sessions are what one looks for there
        else:
            self.app.push_screen(screens.DetailsScreen(self.fx, pane.spec, event.row_id))

    def action_copy_id(self) -> None:
        """Copy the row's id by way of the terminal (OSC 52)."""
        row_id = self.active.table.cursor_id
        if row_id is not None:
            self.app.copy_to_clipboard(str(row_id))
            self.say(f"Copied {row_id}, if your terminal lets programs use its clipboard.")

    def action_narrow(self) -> None:
        """Narrow the other panes to what belongs to the row, or widen them."""
        if any(pane.narrowed_to for pane in self.panes.values()):
            self.widen_panes()
            return
        row_id = self.active.table.cursor_id
        if row_id is None:
            return
        found = narrowed(self.fx.link.store, self.active.spec.id, row_id)
        if not found:
            self.say(f"Nothing in the other panes belongs to a {self.active.spec.singular}.", Severity.WARN)
            return
        name = getattr(self.active.view.row(row_id), "name", str(row_id))
        shown = self.narrow_panes(found, name)
        if self.active.extra and shown:
            self.activate(shown[0])  # an extra pane hides those that were narrowed

    # Order and columns

    def action_sort(self, column: str = "") -> None:
        """Sort by ``column``, or let the person pick one."""
        if column:
            self._sort_by(column)
            return
        pane = self.active
        choices = [screens.Choice(c.id, c.title, c.help) for c in pane.spec.columns]
        picker = screens.PickScreen(f"Sort {pane.spec.plural} by", choices, current=pane.table.sort_column)
        self.app.push_screen(picker, lambda picked: self._sort_by(picked) if picked else None)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self.active.table.sort_by(self.active.table.sort_column)

    def action_hold(self) -> None:
        """Hold the order of the rows, or let it go."""
        self.active.held_by_hand = not self.active.held_by_hand
        self.active.hold(busy=False)

    def action_wide(self) -> None:
        """Show all columns, or the usual ones."""
        self.active.table.wide = not self.active.table.wide

    def action_columns(self) -> None:
        """Choose the columns of the pane."""
        table = self.active.table
        choices = [screens.Choice(c.id, c.title or c.id, c.help) for c in self.active.spec.columns]
        shown = table.visible_columns or [c.id for c in self.active.spec.columns if table.wide or not c.wide]

        def take(chosen: tuple[str, ...] | None) -> None:
            if chosen is not None:
                table.visible_columns = chosen

        self.app.push_screen(screens.ChooseScreen(f"Columns of {self.active.spec.plural}", choices, tuple(shown)), take)

    # Filter and command

    def action_filter(self, text: str = "") -> None:
        """Filter the pane while typing; with a text, at once."""
        if text:
            self._filter(text)
        else:
            self.query_one(Prompt).open("filter", self.active.filter_text)

    def action_command(self) -> None:
        """Open the command line."""
        self.query_one(Prompt).open("command")

    def action_back(self) -> None:
        """One step back: marks, filter, narrowing, zoom."""
        if len(self.active.table.marks):
            self.active.table.action_mark_clear()
        elif self.active.filter_text:
            self.active.set_filter("")
        elif any(pane.narrowed_to for pane in self.panes.values()):
            self.widen_panes()
        elif self.active.extra:
            self.activate(self.panes["nodes"])
        elif self.zoomed:
            self.action_zoom()

    def action_help(self) -> None:
        """All keys, commands, the filter language and the columns."""
        spec = self.active.spec
        columns = [(c.id, c.title or c.id, c.help) for c in spec.columns]
        self.app.push_screen(screens.HelpScreen(self.fx.entries, columns, spec.plural, self.fx.ascii))

    @work
    async def action_sync(self) -> None:
        """Ask every agent for its state."""
        try:
            await self.fx.link.bus.sync()
        except BusError as error:
            self.say(str(error), Severity.WARN)
        else:
            self.say("Asked every agent for its state.")

    def completions(self, kind: Kind, text: str) -> Sequence[str]:
        """What the text of the prompt can become."""
        if kind == "command":
            return complete(text, self.names, self.fx.entries)
        spec, store, look = self.active.spec, self.fx.link.store, self.fx.look()
        rows = spec.rows(store).values()
        found = complete_filter(text, len(text), spec.columns, lambda column: known_values(column, rows, store, look))
        return [found.applied(text, suggestion) for suggestion in found.suggestions]

    def names(self, takes: Takes) -> Sequence[str]:
        """What an argument of that kind can be now."""
        store = self.fx.link.store
        match takes:
            case "nodes":
                return sorted(store.nodes)
            case "sessions":
                return sorted(str(key) for key in store.sessions)
            case "column":
                return [c.id for c in self.active.spec.columns]
            case "policy" | "link" | "grouping":
                return _CHOICES[takes]
            case "theme" | "cluster":
                return self.fx.names.get(takes, ())
            case _:
                return ()

    @on(Prompt.Changed)
    def _prompt_changed(self, event: Prompt.Changed) -> None:
        event.stop()
        if event.kind == "filter" and event.text == self.query_one(Prompt).text:  # else more was typed meanwhile
            self._filter(event.text)

    @on(Prompt.Entered)
    def _prompt_entered(self, event: Prompt.Entered) -> None:
        event.stop()
        prompt = self.query_one(Prompt)
        try:
            if event.kind == "filter":
                self.active.set_filter(event.text)
            else:
                command = read(event.text, self.fx.entries)
        except (FilterError, CommandError) as error:
            prompt.refuse(str(error), error.position, error.length)
            return
        self._close_prompt()
        if event.kind == "command":
            self.post_message(self.CommandGiven(command.entry, command.argument))

    @on(Prompt.Left)
    def _prompt_left(self, event: Prompt.Left) -> None:
        event.stop()
        self._close_prompt()

    def _close_prompt(self) -> None:
        self.query_one(Prompt).close()
        self.set_focus(self.active.table)

    def _filter(self, text: str) -> None:
        """Filter the active pane; a mistake is shown where it is and the last good filter stays."""
        try:
            self.active.set_filter(text)
        except FilterError as error:
            prompt = self.query_one(Prompt)
            if prompt.is_open:
                prompt.explain(str(error), error.position, error.length)
            else:
                self.say(f"The filter '{text}' can't be read: {error}", Severity.WARN)

    def _sort_by(self, column: str) -> None:
        if self.active.spec.column(column) is None:
            known = ", ".join(c.id for c in self.active.spec.columns)
            self.say(f"{self.active.spec.title} have no column '{column}'. They have: {known}.", Severity.WARN)
            return
        self.active.table.sort_by(column)

    def _step_pane(self, step: int) -> None:
        reach: list[Pane] = list(self.within_reach())
        self.activate(reach[(reach.index(self.active) + step) % len(reach)])
