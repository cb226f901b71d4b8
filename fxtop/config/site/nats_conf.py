"""nats-server's configuration files, by the grammar that the server itself reads them with (2.15, package conf).

A key that comes again replaces what it had before, block or not, and the server says nothing of it. Here the entry
that counts keeps those that it replaced. Stricter than the server where that would go astray without a word: a key
without a value in a block, a unit that is none, a lone slash, a quote that the end of the file opens, and blocks
nested deeper than `DEEPEST`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from fxtop.config.site.nats_scan import BLANK, COMMENT, SPACE, Bare, Scanner
from fxtop.config.site.nats_tree import Block, Entry, Item, NatsConfError, Unresolved, Value
from fxtop.config.site.place import Place

DEEPEST: Final = 64
"""Blocks and arrays within each other, and files that include each other."""
BCRYPT: Final = "2a$"
"""How a word goes on after a ``$`` that begins no variable but an unquoted bcrypt hash."""

Reader = Callable[[Path], str]
"""Gives the text of a file; OSError where it can't."""


def read_nats_conf(file: Path, read: Reader, env: Mapping[str, str] | None = None) -> Block:
    """The configuration in ``file`` with all that it includes.

    ``env`` is the server's environment, for variables that the file doesn't set; what isn't there becomes `Unresolved`.

    Raises:
        NatsConfError: the server wouldn't read it either; where, and why.
        OSError: ``file`` itself can't be read.
    """
    return _Parser(read(file), file, _World(read, env or {}, (file,))).whole()


def parse_nats_conf(text: str, file: Path, env: Mapping[str, str] | None = None) -> Block:
    """The same of a text that includes nothing; an ``include`` in it is an error."""
    return _Parser(text, file, _World(_reads_nothing, env or {}, (file,))).whole()


def _reads_nothing(path: Path) -> str:
    raise FileNotFoundError(2, "nothing can be included here", str(path))


class _World(NamedTuple):
    """What lies outside a file."""

    read: Reader
    env: Mapping[str, str]
    files: tuple[Path, ...]
    """The file that is read, after those that include it."""


class _Parser:
    """Reads one file."""

    def __init__(self, text: str, file: Path, world: _World) -> None:
        self._scan = Scanner(text, file)
        self._file = file
        self._world = world
        self._open: list[Block] = []
        """Blocks around where we are, the innermost last: variables are looked up in them."""
        self._depth = 0

    def whole(self) -> Block:
        """All of the file."""
        block = Block()
        self._open.append(block)
        while not self._gap():
            if self._scan.takes("{"):
                self._braces(block)
            else:
                self._entry(block, nested=False)
                self._end_of_entry("\n\r;,}", at_end=True)
        return block

    def _braces(self, block: Block) -> None:
        """Entries of the file between braces that mean nothing, as in JSON."""
        level = 1
        while level and not self._gap():
            if self._scan.takes("{"):
                level += 1
            elif self._scan.takes("}"):
                level -= 1
                self._scan.take(BLANK)
                if level:
                    self._takes_any(";,")
            else:
                self._entry(block, nested=False)
                if not self._closes("}"):
                    self._end_of_entry("\n\r;,")

    def _entry(self, block: Block, *, nested: bool) -> None:
        at = self._scan.here()
        key = self._scan.key()
        if isinstance(key, Bare) and key.lower() == "include" and SPACE.match(self._scan.text, self._scan.pos):
            self._include(block, at)
            return
        self._scan.take(SPACE)
        if self._takes_any(":="):
            self._scan.take(SPACE if nested else BLANK)
        elif not self._scan.peek():
            if key == "}":  # which closes nothing, and which the server lets pass at the end of a file
                return
            raise self._scan.error("a key without a value")
        if nested and self._scan.peek() in (",", "}"):
            raise self._scan.error("a key without a value")
        self._put(block, Entry(key, self._value(), at))

    def _put(self, block: Block, entry: Entry) -> None:
        before = block.entries.pop(entry.key, None)
        block.entries[entry.key] = entry if before is None else replace(entry, previous=before)

    def _value(self) -> Value:
        self._scan.take(BLANK)
        if self._scan.takes("["):
            return self._within(self._array)
        if self._scan.takes("{"):
            return self._within(self._block)
        word = self._scan.scalar()
        return self._variable(word[1:]) if isinstance(word, Bare) and word.startswith("$") else word

    def _within(self, read: Callable[[], Value]) -> Value:
        if self._depth == DEEPEST:
            raise self._scan.error(f"more than {DEEPEST} blocks within each other")
        self._depth += 1
        value = read()
        self._depth -= 1
        return value

    def _array(self) -> Value:
        items: list[Item] = []
        while not self._ends("]"):
            at = self._scan.here()
            if self._scan.peek() == ",":
                raise self._scan.error("a comma where a value should be")
            items.append(Item(self._value(), at))
            if self._closes("]"):
                break
            self._end_of_entry("\n\r,")
        return tuple(items)

    def _block(self) -> Value:
        block = Block()
        self._open.append(block)
        while not self._ends("}"):
            if self._scan.peek() == "]":
                raise self._scan.error("a ] in a block that { began")
            self._entry(block, nested=True)
            if self._closes("}"):
                break
            self._end_of_entry("\n\r;,")
        self._open.pop()
        return block

    def _ends(self, closing: str) -> bool:
        """Whether ``closing`` comes after a gap; it is passed over."""
        if self._gap():
            raise self._scan.error(f"the file ends before the {closing} that is missing")
        return self._scan.takes(closing)

    def _closes(self, closing: str) -> bool:
        """Whether ``closing`` comes right after an entry; it is passed over."""
        self._scan.take(BLANK)
        return self._scan.takes(closing)

    def _end_of_entry(self, ends: str, *, at_end: bool = False) -> None:
        self._scan.take(BLANK)
        commented = bool(self._scan.take(COMMENT))
        if not self._takes_any(ends) and not (commented and self._scan.peek()) and not (at_end and self._at_end()):
            raise self._scan.error("something after a value, which a new line or a comma should end")

    def _takes_any(self, characters: str) -> bool:
        return any(self._scan.takes(character) for character in characters)

    def _at_end(self) -> bool:
        return not self._scan.peek()

    def _gap(self) -> bool:
        """Pass over spaces and comments; whether the text ends there."""
        while self._scan.take(SPACE) or self._scan.take(COMMENT):
            pass
        if self._scan.peek() == "/":
            raise self._scan.error("a lone slash: a comment begins with two")
        return self._at_end()

    def _include(self, block: Block, at: Place) -> None:
        name = self._scan.include()
        # The server joins the name to the folder even where it begins with a slash.
        path = Path(os.path.normpath(f"{self._file.parent}/{name}"))
        files = self._world.files
        if path in files or len(files) == DEEPEST:
            raise NatsConfError(at, f"{path} includes itself")
        try:
            text = self._world.read(path)
        except OSError as error:
            raise NatsConfError(at, f"{path} can't be included: {error.strerror or error}") from None
        for entry in _Parser(text, path, self._world._replace(files=(*files, path))).whole():
            self._put(block, entry)

    def _variable(self, name: str) -> Value:
        if name.startswith(BCRYPT):
            return f"${name}"
        for block in reversed(self._open):
            if name in block.entries:
                return block.entries[name].value
        if name not in self._world.env:
            return Unresolved(name)
        try:  # what such a variable names in turn stays unresolved
            return parse_nats_conf(f"value={self._world.env[name]}", Path(f"${name}")).entries["value"].value
        except (NatsConfError, KeyError):
            return Unresolved(name)
