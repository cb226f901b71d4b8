"""The table of keys as Textual binds it. A remapping in the config finds each binding by its id."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from fxtop.ui.keytable import Entry


def bindings(entries: Iterable[Entry]) -> list[BindingType]:
    """A binding for each entry that has keys."""
    return [Binding(",".join(e.keys), e.call(), e.title, show=False, id=e.id) for e in entries if e.keys]
