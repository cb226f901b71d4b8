"""The key line: the keys that matter where the cursor is, from the table of keys."""

from __future__ import annotations

from collections.abc import Sequence

from fxtop.ui.chrome.line import Span
from fxtop.ui.keymap import written
from fxtop.ui.keytable import Entry


def key_spans(entries: Sequence[Entry], scope: str, *, armed: bool, ascii_only: bool) -> list[Span]:
    """Key and title of each ranked entry of ``scope``; what needs an armed console is muted while it isn't."""
    spans: list[Span] = []
    ranked = sorted((entry for entry in entries if entry.rank and entry.keys), key=lambda entry: entry.rank)
    for entry in ranked:
        if entry.scope not in ("main", scope):
            continue
        able = armed or not entry.armed
        key = written(entry.keys[0], ascii_only)
        spans += [
            Span(key, "$fx-accent bold" if able else "$fx-muted"),
            Span(f" {entry.title}  ", "" if able else "$fx-muted"),
        ]
    return spans
