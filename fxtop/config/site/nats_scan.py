"""The words of nats-server's configuration grammar (nats-server 2.15, package conf), each read in one go.

Names, strings and numbers are read here, where one begins; `fxtop.config.site.nats_conf` knows what may follow what.
The grammar's oddities are kept, since a doctor that reads more kindly than the server would miss what ails it: an
unquoted value goes on to the next blank even over ``#``, ``authorization{`` is one word, a ``]`` right after a number
belongs to the number.
"""

from __future__ import annotations

import bisect
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from fxtop.config.site.nats_tree import NatsConfError
from fxtop.config.site.place import Place

_SPACES: Final = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
SPACE: Final = re.compile(f"[{_SPACES}]+")
BLANK: Final = re.compile(r"[ \t]+")
COMMENT: Final = re.compile(r"(?:#|//)[^\r\n]*")
_BARE_KEY: Final = re.compile(f"[^:={_SPACES}][^:={_SPACES}]*")
_WORD_GOES_ON: Final = re.compile(r"[^\n\r};, \t]")
_DIGITS: Final = re.compile(r"-?[0-9]+")
_FRACTION: Final = re.compile(r"\.[0-9]+")
_ADDRESS: Final = re.compile(r"[0-9.:-]*")
_SUFFIX: Final = re.compile(r"[kmgtpe][bi]*", re.IGNORECASE)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_BARE_RUN: Final = re.compile(r"[^\\\n\r;,\]} \t']*")
_QUOTED_RUN: Final = re.compile(r'[^"\\]*')
_PATH_RUN: Final = re.compile(r"[^\n\r;} \t']*")
_BLOCK_END: Final = re.compile(r"\n\)(?=\n|\Z)")
_HEX: Final = re.compile(r"x([0-9A-Fa-f]{2})")
_ESCAPES: Final = {"t": "\t", "n": "\n", "r": "\r", '"': '"', "\\": "\\"}
_UNITS: Final = {"": 1} | {
    letter + rest: int(base**power)
    for power, letter in enumerate("kmgtpe", start=1)
    for rest, base in (("", 1000), ("b", 1024), ("i", 1024), ("ib", 1024))
}
_INT_LIMIT: Final = 2**63
_BOOLS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class Bare(str):
    """An unquoted word, which may be a variable."""

    __slots__ = ()


