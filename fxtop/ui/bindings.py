"""The table of keys as Textual binds it. A remapping in the config finds each binding by its id."""

from __future__ import annotations

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from fxtop.ui.keyentry import Entry, Scope
from fxtop.ui.keytable import ENTRIES


def bindings_of(*scopes: Scope) -> list[BindingType]:
    """What is bound in these places, but for what is the app's own."""
    return bindings(e for e in ENTRIES if e.scope in scopes and not (e.scope == "main" and e.action.startswith("app.")))


def bindings(entries: Iterable[Entry]) -> list[BindingType]:
    """A binding for each entry that has keys."""
    return [Binding(",".join(e.keys), e.call(), e.title, show=False, id=e.id) for e in entries if e.keys]
