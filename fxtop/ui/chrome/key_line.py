"""The key line: the keys that matter where the cursor is, from the table of keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fxtop.ui.chrome.line import Span
from fxtop.ui.keymap import written
from fxtop.ui.keytable import Entry


def key_spans(
    entries: Sequence[Entry], scope: str, *, armed: bool, barred: Callable[[Entry], bool], ascii_only: bool
) -> list[Span]:
    """Key and title of each ranked entry of ``scope``.

    What needs an armed console is muted while it isn't, and what is ``barred`` to the operator's key always.
    """
    spans: list[Span] = []
    ranked = sorted((entry for entry in entries if entry.rank and entry.keys), key=lambda entry: entry.rank)
    for entry in ranked:
        if entry.scope not in ("main", scope):
            continue
        key = written(entry.keys[0], ascii_only)
        if barred(entry):
            spans += [Span(f"{key} ", "$fx-muted"), Span(entry.title, "$fx-muted strike"), Span("  ")]
            continue
        able = armed or not entry.armed
        spans += [
            Span(key, "$fx-accent bold" if able else "$fx-muted"),
            Span(f" {entry.title}  ", "" if able else "$fx-muted"),
        ]
    return spans
