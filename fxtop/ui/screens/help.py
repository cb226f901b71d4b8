"""The help overlay, made from the table of keys and the table of columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from fxtop.ui.keyentry import Entry, Scope
from fxtop.ui.keymap import written
from fxtop.ui.screens.box import Box

FILTER_HELP = (
    ("word", "rows that say it anywhere"),
    ("user:ann", "the field contains it"),
    ("state=draining", "the field is it"),
    ("cpu>80%  mem>8G  age<10m", "the field is more or less"),
    ("!x  !user:ann", "not"),
    ("~viz0[1-3]  user~^a", "a regular expression"),
    ("cpu=unknown", "rows where nobody can see it"),
    ("user:ann user:bob", "the same field twice: or; different fields: and"),
)
WHERE: Final[dict[Scope, str]] = {
    "nodes": "in Nodes",
    "sessions": "in Sessions",
    "jobs": "in Jobs",
    "prompt": "in the prompt",
    "box": "in a box",
    "list": "in a list",
    "columns": "in the list of columns",
    "plan": "in a plan",
    "question": "in a question",
    "wall": "on the wall",
}
KEY_WIDTH = 11
COMMAND_WIDTH = 14


class HelpScreen(Box):
    """All keys and commands by group, the filter language, and the columns of the pane."""

    def __init__(
        self, entries: Sequence[Entry], columns: Iterable[tuple[str, str, str]], pane: str, ascii_only: bool
    ) -> None:
        super().__init__()
        self._entries = entries
        self._columns = tuple(columns)
        self._pane = pane
        self._ascii = ascii_only

    def compose(self) -> ComposeResult:
        """One long text in a scrolling box."""
        with Vertical(classes="dialog -tall"):
            yield Static("Help", classes="dialog-title", markup=False)
            with VerticalScroll(classes="box-scroll"):
                yield Static(self.text(), id="help-text")
            yield Static("Arrows scroll, Esc goes back", classes="dialog-foot", markup=False)

    def text(self) -> Content:
        """The whole help."""
        lines: list[Content] = []
        for group, members in groupby(self._entries, key=lambda e: e.group):
            lines += [_heading(group), *(self._entry(e) for e in members), Content("")]
        lines += [_heading("Filter language"), *(_pair(a, b, 28) for a, b in FILTER_HELP), Content("")]
        lines += [_heading(f"Columns of {self._pane}")]
        lines += [_pair(f"{field}", f"{title}: {text}", 20) for field, title, text in self._columns]
        return Content("\n").join(lines)

    def _entry(self, entry: Entry) -> Content:
        keys = " ".join(written(key, self._ascii) for key in entry.keys)
        command = f":{entry.command}" if entry.command else ""
        where = f" ({WHERE[entry.scope]})" if entry.scope in WHERE else ""
        armed = " Needs an armed console." if entry.armed else ""
        return Content.assemble(
            "  ",
            (keys.ljust(KEY_WIDTH), "$fx-accent bold"),
            (command.ljust(COMMAND_WIDTH), "$fx-muted"),
            entry.help + where + "." + armed,
        )


def _heading(text: str) -> Content:
    return Content.styled(text, "bold underline")


def _pair(left: str, right: str, width: int) -> Content:
    return Content.assemble("  ", (left.ljust(width), "$fx-accent"), right)
