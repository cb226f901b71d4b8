"""A NATS server's configuration as a tree: blocks of entries, each with its place and with what it replaced."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from fxtop.config.site.place import Place
from fxtop.protocol.text import inert

SHOWN = 200
"""Characters of a file's name or a reason that an error quotes."""


class NatsConfError(ValueError):
    """A configuration that can't be read: where, and why. Its text quotes no value."""

    def __init__(self, at: Place, reason: str) -> None:
        super().__init__(inert(f"{at}: {reason}", 4 * SHOWN))
        self.at = at
        self.reason = inert(reason, SHOWN)


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A ``$VARIABLE`` that stands neither in the file nor in the environment that the reader was given."""

    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A key with its value."""

    key: str
    value: Value = field(repr=False)
    at: Place
    previous: Entry | None = field(default=None, repr=False, compare=False)
    """The entry of the same key before this one. It has no effect (nats-server 2.15)."""

    @property
    def replaced(self) -> tuple[Entry, ...]:
        """All entries that this one took the place of, in their order."""
        found: list[Entry] = []
        entry = self.previous
        while entry is not None:
            found.append(entry)
            entry = entry.previous
        return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Block:
    """The entries between two braces, or of a whole file, by key in the order of the file."""

    entries: dict[str, Entry] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def entry(self, *names: str) -> Entry | None:
        """The entry under one of ``names``, which are lower case: the server doesn't mind the case of its options."""
        found = [entry for entry in self if entry.key.lower() in names]
        return found[-1] if found else None

    def text(self, *names: str) -> str | None:
        """A value as the text that it was written as, or near it; None where it is none or can't be known."""
        entry = self.entry(*names)
        value = None if entry is None else entry.value
        if isinstance(value, bool):
            return "true" if value else "false"
        return str(value) if isinstance(value, str | int | float) else None

    def block(self, *names: str) -> Block | None:
        """A block within this one."""
        entry = self.entry(*names)
        return entry.value if entry is not None and isinstance(entry.value, Block) else None


@dataclass(frozen=True, slots=True)
class Item:
    """One value of an array."""

    value: Value = field(repr=False)
    at: Place


Value: TypeAlias = "str | bool | int | float | datetime | Block | tuple[Item, ...] | Unresolved"
