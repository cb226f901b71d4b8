"""Working with the table of keys: looking up, remapping, checking for clashes, writing a key as people read it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Final, get_args

from msgspec.structs import replace
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from fxtop.ui.keyentry import Entry, PaneScope, Scope
from fxtop.ui.keytable import ENTRIES

FORBIDDEN: Final = frozenset(
    {
        "ctrl+a",
        "ctrl+b",
        "ctrl+c",
        "ctrl+d",
        "ctrl+h",
        "ctrl+i",
        "ctrl+j",
        "ctrl+k",
        "ctrl+m",
        "ctrl+q",
        "ctrl+s",
        "ctrl+z",
    }
    | {f"alt+{digit}" for digit in range(10)}
)
"""Keys that multiplexers, terminals or flow control take, or that are another key in disguise."""

_WRITTEN: Final = {
    "slash": "/", "colon": ":", "question_mark": "?", "space": "Space", "escape": "Esc", "enter": "Enter", "tab": "Tab",
    "shift+tab": "Shift+Tab", "up": "↑", "down": "↓", "left": "←", "right": "→", "pageup": "PgUp", "pagedown": "PgDn",
    "home": "Home", "end": "End", "f1": "F1",
}  # fmt: skip
_ASCII: Final = {"up": "Up", "down": "Down", "left": "Left", "right": "Right"}
_NAMED: Final = {"/": "slash", ":": "colon", "?": "question_mark", " ": "space"}


_MODIFIERS: Final = frozenset({"ctrl", "shift", "alt"})
_KEY_NAMES: Final = {key.value for key in Keys} | set(KEY_NAME_REPLACEMENTS.values())


class KeymapError(Exception):
    """A remapping that can't be used; the text is a sentence."""


def entry(entry_id: str) -> Entry:
    """The entry of that id; KeyError when there is none."""
    return _BY_ID[entry_id]


def by_command(name: str) -> Entry | None:
    """The entry that ``:name`` runs."""
    return next((e for e in ENTRIES if e.command == name), None)


def written(key: str, ascii_only: bool = False) -> str:
    """``key`` as it is printed on a keyboard."""
    if ascii_only and key in _ASCII:
        return _ASCII[key]
    return _WRITTEN.get(key) or key.replace("ctrl+", "Ctrl+")


def remap(overrides: Mapping[str, str], entries: Iterable[Entry] = ()) -> tuple[Entry, ...]:
    """The table with the config's ``[keys]`` applied: id → one key or several, separated by commas.

    Raises:
        KeymapError: for an unknown id, an unknown or forbidden key, or two entries of one scope that want the same key.
    """
    table = tuple(entries) or ENTRIES
    known = {e.id for e in table}
    for name in overrides:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else " The ids stand in the help (?)."
            raise KeymapError(f"[keys] names '{name}', which is no action of fxtop.{hint}")
    changed = tuple(replace(e, keys=_keys(overrides[e.id])) if e.id in overrides else e for e in table)
    check(changed)
    return changed


def overlay(entries: Iterable[Entry]) -> dict[str, str]:
    """What Textual must be told so that bindings made of `ENTRIES` become those of ``entries``: keys by id.

    It lays this over the bindings anew at every key, so only what was remapped is in it, and what shares a key with
    that, for where it takes a key from one binding it takes it from all.
    """
    pairs = [(_BY_ID[e.id], e) for e in entries]
    told = {now.id: now for usual, now in pairs if now.keys != usual.keys}
    touched: set[str] = set()
    while not touched >= (reached := {key for now in told.values() for key in (*now.keys, *_BY_ID[now.id].keys)}):
        touched = reached
        told |= {now.id: now for usual, now in pairs if touched & {*usual.keys, *now.keys}}
    return {id_: ",".join(now.keys) for id_, now in told.items() if now.keys}


def is_key(key: str) -> bool:
    """Whether Textual may ever tell of a key called ``key``."""
    *modifiers, base = key.split("+")
    return set(modifiers) <= _MODIFIERS and (base in _KEY_NAMES or key_to_character(base) is not None)


def check(entries: Iterable[Entry]) -> None:
    """KeymapError when a key doesn't exist, is forbidden, or would do two things in one place."""
    taken: dict[str, list[Entry]] = {}
    for one in entries:
        for key in one.keys:
            if not is_key(key):
                raise KeymapError(
                    f"'{one.id}' can't be on '{key}': there is no such key. Write D, ctrl+x, f5, pageup or slash."
                )
            if key in FORBIDDEN:
                raise KeymapError(
                    f"'{one.id}' can't be on {key}: terminals or multiplexers take that key. Choose another one."
                )
            for other in taken.get(key, []):
                if _meet(one.scope, other.scope):
                    raise KeymapError(
                        f"The key {key} is wanted by both '{other.id}' and '{one.id}'. Change one of them."
                    )
            taken.setdefault(key, []).append(one)


def _meet(one: Scope, other: Scope) -> bool:
    """Whether two keys can be asked for in the same place."""
    return one == other or ("main" in (one, other) and {one, other} & set(get_args(PaneScope)) != set())


def _keys(text: str) -> tuple[str, ...]:
    parts = [part.strip() or part for part in text.split(",")] if text != "," else ["comma"]
    return tuple(_NAMED.get(part, part) for part in parts if part)


_BY_ID: Final = {e.id: e for e in ENTRIES}
check(ENTRIES)
