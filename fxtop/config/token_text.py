"""Finding a token in the text of a file: bare, or in an ini whose names nobody documents.

FastX's ``transporter-secret.ini`` is made by its cluster manager; section and key names are not documented, so a key is
taken by what its name says.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote

_SECTION = re.compile(r"\[.*\]")
_PAIR = re.compile(r"([^=:]*?)\s*[=:]\s*(.*)")
_URL_TOKEN = re.compile(r"(?:nats|tls)://([^\s:@/]+)@")
_RANKS: Final = ("token", "secret", "password")
"""What the name of a token's key may contain, the surest first."""


class Pair(NamedTuple):
    """A key with its value, as in ini and dotenv files."""

    key: str
    value: str


class Lines(NamedTuple):
    """A file's lines by kind; comments, sections and blank lines are left out."""

    pairs: tuple[Pair, ...]
    bare: tuple[str, ...]
    sections: int


def read_lines(text: str) -> Lines:
    """``text`` as an ini or dotenv file, with nothing refused."""
    pairs: list[Pair] = []
    bare: list[str] = []
    sections = 0
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith(("#", ";")):
            continue
        if _SECTION.fullmatch(line):
            sections += 1
        elif found := _PAIR.fullmatch(line):
            pairs.append(Pair(found[1].removeprefix("export ").strip(), _unquoted(found[2])))
        else:
            bare.append(line)
    return Lines(tuple(pairs), tuple(bare), sections)


def find_token(text: str) -> str:
    """The one token in ``text``.

    Raises:
        ValueError: none, or several that differ; the text says so without quoting any of the file.
    """
    lines = read_lines(text)
    token = _sole(_candidates(text, lines))
    if not token.isprintable():
        raise ValueError("holds control characters where the token should be")
    return token


def _candidates(text: str, lines: Lines) -> list[str]:
    for word in _RANKS:
        named = [pair.value for pair in lines.pairs if word in pair.key.lower() and pair.value]
        if named:
            return named
    if in_urls := _URL_TOKEN.findall(text):
        return [unquote(token) for token in in_urls]
    entries = len(lines.pairs) + len(lines.bare)
    if entries == 1 and not lines.sections:
        return [line for line in map(str.strip, text.splitlines()) if line and not line.startswith(("#", ";"))]
    return list(lines.bare)


def _sole(found: Sequence[str]) -> str:
    values = set(found)
    if not values:
        raise ValueError("holds no token: put the token alone into it, or as `token = …`")
    if len(values) > 1:
        raise ValueError("holds several values that could be the token: put the token alone into a file of its own")
    return values.pop()


def _unquoted(value: str) -> str:
    for quote in "\"'":
        if len(value) > 1 and value[0] == value[-1] == quote:
            return value[1:-1]
    return value
