"""The keys of boxes, dialogs and the prompt: the part of the table of keys that works away from the panes."""

from __future__ import annotations

from typing import Final

from fxtop.ui.keyentry import Entry, Scope

_SCOPES: Final[dict[str, Scope]] = {
    "prompt": "prompt",
    "box": "box",
    "list": "list",
    "columns-list": "columns",
    "plan": "plan",
    "question": "question",
    "countdown": "countdown",
    "consent": "consent",
    "wall": "wall",
}
"""By the first part of the id."""


def _entry(id_: str, title: str, help_: str, action: str, keys: tuple[str, ...], argument: str | int = "") -> Entry:
    scope = _SCOPES[id_.partition(".")[0]]
    return Entry(id_, title, help_, "Boxes and dialogs", action, keys, scope=scope, argument=argument)


BOX_ENTRIES: Final = (
    _entry("prompt.complete", "complete", "Complete what is typed; again takes the next", "complete", ("tab",), 1),
    _entry("prompt.complete-back", "complete back", "The completion before", "complete", ("shift+tab",), -1),
    _entry("prompt.older", "older", "What was typed before", "recall", ("up",), -1),
    _entry("prompt.newer", "newer", "What was typed after that", "recall", ("down",), 1),
    _entry("prompt.back", "back", "Leave the prompt", "leave", ("escape",)),
    _entry("box.back", "back", "Close the box", "leave", ("escape", "q", "enter")),
    _entry("box.down", "down", "Scroll down", "scroll_box", ("down", "j"), 1),
    _entry("box.up", "up", "Scroll up", "scroll_box", ("up", "k"), -1),
    _entry("box.page-down", "page down", "Scroll down a page", "page_box", ("pagedown", "space"), 1),
    _entry("box.page-up", "page up", "Scroll up a page", "page_box", ("pageup",), -1),
    _entry("list.back", "back", "Close the list; nothing changes", "leave", ("escape",)),
    _entry("list.down", "down", "The next choice", "down", ("j",)),
    _entry("list.up", "up", "The choice before", "up", ("k",)),
    _entry("columns-list.back", "back", "Close the list of columns; nothing changes", "leave", ("escape",)),
    _entry("columns-list.toggle", "choose", "Choose the column, or choose it no longer", "choose", ("space",)),
    _entry("plan.back", "back", "Close the plan; nothing is sent", "leave", ("escape",)),
    _entry("plan.then", "end or wait", "Drain: end the sessions that are left, or wait", "toggle_then", ("f2",)),
    _entry("plan.page-up", "page up", "Scroll the plan up", "page", ("pageup",), -1),
    _entry("plan.page-down", "page down", "Scroll the plan down", "page", ("pagedown",), 1),
    _entry("question.back", "back", "Close the question; nothing is sent", "leave", ("escape",)),
    _entry("countdown.stop", "stop", "Stop what was confirmed; nothing is sent", "stop", ("escape", "c")),
    _entry("consent.approve", "approve", "Agree to what somebody else asked for", "decide", ("enter",), "approve"),
    _entry("consent.decline", "turn down", "Turn down what somebody else asked for", "decide", ("x",), "decline"),
    _entry("consent.back", "back", "Close what waits; it goes on waiting", "leave", ("escape",)),
    _entry("wall.quit", "quit", "Leave the wall", "app.quit", ("q", "escape")),
    _entry("wall.turn", "turn", "Turn to the next page of the wall", "turn", ("space", "right")),
)
