"""The one table of keys and commands, as data.

Bindings, the key line, the help overlay, the command palette, ``:`` and its completion, and README's table of keys are
all made from `ENTRIES`. A key can be remapped in the config by its id (``[keys]``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Scope = Literal["main", "nodes", "sessions", "jobs"]
"""Where a key works: everywhere on the main screen, or only in one pane (``nodes`` …)."""

Group = Literal["Panes", "Rows", "Order and columns", "Marks", "Find", "Act", "Console"]

Takes = Literal["", "pane-filter", "filter", "column", "nodes", "sessions", "theme", "cluster", "policy", "text"]
"""What a command's argument is, for completion."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing a person can ask of the console, by key, by ``:command`` or from the palette."""

    id: str
    title: str
    help: str
    group: Group
    action: str
    """The Textual action, without arguments: the main screen's, or the app's with ``app.`` before it."""
    keys: tuple[str, ...] = ()
    command: str = ""
    takes: Takes = ""
    scope: Scope = "main"
    armed: bool = False
    """Needs an armed console."""
    rank: int = 0
    """Place in the key line, from the left; 0 isn't there."""
    argument: str = ""
    """Fixed argument of the action, as the pane's id of ``pane.nodes``."""

    def call(self, typed: str = "") -> str:
        """What Textual runs: the action with its fixed argument and with what was ``typed`` behind the command."""
        given = ", ".join(repr(part) for part in (self.argument, typed) if part)
        return f"{self.action}({given})" if given else self.action


