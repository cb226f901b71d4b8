"""On which line of a TOML file a key stands, for sentences about it.

A look at the text, not a parser: `tomllib` forgets the lines. What this doesn't find has no line in its sentence.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

KeyPath = tuple[str, ...]
"""A key with the tables that it stands in."""

_PART: Final = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_DOTTED: Final = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[(?P<many>\[)?\s*(?P<name>{_DOTTED})\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=")


class KeyLines(Struct, frozen=True):
    """A file with the lines of its keys."""

    path: Path
    lines: Mapping[KeyPath, int]

    def where(self, at: KeyPath) -> str:
        """The file's name, with the line of the key ``at`` where it is known."""
        line = self.lines.get(at)
        return str(self.path) if line is None else f"{self.path}, line {line}"


def key_lines(path: Path, text: str) -> KeyLines:
    """The line, counted from 1, of each table and key in ``text``; the first where one stands twice.

    The tables of a list (``[[name]]``) have their number, counted from 1, behind their name.
    """
    found: dict[KeyPath, int] = {}
    lists: Counter[KeyPath] = Counter()
    table: KeyPath = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.fullmatch(line):
            table = _split(header["name"])
            found.setdefault(table, number)
            if header["many"]:
                lists[table] += 1
                table = (*table, str(lists[table]))
                found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault(table + _split(key[1]), number)
    return KeyLines(path, found)


def _split(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))
