"""The command line ``:``: reading a line, and completing it. Made from the table of keys; knows no widget."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from msgspec import Struct

from fxtop.ui.keyentry import Entry, Takes
from fxtop.ui.keytable import ENTRIES

Names = Callable[[Takes], Sequence[str]]
"""Gives the names that an argument of that kind can be now."""


class CommandError(Exception):
    """A line that is no command. ``position`` and ``length`` say where, the text is a sentence."""

    def __init__(self, sentence: str, position: int, length: int) -> None:
        super().__init__(sentence)
        self.position = position
        self.length = length


class Command(Struct, frozen=True):
    """A command with its argument, as typed."""

    entry: Entry
    argument: str


def read(line: str, entries: Sequence[Entry] = ENTRIES) -> Command:
    """The command that ``line`` (without the colon) is; a unique beginning of its name is enough.

    Raises:
        CommandError: for an empty, unknown or ambiguous name, or an argument where none is taken.
    """
    stripped = line.lstrip()
    start = len(line) - len(stripped)
    name, _, argument = stripped.partition(" ")
    if not name:
        raise CommandError("Type a command, as :sessions user:ann. Tab completes, Esc leaves.", start, 0)
    entry = _resolve(name, start, entries)
    argument = argument.strip()
    if argument and not entry.takes:
        raise CommandError(f":{entry.command} takes nothing behind it.", line.index(argument), len(argument))
    return Command(entry, argument)


def complete(line: str, names: Names, entries: Sequence[Entry] = ENTRIES) -> list[str]:
    """All whole lines that ``line`` can become, the likeliest first."""
    name, space, rest = line.lstrip().partition(" ")
    if not space:
        return [e.command for e in _commands(entries) if e.command.startswith(name)]
    found = [e for e in _commands(entries) if e.command == name]
    if not found or not found[0].takes:
        return []
    *before, last = rest.split(" ")
    head = " ".join((name, *before))
    return [f"{head} {word}" for word in names(found[0].takes) if word.startswith(last) and word not in before]


def _resolve(name: str, start: int, entries: Sequence[Entry]) -> Entry:
    commands = _commands(entries)
    exact = [e for e in commands if e.command == name]
    matches = exact or [e for e in commands if e.command.startswith(name)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        several = ", ".join(":" + e.command for e in matches)
        raise CommandError(f"'{name}' can be {several}. Type a letter more.", start, len(name))
    near = difflib.get_close_matches(name, [e.command for e in commands], n=1)
    hint = f"Did you mean :{near[0]}?" if near else "Press ? for all of them."
    raise CommandError(f"There is no command :{name}. {hint}", start, len(name))


def _commands(entries: Sequence[Entry]) -> list[Entry]:
    return [e for e in entries if e.command]