ENTRIES: Final[tuple[Entry, ...]] = (
    Entry(
        "pane.nodes",
        "nodes",
        "Show the nodes; with a filter: only those",
        "Panes",
        "pane",
        ("1",),
        "nodes",
        "pane-filter",
        argument="nodes",
    ),
    Entry(
        "pane.transporters",
        "transporters",
        "Show the transporters (NATS servers)",
        "Panes",
        "pane",
        ("2",),
        "transporters",
        "pane-filter",
        argument="transporters",
    ),
    Entry(
        "pane.sessions",
        "sessions",
        "Show the sessions",
        "Panes",
        "pane",
        ("3",),
        "sessions",
        "pane-filter",
        argument="sessions",
    ),
    Entry(
        "pane.licenses",
        "seats",
        "Show the licence seats",
        "Panes",
        "pane",
        ("4",),
        "seats",
        "pane-filter",
        argument="licenses",
    ),
    Entry(
        "pane.jobs",
        "jobs",
        "Show the jobs: what was asked of the cluster and what came of it",
        "Panes",
        "pane",
        ("5",),
        "jobs",
        "pane-filter",
        argument="jobs",
        rank=13,
    ),
    Entry(
        "pane.findings",
        "findings",
        "Show what is wrong now, worst first",
        "Panes",
        "pane",
        ("6",),
        "findings",
        "pane-filter",
        argument="findings",
    ),
    Entry(
        "pane.events",
        "events",
        "Show what happened since the console started",
        "Panes",
        "pane",
        ("7",),
        "events",
        "pane-filter",
        argument="events",
    ),
    Entry(
        "pane.bus",
        "bus",
        "Show the state of the bus: server, rates, rejected and lost messages",
        "Panes",
        "bus_panel",
        ("8",),
        "bus",
    ),
    Entry("pane.next", "next pane", "Go to the next pane", "Panes", "next_pane", ("tab",)),
    Entry("pane.previous", "previous pane", "Go to the previous pane", "Panes", "previous_pane", ("shift+tab",)),
    Entry(
        "pane.zoom", "zoom", "Give the pane the whole screen, or give it back", "Panes", "zoom", ("z",), "zoom", rank=12
    ),
    Entry(
        "pane.placement",
        "placement",
        "Show the sessions of each node against its capacity",
        "Panes",
        "placement",
        ("b",),
        "placement",
    ),
    Entry("row.up", "up", "Move up", "Rows", "table", ("up", "k"), argument="cursor_up"),
    Entry("row.down", "down", "Move down", "Rows", "table", ("down", "j"), argument="cursor_down"),
    Entry("row.page-up", "page up", "Move up a page", "Rows", "table", ("pageup",), argument="page_up"),
    Entry("row.page-down", "page down", "Move down a page", "Rows", "table", ("pagedown",), argument="page_down"),
    Entry("row.first", "first", "Go to the first row", "Rows", "table", ("home", "g"), argument="first"),
    Entry("row.last", "last", "Go to the last row", "Rows", "table", ("end", "G"), argument="last"),
    Entry(
        "row.left", "left", "Scroll the columns to the left", "Rows", "table", ("left", "h"), argument="columns_left"
    ),
    Entry(
        "row.right",
        "right",
        "Scroll the columns to the right",
        "Rows",
        "table",
        ("right", "l"),
        argument="columns_right",
    ),
    Entry(
        "row.details", "details", "Show all that is known of the row", "Rows", "details", ("enter",), "details", rank=3
    ),
    Entry(
        "row.narrow",
        "narrow",
        "Narrow the other panes to what belongs to the row; again or Esc widens",
        "Rows",
        "narrow",
        ("n",),
        "narrow",
        rank=11,
    ),
    Entry(
        "row.copy", "copy id", "Copy the row's id to the clipboard of your terminal", "Rows", "copy_id", ("y",), "copy"
    ),
    Entry(
        "order.sort",
        "sort",
        "Choose the column to sort by",
        "Order and columns",
        "sort",
        ("s",),
        "sort",
        "column",
        rank=9,
    ),
    Entry("order.reverse", "reverse", "Turn the order round", "Order and columns", "reverse", ("r",), "reverse"),
    Entry(
        "order.hold",
        "hold order",
        "Hold the order of the rows, or let it go",
        "Order and columns",
        "hold",
        ("p",),
        "hold",
    ),
    Entry(
        "columns.wide", "wide", "Show all columns, or only the chosen ones", "Order and columns", "wide", ("w",), "wide"
    ),
    Entry(
        "columns.choose", "columns", "Choose the columns of the pane", "Order and columns", "columns", ("c",), "columns"
    ),
    Entry("mark.one", "mark", "Mark the row, or unmark it", "Marks", "table", ("space",), argument="mark", rank=10),
    Entry(
        "mark.range", "mark range", "Mark from the last mark to here", "Marks", "table", ("v",), argument="mark_range"
    ),
    Entry(
        "mark.all",
        "mark all",
        "Mark all rows that the filter lets through",
        "Marks",
        "table",
        ("a",),
        "mark",
        argument="mark_all",
    ),
    Entry(
        "mark.clear",
        "clear marks",
        "Clear all marks of the pane",
        "Marks",
        "table",
        ("u",),
        "unmark",
        argument="mark_clear",
    ),
    Entry(
        "find.filter",
        "filter",
        "Filter the pane while typing: words, user:ann, cpu>80%, !x, ~regex",
        "Find",
        "filter",
        ("slash",),
        "filter",
        "filter",
        rank=2,
    ),
    Entry(
        "find.command",
        "command",
        "Type a command; Tab completes, Up and Down recall",
        "Find",
        "command",
        ("colon",),
        rank=8,
    ),
    Entry("find.palette", "palette", "Search all commands by name", "Find", "app.command_palette", ("ctrl+p",)),
    Entry("find.back", "back", "One step back: prompt, marks, filter, narrowing, zoom", "Find", "back", ("escape",)),
    Entry("console.arm", "arm", "Arm the console for some minutes, or disarm it", "Act", "arm", ("W",), "arm", rank=4),
    Entry(
        "node.drain",
        "drain",
        "Drain the nodes: they take no new sessions",
        "Act",
        "drain",
        ("D",),
        "drain",
        "nodes",
        "nodes",
        armed=True,
        rank=5,
    ),
    Entry(
        "node.resume",
        "resume",
        "Let drained nodes take sessions again",
        "Act",
        "resume",
        ("R",),
        "resume",
        "nodes",
        "nodes",
        armed=True,
        rank=6,
    ),
    Entry(
        "session.terminate",
        "terminate",
        "End the sessions",
        "Act",
        "terminate",
        ("T",),
        "terminate",
        "sessions",
        "sessions",
        armed=True,
        rank=5,
    ),
    Entry(
        "session.message",
        "message",
        "Send a message to the sessions, or to all sessions of the nodes",
        "Act",
        "message",
        ("M",),
        "message",
        "text",
        armed=True,
        rank=7,
    ),
    Entry(
        "cluster.rebalance",
        "rebalance",
        "Ask the manager for a plan to even out the placement",
        "Act",
        "rebalance",
        ("B",),
        "rebalance",
        "policy",
        armed=True,
    ),
    Entry(
        "job.dismiss",
        "dismiss",
        "Dismiss an ended job from the list",
        "Act",
        "dismiss_job",
        ("X",),
        "dismiss",
        scope="jobs",
        rank=5,
    ),
    Entry(
        "console.theme",
        "theme",
        "Change the theme; the list shows each as you move",
        "Console",
        "app.theme",
        (),
        "theme",
        "theme",
    ),
    Entry(
        "console.cluster",
        "cluster",
        "Go to another cluster of the config",
        "Console",
        "app.cluster",
        (),
        "cluster",
        "cluster",
    ),
    Entry("console.sync", "ask again", "Ask every agent for its state now", "Console", "sync", (), "sync"),
    Entry(
        "console.repaint", "repaint", "Paint the whole screen anew", "Console", "app.repaint", ("ctrl+l",), "repaint"
    ),
    Entry("console.help", "help", "Show this help", "Console", "help", ("question_mark", "f1"), "help", rank=1),
    Entry("console.quit", "quit", "Leave fxtop", "Console", "app.quit", ("q",), "q", rank=14),
)