class Scanner:
    """Walks over one text. ``pos`` only grows."""

    def __init__(self, text: str, file: Path) -> None:
        self.text = text
        self.pos = 0
        self._file = file
        self._lines = [found.end() for found in re.finditer("\n", text)]
        if "\0" in text:
            self.pos = text.index("\0")
            raise self.error("holds a NUL character")

    def here(self, pos: int | None = None) -> Place:
        """The place of ``pos``, or of where we are."""
        return Place(self._file, bisect.bisect(self._lines, self.pos if pos is None else pos) + 1)

    def error(self, reason: str) -> NatsConfError:
        """What to raise where we are."""
        return NatsConfError(self.here(), reason)

    def peek(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.pos : self.pos + 1]

    def take(self, pattern: re.Pattern[str]) -> str:
        """What matches here, which is passed over; empty where nothing does."""
        found = pattern.match(self.text, self.pos)
        if found is None:
            return ""
        self.pos = found.end()
        return found[0]

    def takes(self, character: str) -> bool:
        """Pass over ``character`` if it is next, and say whether it was."""
        if not self.text.startswith(character, self.pos):
            return False
        self.pos += len(character)
        return True

    def key(self) -> Bare | str:
        """A key: quoted, or up to a separator or a space."""
        quote = self.peek()
        if quote in ("'", '"') and quote:
            self.pos += 1
            return self._until(quote)
        if quote in (":", "="):
            raise self.error("a separator without a key before it")
        return Bare(self.take(_BARE_KEY))

    def include(self) -> str:
        """The file's name after ``include``. A digest that may follow it isn't looked at."""
        self.take(BLANK)
        first = self.peek()
        if first in ("[", "{", "(", "-", "\\", "\n", "\r", "") or first.isdigit():
            raise self.error("include is not followed by a file's name")
        name = self._quoted_or(_PATH_RUN)
        self.take(BLANK)
        if self.peek() in ("'", '"') and self.peek():
            self._quoted_or(_PATH_RUN)
        return name

    def _quoted_or(self, bare: re.Pattern[str]) -> str:
        quote = self.peek()
        if quote in ("'", '"'):
            self.pos += 1
            return self._until(quote)
        word = self.take(bare)
        self.takes("'")  # which ends a bare word and is lost
        return word

    def scalar(self) -> str | bool | int | float | datetime:
        """A value that is neither array nor block; an unquoted word that may be a variable is `Bare`."""
        first = self.peek()
        if first == "'":
            self.pos += 1
            return self._until("'")
        if first == '"':
            self.pos += 1
            return self._double_quoted()
        if first == "(":
            return self._block_text()
        if first == "-" or (first.isascii() and first.isdigit()):
            return self._number()
        if first == ".":
            raise self.error("a number that begins with a point")
        if first in ("\n", "\r") and first:
            raise self.error("a new line where a value should be")
        return self._bare(self.pos)

    def _until(self, quote: str) -> str:
        end = self.text.find(quote, self.pos)
        if end < 0:
            raise self.error("a quote that is never closed")
        found = self.text[self.pos : end]
        self.pos = end + 1
        return found

    def _double_quoted(self) -> str:
        parts = [self.take(_QUOTED_RUN)]
        while not self.takes('"'):
            parts += (self._escaped(), self.take(_QUOTED_RUN))
        return "".join(parts)

    def _escaped(self) -> str:
        if not self.takes("\\"):
            raise self.error("a quote that is never closed")
        if code := self.take(_HEX):
            return chr(int(code[1:], 16))
        letter = self.peek()
        if letter not in _ESCAPES:
            raise self.error('an escape that is none: there are \\xXX, \\t, \\n, \\r, \\" and \\\\')
        self.pos += 1
        return _ESCAPES[letter]

    def _block_text(self) -> str:
        end = _BLOCK_END.search(self.text, self.pos)
        if end is None:
            raise self.error("a text in parentheses that no ) on a line of its own ends")
        found = self.text[self.pos + 1 : end.start() + 1]
        self.pos = end.end()
        return found

    def _bare(self, start: int) -> str | bool:
        """An unquoted word that began at ``start``: a boolean, a variable, or text."""
        parts = [self.text[start : self.pos], self.take(_BARE_RUN)]
        escaped = False
        while self.peek() == "\\":
            escaped = True
            parts += (self._escaped(), self.take(_BARE_RUN))
        word = "".join(parts)
        if self.takes("'") or escaped:
            return word
        return _BOOLS[word.lower()] if word.lower() in _BOOLS else Bare(word)

    def _number(self) -> str | bool | int | float | datetime:
        """A number, a size, a date, an address, or a word that began like one."""
        start = self.pos
        digits = self.take(_DIGITS)
        if not digits:
            raise self.error("a minus sign without a number")
        negative = digits[0] == "-"
        after = self.peek()
        if after == ".":
            return self._fraction(start)
        if after == "-" and not negative:
            return self._date(start)
        if suffix := self.take(_SUFFIX):
            return self._bare(start) if _WORD_GOES_ON.match(self.text, self.pos) else self._sized(digits, suffix)
        if not negative and self.take(_WORD_GOES_ON):  # which belongs to the word whatever it is
            return self._bare(start)
        return self._sized(digits, "")

    def _sized(self, digits: str, suffix: str) -> int:
        number = int(digits) if len(digits) < 21 else _INT_LIMIT
        if not -_INT_LIMIT <= number < _INT_LIMIT:
            raise self.error("a number that is too large")
        if suffix.lower() not in _UNITS:
            raise self.error("a number with a unit that is none: there are K, KB, KiB and so on up to E")
        return number * _UNITS[suffix.lower()]

    def _fraction(self, start: int) -> str | float:
        if not self.take(_FRACTION):
            raise self.error("a number with nothing behind its point")
        if self.peek() == ".":
            self.take(_ADDRESS)
            return self.text[start : self.pos]
        return float(self.text[start : self.pos])

    def _date(self, start: int) -> datetime:
        self.pos = start
        stamp = self.take(_DATE)
        try:
            return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            raise self.error("a date that is none: it is written as 2026-11-22T10:00:00Z") from None
