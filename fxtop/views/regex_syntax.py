"""The regular expressions of the filter language, taken apart.

A subset of Python's: characters, ``.``, classes, groups, ``|``, ``^``, ``$`` and repetition. What would take more than
one look at each character (back references, look-around) is not in it; `fxtop.views.regex` says why.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from fxtop.protocol.text import inert

MAX_LENGTH: Final = 200
"""Characters of a pattern."""
MAX_REPEAT: Final = 64
"""The highest number in ``{m,n}``."""
MAX_DEPTH: Final = 20
"""Groups within groups."""


class RegexError(Exception):
    """A pattern that isn't one, or is beyond the subset; ``position`` is where in it, the text a sentence."""

    def __init__(self, position: int, sentence: str) -> None:
        self.position = position
        self.sentence = inert(sentence)
        super().__init__(self.sentence)


class Characters(msgspec.Struct, frozen=True):
    """Any one character of a set. The text is in small letters; a set of capitals means the small ones too."""

    ranges: tuple[tuple[str, str], ...] = ()
    kinds: tuple[Callable[[str], bool], ...] = ()
    negated: bool = False

    def __contains__(self, character: str) -> bool:
        return self._holds(character) is not self.negated

    def _holds(self, character: str) -> bool:
        cases = (character, character.upper())
        return any(low <= case <= high for low, high in self.ranges for case in cases if len(case) == 1) or any(
            kind(character) for kind in self.kinds
        )


class Anchor(msgspec.Struct, frozen=True):
    """The beginning or the end of the text."""

    end: bool


class Sequence(msgspec.Struct, frozen=True):
    """One after the other."""

    parts: tuple[Node, ...]


class Choice(msgspec.Struct, frozen=True):
    """Any one of them."""

    options: tuple[Node, ...]


class Repeat(msgspec.Struct, frozen=True):
    """The same again, ``least`` to ``most`` times; None means without end."""

    part: Node
    least: int
    most: int | None


Node = Characters | Anchor | Sequence | Choice | Repeat

ANY: Final = Characters(negated=True)
_KINDS: Final[dict[str, Callable[[str], bool]]] = {
    "d": str.isdecimal,
    "w": lambda character: character.isalnum() or character == "_",
    "s": str.isspace,
    "D": lambda character: not character.isdecimal(),
    "W": lambda character: not (character.isalnum() or character == "_"),
    "S": lambda character: not character.isspace(),
}
_PLAIN_REPEATS: Final[dict[str, tuple[int, int | None]]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def parse(pattern: str) -> Node:
    """The tree of a pattern.

    Raises:
        RegexError: where it isn't one.
    """
    if len(pattern) > MAX_LENGTH:
        raise RegexError(MAX_LENGTH, f"A pattern may have {MAX_LENGTH} characters at most.")
    parser = _Parser(pattern)
    tree = parser.choice()
    if parser.at < len(pattern):
        raise RegexError(parser.at, "There is no group open that this ) could close.")
    return tree


class _Parser:
    """Reads a pattern from left to right; ``at`` is the next character."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.depth = 0

    def choice(self) -> Node:
        options = [self._sequence()]
        while self._take("|"):
            options.append(self._sequence())
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            parts.append(self._repeated())
        return Sequence(tuple(parts))

    def _repeated(self) -> Node:
        start = self.at
        node = self._one()
        bounds = self._repetition()
        if bounds is None:
            return node
        if isinstance(node, Anchor):
            raise RegexError(start, "A beginning or an end can't be repeated.")
        self._take("?")  # a lazy repetition finds the same texts
        if self._repetition() is not None:
            raise RegexError(self.at - 1, "There are two repetitions of one thing; put a group around the first.")
        return Repeat(node, *bounds)

    def _repetition(self) -> tuple[int, int | None] | None:
        for sign, bounds in _PLAIN_REPEATS.items():
            if self._take(sign):
                return bounds
        return self._counted() if self._peek() == "{" else None

    def _counted(self) -> tuple[int, int | None] | None:
        """``{m}``, ``{m,}`` or ``{m,n}``; anything else in braces is plain text."""
        end = self.pattern.find("}", self.at)
        low, comma, high = self.pattern[self.at + 1 : end].partition(",") if end >= 0 else ("", "", "")
        if not low.isdecimal() or not (high.isdecimal() or high == ""):
            return None
        least = int(low)
        most = least if not comma else int(high) if high else None
        if max(least, most or 0) > MAX_REPEAT:
            raise RegexError(self.at, f"A repetition may count to {MAX_REPEAT} at most.")
        if most is not None and most < least:
            raise RegexError(self.at, "This repetition ends before it begins.")
        self.at = end + 1
        return least, most

    def _one(self) -> Node:
        start = self.at
        character = self._next()
        match character:
            case "(":
                return self._group(start)
            case "[":
                return self._class(start)
            case "\\":
                return self._escape(start)
            case ".":
                return ANY
            case "^" | "$":
                return Anchor(character == "$")
            case "*" | "+" | "?":
                raise RegexError(start, f"There is nothing before this {character} to repeat.")
            case _:
                return _literal(character)

    def _group(self, start: int) -> Node:
        if self._take("?") and not self._take(":"):
            raise RegexError(start, "Of groups with a question mark only (?:…) is known here.")
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise RegexError(start, f"Groups may be nested {MAX_DEPTH} deep at most.")
        node = self.choice()
        self.depth -= 1
        if not self._take(")"):
            raise RegexError(start, "This group is never closed.")
        return node

    def _escape(self, start: int) -> Node:
        character = self._next("There is nothing after this backslash.")
        if character in _KINDS:
            return Characters(kinds=(_KINDS[character],))
        if character.isalnum():
            raise RegexError(start, f"\\{character} is not known here; \\d, \\w, \\s, \\D, \\W and \\S are.")
        return _literal(character)

    def _class(self, start: int) -> Node:
        unclosed = "This [ is never closed."
        negated = self._take("^")
        ranges: list[tuple[str, str]] = []
        kinds: list[Callable[[str], bool]] = []
        while not (self._peek() == "]" and (ranges or kinds)):
            low = self._member(start, unclosed)
            if callable(low):
                kinds.append(low)
            elif self._peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("", "]"):
                self.at += 1
                high = self._member(start, unclosed)
                if callable(high) or high < low:
                    raise RegexError(start, "This range of characters ends before it begins.")
                ranges.append((low, high))
            else:
                ranges.append((low, low))
        self.at += 1
        return Characters(tuple(ranges), tuple(kinds), negated)

    def _member(self, start: int, unclosed: str) -> str | Callable[[str], bool]:
        if self.at >= len(self.pattern):
            raise RegexError(start, unclosed)
        character = self._next()
        if character != "\\":
            return character
        escaped = self._next(unclosed)
        if escaped in _KINDS:
            return _KINDS[escaped]
        if escaped.isalnum():
            raise RegexError(self.at - 2, f"\\{escaped} is not known here; \\d, \\w, \\s, \\D, \\W and \\S are.")
        return escaped

    def _peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _take(self, character: str) -> bool:
        if self._peek() != character:
            return False
        self.at += 1
        return True

    def _next(self, missing: str = "The pattern ends too early.") -> str:
        if self.at >= len(self.pattern):
            raise RegexError(max(0, self.at - 1), missing)
        self.at += 1
        return self.pattern[self.at - 1]


def _literal(character: str) -> Node:
    """A character without its case, which may be several: ß is ss."""
    folded = tuple(Characters(((small, small),)) for small in character.casefold())
    return folded[0] if len(folded) == 1 else Sequence(folded)
