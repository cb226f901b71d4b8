"""What an entry of the table of keys is."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

PaneScope = Literal["nodes", "sessions", "jobs"]
BoxScope = Literal["prompt", "box", "list", "columns", "plan", "question", "countdown", "consent", "wall"]
Scope = Literal["main"] | PaneScope | BoxScope
"""Where a key works: everywhere on the main screen, in one pane only, or in a prompt, box or dialog."""

Group = Literal["Panes", "Rows", "Order and columns", "Marks", "Find", "Act", "Console", "Boxes and dialogs"]

Takes = Literal[
    "", "pane-filter", "filter", "column", "nodes", "sessions", "theme", "cluster", "policy", "link", "grouping", "text"
]
"""What a command's argument is, for completion."""


class Entry(Struct, frozen=True):
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
    argument: str | int = ""
    """Fixed argument of the action, as the pane's id of ``pane.nodes``."""

    def call(self, typed: str = "") -> str:
        """What Textual runs: the action with its fixed argument and with what was ``typed`` behind the command."""
        given = ", ".join(repr(part) for part in (self.argument, typed) if part != "")
        return f"{self.action}({given})" if given else self.action
